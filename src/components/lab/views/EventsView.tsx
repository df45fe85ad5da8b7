import { useComputed } from '@preact/signals';
import type { LabHandle } from '../handle.ts';
import { eventRows } from '../projection/events.ts';

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
    <div class="lab-scroll">
      <table class="lab-table lab-events" aria-label={strings.tabEvents}>
        <thead>
          <tr>
            {[strings.lastSeen, strings.type, strings.reason, strings.object, strings.message].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, lastSeen, type, reason, object, message }) => (
            <tr key={key} class={type === 'Warning' ? 'warning' : undefined}>
              <td>{lastSeen}</td>
              <td>{type}</td>
              <td>
                {reason.split(/(?=[A-Z])/).map((hump) => (
                  <>
                    {hump}
                    <wbr />
                  </>
                ))}
              </td>
              <td class="lab-code">{object}</td>
              <td>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="lab-quiet">{strings.eventsEmpty}</p>}
    </div>
  );
}
