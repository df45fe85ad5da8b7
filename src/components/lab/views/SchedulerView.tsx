import { useComputed, useSignal } from '@preact/signals';
import { fill } from '../../../i18n/fill.ts';
import type { LabStrings } from '../../../i18n/lab.ts';
import type { SchedulingDecision } from '../../../scheduler/decision.ts';
import type { LabHandle } from '../handle.ts';
import { decisionsAmong, type RunDecision } from '../projection/decisions.ts';
import { DecisionComparison } from './DecisionComparison.tsx';
import { DecisionMatrix } from './DecisionMatrix.tsx';
import { sinceStart } from './Inspector.tsx';
import { LabTable } from './LabTable.tsx';

/** Decisions listed; a list of thousands serves nobody. */
const MAX_ROWS = 200;

/** How a decision ended, in a word. */
const outcomeText = ({ outcome, node }: SchedulingDecision, strings: LabStrings): string =>
  outcome === 'scheduled' ? `→ ${node}` : outcome === 'unschedulable' ? strings.unschedulable : strings.schedulingError;

/** A decision in sentences: the matrix in words. */
function explain(decision: SchedulingDecision, strings: LabStrings): string[] {
  const { node = '', nodes, best, message, feasibleCount, narrowedBy, preemption } = decision;
  const said = [
    fill(strings.schedLooked, {
      evaluated: decision.evaluatedCount,
      nodes: decision.nodeCount,
      feasible: feasibleCount,
    }),
  ];
  if (narrowedBy.length > 0) said.push(fill(strings.schedNarrowed, { plugins: narrowedBy.join(', ') }));
  if (decision.nominated) said.push(fill(strings.schedNominated, { node }));
  else if (node !== '' && feasibleCount === 1) said.push(fill(strings.schedOnly, { node }));
  else if (node !== '') {
    const tied = nodes.filter((each) => each.tied);
    const total = best[0]?.total ?? 0;
    const names = tied.map((each) => each.node).join(', ');
    said.push(fill(tied.length > 1 ? strings.schedTie : strings.schedBest, { node, total, nodes: names }));
  }
  if (message !== undefined) said.push(message);
  if (preemption)
    said.push(preemption.node ? fill(strings.schedPreempts, { node: preemption.node }) : strings.schedPreemptsNothing);
  for (const { node: candidate, victims } of preemption?.candidates ?? [])
    said.push(fill(strings.schedVictims, { node: candidate, pods: victims.join(', ') }));
  return said;
}

/** The decisions of the scheduler: each as a matrix of nodes and plugins, in words, and against another one. */
export function SchedulerView({ lab }: { lab: LabHandle }) {
  const { model, strings } = lab;
  const chosen = useSignal<string | undefined>(undefined);
  const other = useSignal('');
  const decisions = useComputed((): readonly RunDecision[] => {
    void model.spansVersion.value;
    const clock = model.clock.value;
    const until = clock?.past ? clock.shownTime : Infinity;
    return [
      ...decisionsAmong(model.spans.values(), until, false),
      ...decisionsAmong(model.earlierRun.value, Infinity, true),
    ];
  }).value;
  const selection = model.selection.value;
  const selected = selection?.type === 'span' ? `now ${selection.id}` : undefined;
  const find = (key: string | undefined): RunDecision | undefined => decisions.find((each) => each.key === key);
  const shown = find(selected) ?? find(chosen.value) ?? decisions[0];
  const compared = find(other.value);
  const epoch = model.clock.value?.epoch ?? 0;
  const title = ({ decision, earlierRun }: RunDecision): string =>
    `${decision.pod} ${sinceStart(decision.at, epoch)} ${outcomeText(decision, strings)}${earlierRun ? ` (${strings.earlierRun})` : ''}`;

  return (
    <div class="lab-scheduler">
      <div class="lab-decisions">
        <LabTable
          label={strings.decisions}
          columns={[strings.time, strings.pod, strings.attempt, strings.outcome]}
          rows={decisions.slice(0, MAX_ROWS).map((each) => ({
            key: each.key,
            class: each === shown ? 'selected' : undefined,
            cells: [
              `${sinceStart(each.decision.at, epoch)}${each.earlierRun ? ` · ${strings.earlierRun}` : ''}`,
              <button
                type="button"
                class="lab-link"
                aria-pressed={each === shown}
                onClick={() => {
                  chosen.value = each.key;
                  model.selection.value = each.earlierRun ? undefined : { type: 'span', id: each.decision.span };
                }}
              >
                {each.decision.pod}
              </button>,
              each.decision.attempt,
              outcomeText(each.decision, strings),
            ],
          }))}
          empty={strings.decisionsEmpty}
        />
      </div>
      {shown && (
        <section aria-label={strings.decision}>
          <h3>
            <span class="lab-kind">{shown.decision.component}</span> {title(shown)}
          </h3>
          {explain(shown.decision, strings).map((sentence, i) => (
            <p key={i}>{sentence}</p>
          ))}
          <DecisionMatrix decision={shown.decision} strings={strings} />
          <div class="lab-bar">
            <label class="lab-toggle">
              {strings.compareWith}{' '}
              <select value={other.value} onChange={({ currentTarget }) => (other.value = currentTarget.value)}>
                <option value="">{strings.compareNothing}</option>
                {decisions.slice(0, MAX_ROWS).map(
                  (each) =>
                    each !== shown && (
                      <option key={each.key} value={each.key}>
                        {title(each)}
                      </option>
                    ),
                )}
              </select>
            </label>
            {!shown.earlierRun && (
              <button
                type="button"
                class="lab-small"
                onClick={() => {
                  model.selection.value = { type: 'span', id: shown.decision.span };
                  lab.show('timeline');
                }}
              >
                {strings.inTimeline}
              </button>
            )}
          </div>
          {compared && compared !== shown && (
            <DecisionComparison before={compared.decision} after={shown.decision} strings={strings} />
          )}
        </section>
      )}
    </div>
  );
}
