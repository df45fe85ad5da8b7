import { NodeKind } from '../../../src/api/core/node.ts';
import { assembleCluster } from '../../../src/cluster/assemble.ts';
import { everything } from '../../../src/cluster/parts.ts';

/** Starts a cluster such as labs have and runs it until its first node is Ready. */
export function boot(): void {
  const { kernel, client } = startLab();
  const ready = (): boolean =>
    client
      .resource(NodeKind)
      .list()
      .items.some(({ status }) =>
        status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
      );
  if (!kernel.runWhile(() => !ready(), 60_000)) throw new Error('no node became Ready');
}

function startLab() {
  const cluster = assembleCluster({ seed: 1, nodes: 3 }, everything);
  return { kernel: cluster.kernel, client: cluster.client() };
}
