import type { LabHandle } from '../handle.ts';
import type { PodCell } from '../projection/pod.ts';

/** The Cluster view in words: every Pod as a row. */
export function PodTable({ lab, pods }: { lab: LabHandle; pods: readonly PodCell[] }) {
  const { strings, model } = lab;
  return (
    <div class="lab-scroll">
      <table class="lab-table" aria-label={strings.pods}>
        <thead>
          <tr>
            {[strings.name, strings.ready, strings.status, strings.restarts, strings.node].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pods.map((pod) => (
            <tr key={pod.key}>
              <td>
                <button
                  type="button"
                  class="lab-link"
                  onClick={() => (model.selection.value = { type: 'object', key: pod.key })}
                >
                  {pod.name}
                </button>
              </td>
              <td>{pod.ready}</td>
              <td>{pod.status}</td>
              <td>{pod.restarts}</td>
              <td>{pod.node || '<none>'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {pods.length === 0 && <p class="lab-quiet">{strings.noPods}</p>}
    </div>
  );
}
