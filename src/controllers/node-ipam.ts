import { NodeKind } from '../api/core/node.ts';
import { apiVersionOf } from '../api/kind.ts';
import type { Node } from '../api/types.ts';
import type { Controller, ControllerContext, PodCidrOptions } from './context.ts';
import { ControlLoop } from './control-loop.ts';

/** Hands out equal parts of an IPv4 range, round and round. */
class CidrSet {
  readonly #base: number;
  readonly #mask: number;
  readonly #count: number;
  readonly #used = new Set<number>();
  #next = 0;

  constructor({ clusterCidr, nodeMaskSize }: PodCidrOptions) {
    const [address = '', size = ''] = clusterCidr.split('/');
    this.#base = address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
    this.#mask = nodeMaskSize;
    this.#count = 2 ** (nodeMaskSize - Number(size));
  }

  occupy(cidr: string): void {
    const [address = ''] = cidr.split('/');
    const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    this.#used.add((value - this.#base) / this.#size);
  }

  release(cidr: string): void {
    const [address = ''] = cidr.split('/');
    const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    this.#used.delete((value - this.#base) / this.#size);
  }

  /** The next free part, undefined when all are taken. */
  allocate(): string | undefined {
    for (let tried = 0; tried < this.#count; tried++) {
      const index = this.#next;
      this.#next = (this.#next + 1) % this.#count;
      if (this.#used.has(index)) continue;
      this.#used.add(index);
      const value = this.#base + index * this.#size;
      const parts = [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256);
      return `${parts.join('.')}/${this.#mask}`;
    }
    return undefined;
  }

  get #size(): number {
    return 2 ** (32 - this.#mask);
  }
}

/**
 * Gives every Node its part of the Pods' address range (the range allocator of the node IPAM controller).
 * Ours knows one IPv4 range.
 */
export function startNodeIpam(context: ControllerContext): Controller {
  const nodes = context.informers.for(NodeKind);
  if (!context.podCidrs) return { stop: () => undefined };
  const cidrs = new CidrSet(context.podCidrs);
  const loop = new ControlLoop({
    context,
    name: 'node-ipam-controller',
    account: 'node-controller',
    reconcile: (name) => {
      const node = nodes.getByKey(name);
      if (!node || node.spec.podCIDR) return;
      const cidr = cidrs.allocate();
      if (cidr === undefined) {
        const subject = { apiVersion: apiVersionOf(NodeKind), kind: 'Node', metadata: node.metadata };
        loop.recorder.event(subject, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
        throw new Error(
          `failed to allocate cidr: CIDR allocation failed; there are no remaining CIDRs left to allocate`,
        );
      }
      try {
        loop.client
          .resource(NodeKind)
          .patch(name, undefined, 'strategic', { spec: { podCIDR: cidr, podCIDRs: [cidr] } });
      } catch (error) {
        cidrs.release(cidr);
        throw error;
      }
    },
  });
  const seen = (node: Node): void => {
    if (node.spec.podCIDR) cidrs.occupy(node.spec.podCIDR);
    else loop.queue.add(node.metadata.name);
  };
  loop.on(nodes, {
    add: seen,
    update: (node, old) => {
      if (!node.spec.podCIDR || !old.spec.podCIDR) seen(node);
    },
    delete: ({ spec }) => {
      if (spec.podCIDR) cidrs.release(spec.podCIDR);
    },
  });
  return loop;
}
