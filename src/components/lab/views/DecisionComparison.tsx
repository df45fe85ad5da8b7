import type { LabStrings } from '../../../i18n/lab.ts';
import { differenceBetween } from '../../../scheduler/decision-difference.ts';
import type { NodeDecision, SchedulingDecision } from '../../../scheduler/decision.ts';
import { LabTable, type TableRow } from './LabTable.tsx';

interface ComparisonProps {
  readonly before: SchedulingDecision;
  readonly after: SchedulingDecision;
  readonly strings: LabStrings;
}

const NOTHING = '–';

function stateOf(node: NodeDecision | undefined, strings: LabStrings): string {
  if (!node) return NOTHING;
  if (node.outcome !== 'rejected') return node.outcome === 'chosen' ? strings.chosen : strings.passed;
  return [`${strings.rejected}: ${node.rejectedBy}`, ...node.reasons].join('; ');
}

/** What differs between two decisions, line by line. */
export function DecisionComparison({ before, after, strings }: ComparisonProps) {
  const { same, outcome, node, message, weights, nodes } = differenceBetween(before, after);
  if (same) return <p role="status">{strings.sameDecision}</p>;
  const rows: TableRow[] = [];
  const add = (what: string, was: string | number = NOTHING, is: string | number = NOTHING): void =>
    void (was === is || rows.push({ key: what, cells: [what, was, is] }));
  if (outcome) add(strings.outcome, outcome.before, outcome.after);
  if (node) add(strings.node, node.before, node.after);
  if (message) add(strings.message, message.before, message.after);
  for (const weight of weights) add(`${weight.plugin} ×`, weight.before, weight.after);
  for (const change of nodes) {
    add(change.node, stateOf(change.before, strings), stateOf(change.after, strings));
    for (const score of change.scores) add(`${change.node} · ${score.plugin}`, score.before, score.after);
    add(`${change.node} · ${strings.total}`, change.before?.total, change.after?.total);
  }
  return (
    <LabTable
      label={strings.differences}
      kind="lab-differences"
      rowHeaders
      columns={[strings.what, strings.before, strings.after]}
      rows={rows}
    />
  );
}
