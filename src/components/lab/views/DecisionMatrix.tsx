import { fill } from '../../../i18n/fill.ts';
import type { LabStrings } from '../../../i18n/lab.ts';
import type { SchedulingDecision } from '../../../scheduler/decision.ts';
import { decisionMatrix, type FilterCell, type ScoreCell } from '../projection/decisions.ts';
import { Humps } from './Humps.tsx';
import { LabTable, type TableRow } from './LabTable.tsx';

interface DecisionProps {
  readonly decision: SchedulingDecision;
  readonly strings: LabStrings;
}

const Verdict = ({ cell: { verdict, reasons }, strings }: { cell: FilterCell; strings: LabStrings }) => {
  if (verdict === 'passed') return <span class="lab-passed">✓ {strings.passed}</span>;
  if (verdict === 'not asked') return <span class="lab-unasked">– {strings.notAsked}</span>;
  return (
    <span class="lab-rejected">
      ✗ {strings.rejected}
      {reasons.map((reason) => (
        <small key={reason}>{reason}</small>
      ))}
    </span>
  );
};

const Score = ({ cell, strings }: { cell: ScoreCell | undefined; strings: LabStrings }) =>
  cell ? (
    <span class="lab-score" style={{ '--share': cell.share }}>
      <b>{cell.weighted}</b>
      <small>{fill(strings.scoreParts, { raw: cell.raw, normalised: cell.normalised })}</small>
    </span>
  ) : (
    <>–</>
  );

/** Filters and scores, a row for each plugin and a column for each node. Of a large cluster: counts, and the best few. */
export function DecisionMatrix({ decision, strings }: DecisionProps) {
  if (!decision.detailed) return <DecisionSummary decision={decision} strings={strings} />;
  const { nodes, filters, scores } = decisionMatrix(decision);
  if (nodes.length === 0) return null;
  const rows: TableRow[] = [
    ...filters.map(({ plugin, cells }) => ({
      key: `filter ${plugin}`,
      cells: [<Humps name={plugin} />, ...cells.map((cell, i) => <Verdict key={i} cell={cell} strings={strings} />)],
    })),
    ...scores.map(({ plugin, weight, cells }, at) => ({
      key: `score ${plugin}`,
      class: at === 0 ? 'lab-first-score' : undefined,
      cells: [
        <>
          <Humps name={plugin} /> <small>×{weight}</small>
        </>,
        ...cells.map((cell, i) => <Score key={i} cell={cell} strings={strings} />),
      ],
    })),
  ];
  if (scores.length > 0)
    rows.push({
      key: 'total',
      class: 'lab-total',
      cells: [
        strings.total,
        ...nodes.map(({ total, tied }) =>
          total === undefined ? '–' : `${total}${tied ? ` · ${strings.highest}` : ''}`,
        ),
      ],
    });
  return (
    <>
      <LabTable
        label={strings.matrix}
        kind="lab-matrix"
        rowHeaders
        columns={[
          strings.plugin,
          ...nodes.map(({ node, outcome }) => (
            <>
              {node}
              {outcome === 'chosen' && <small> ★ {strings.chosen}</small>}
            </>
          )),
        ]}
        rows={rows}
      />
      {scores.length > 0 && <p class="lab-quiet">{strings.scoreHelp}</p>}
      {decision.skippedFilters.length > 0 && (
        <p class="lab-quiet">{fill(strings.schedSkipped, { plugins: decision.skippedFilters.join(', ') })}</p>
      )}
    </>
  );
}

const DecisionSummary = ({ decision: { rejections, best }, strings }: DecisionProps) => (
  <>
    {rejections.length > 0 && (
      <LabTable
        label={strings.rejections}
        columns={[strings.plugin, strings.rejectedNodes]}
        rows={rejections.map(({ plugin, nodes }) => ({ key: plugin, cells: [plugin, nodes] }))}
      />
    )}
    {best.length > 0 && (
      <LabTable
        label={strings.best}
        columns={[strings.node, strings.total]}
        rows={best.map(({ node, total }) => ({ key: node, cells: [node, total] }))}
      />
    )}
  </>
);
