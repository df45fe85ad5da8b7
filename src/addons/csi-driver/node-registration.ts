import { hasReason } from '../../api/status.ts';
import { CsiNodeKind } from '../../api/storage/csi-node.ts';
import type { CsiNode } from '../../api/types.ts';
import type { Client, InformerFactory } from '../../client/index.ts';

/**
 * Says in the CSINode of every node that a driver is there, and by what name it knows the node. On a real node the
 * kubelet does so when the driver's node-driver-registrar tells it of the driver.
 */
export function registerOnNodes(informers: InformerFactory, client: Client, driver: string): void {
  const register = (node: CsiNode): void => {
    const { drivers } = node.spec;
    if (drivers?.some(({ name }) => name === driver)) return;
    const entry = { name: driver, nodeID: node.metadata.name };
    try {
      client.resource(CsiNodeKind).update({ ...node, spec: { drivers: [...(drivers ?? []), entry] } } as CsiNode);
    } catch (error) {
      // What has changed meanwhile comes again.
      if (!hasReason(error, 'Conflict') && !hasReason(error, 'NotFound')) throw error;
    }
  };
  informers.for(CsiNodeKind).addHandler({ add: register, update: register });
}
