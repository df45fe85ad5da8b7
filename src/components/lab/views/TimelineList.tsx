import { fill } from '../../../i18n/fill.ts';
import type { ShownSpan } from '../../../lab/protocol.ts';
import type { LabHandle } from '../handle.ts';
import { sinceStart } from './Inspector.tsx';
import { LabTable } from './LabTable.tsx';

/** Rows drawn; a list of thousands serves nobody. */
const MAX_ROWS = 200;

/** The timeline in words, newest first. */
export function TimelineList({ lab, spans }: { lab: LabHandle; spans: readonly ShownSpan[] }) {
  const { model, strings } = lab;
  const rows = spans.slice(-MAX_ROWS).reverse();
  const epoch = model.clock.value?.epoch ?? 0;
  const selected = model.selection.value?.type === 'span' ? model.selection.value.id : undefined;
  return (
    <details class="lab-list">
      <summary>
        {strings.timelineList}
        {rows.length < spans.length && (
          <small> {fill(strings.moreRows, { count: rows.length, total: spans.length })}</small>
        )}
      </summary>
      <LabTable
        label={strings.timelineList}
        columns={[strings.time, strings.component, strings.what]}
        rows={rows.map(({ id, start, component, name }) => ({
          key: id,
          class: id === selected ? 'selected' : undefined,
          cells: [
            sinceStart(start, epoch),
            component,
            <button type="button" class="lab-link" onClick={() => (model.selection.value = { type: 'span', id })}>
              {name}
            </button>,
          ],
        }))}
      />
    </details>
  );
}
