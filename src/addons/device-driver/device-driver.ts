import { NodeKind } from '../../api/core/node.ts';
import { ResourceSliceKind } from '../../api/resource/resource-slice.ts';
import { hasReason } from '../../api/status.ts';
import type { ResourceSlice } from '../../api/types.ts';
import type { Client } from '../../client/index.ts';
import type { Kernel, Timer } from '../../kernel/index.ts';

/** A device as a ResourceSlice describes it. */
export type SimulatedDevice = NonNullable<ResourceSlice['spec']['devices']>[number];

export interface DeviceDriverOptions {
  readonly kernel: Kernel;
  /** May publish ResourceSlices; its user agent is the driver's lane. */
  readonly client: Client;
  /** Name of the driver, `gpu.example.com`. */
  readonly driver: string;
  readonly nodeName: string;
  readonly devices: readonly SimulatedDevice[];
  /** Tells the node's kubelet that the driver is there, or is gone. */
  readonly registered: (isThere: boolean) => void;
}

/** How often it looks whether its node is registered. */
const RETRY_MS = 1_000;

/**
 * The driver of simulated devices on one node, such as GPUs are: publishes them as a ResourceSlice and registers with
 * the kubelet, as a DRA driver's plugin does. There is nothing to prepare: containers see no device.
 */
export class DeviceDriver {
  readonly #options: DeviceDriverOptions;
  #retry: Timer | undefined;

  constructor(options: DeviceDriverOptions) {
    this.#options = options;
  }

  start(): void {
    const { kernel, client, nodeName, registered } = this.#options;
    try {
      const { uid = '' } = client.resource(NodeKind).get(nodeName).metadata;
      this.#publish(uid);
      registered(true);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      this.#retry = kernel.after(RETRY_MS, client.userAgent, () => this.start());
    }
  }

  stop(): void {
    this.#retry?.cancel();
    this.#options.registered(false);
  }

  /** Writes its slice, or the newest generation of it when it has published before. */
  #publish(nodeUid: string): void {
    const { client, driver, nodeName, devices } = this.#options;
    const slices = client.resource(ResourceSliceKind);
    const fieldSelector = `spec.nodeName=${nodeName},spec.driver=${driver}`;
    const [known] = slices.list({ fieldSelector }).items;
    if (known) {
      const pool = { ...known.spec.pool, generation: known.spec.pool.generation + 1 };
      slices.update({ ...known, spec: { ...known.spec, pool, devices: [...devices] } });
      return;
    }
    slices.create({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceSlice',
      metadata: {
        generateName: `${nodeName}-${driver}-`,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeUid, controller: true }],
      },
      spec: {
        driver,
        nodeName,
        pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
        devices: [...devices],
      },
    });
  }
}
