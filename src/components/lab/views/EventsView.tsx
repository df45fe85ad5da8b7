import { useComputed } from '@preact/signals';
import type { LabHandle } from '../handle.ts';
import { eventRows } from '../projection/events.ts';
import { Humps } from './Humps.tsx';
import { LabTable } from './LabTable.tsx';

/** The Events of the cluster, newest first. */
export function EventsView({ lab }: { lab: LabHandle }) {
  const { model, strings } = lab;
  // Ages are whole seconds: no need to draw again for every frame.
  const second = useComputed(() => Math.floor((model.clock.value?.shownTime ?? 0) / 1000));
  const rows = useComputed(() => {
    void model.objectsVersion.value;
    return eventRows(model.ofKind('Event'), second.value * 1000);
  }).value;
  return (
    <LabTable
      label={strings.tabEvents}
      kind="lab-events"
      columns={[strings.lastSeen, strings.type, strings.reason, strings.object, strings.message]}
      rows={rows.map(({ key, lastSeen, type, reason, object, message }) => ({
        key,
        class: type === 'Warning' ? 'warning' : undefined,
        cells: [lastSeen, type, <Humps name={reason} />, <span class="lab-code">{object}</span>, message],
      }))}
      empty={strings.eventsEmpty}
    />
  );
}
