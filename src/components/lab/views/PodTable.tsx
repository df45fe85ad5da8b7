import type { LabHandle } from '../handle.ts';
import type { PodCell } from '../projection/pod.ts';
import { LabTable } from './LabTable.tsx';

/** The Cluster view in words: every Pod as a row. */
export function PodTable({ lab, pods }: { lab: LabHandle; pods: readonly PodCell[] }) {
  const { strings, model } = lab;
  return (
    <LabTable
      label={strings.pods}
      kind="lab-pods"
      columns={[strings.name, strings.ready, strings.status, strings.restarts, strings.node]}
      rows={pods.map(({ key, name, ready, status, restarts, node }) => ({
        key,
        cells: [
          <button type="button" class="lab-link" onClick={() => (model.selection.value = { type: 'object', key })}>
            {name}
          </button>,
          ready,
          status,
          restarts,
          node || '<none>',
        ],
      }))}
      empty={strings.noPods}
    />
  );
}
