import { hostPortsOf, UsedPorts } from '../api/core/host-ports.ts';
import { matchesRequired, selectable } from '../api/core/node-selector.ts';
import { milliValue } from '../api/quantity.ts';
import type { Container, Node, Pod } from '../api/types.ts';
import { isSidecar } from './names.ts';

export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** Thousandths by resource name. */
export type Amounts = Record<string, number>;

const add = (to: Amounts, container: Container): void => {
  const { requests } = container.resources ?? {};
  for (const name in requests) to[name] = (to[name] ?? 0) + milliValue(requests[name]);
};

/** What a Pod asks for, in thousandths by resource: its containers together, or its biggest init step. */
export function podRequests(pod: Pod): Amounts {
  const total: Amounts = {};
  for (const container of pod.spec.containers) add(total, container);
  if (pod.spec.initContainers) {
    const sidecars: Amounts = {};
    const peaks: Amounts[] = [];
    for (const container of pod.spec.initContainers) {
      if (isSidecar({ container, list: 'initContainers' })) {
        add(sidecars, container);
        add(total, container);
      } else {
        const peak = { ...sidecars };
        add(peak, container);
        peaks.push(peak);
      }
    }
    for (const peak of peaks) for (const name in peak) total[name] = Math.max(total[name] ?? 0, peak[name]!);
  }
  for (const name in pod.spec.overhead) total[name] = (total[name] ?? 0) + milliValue(pod.spec.overhead[name]);
  return total;
}

/** cpu is counted in thousandths, everything else in units. */
const unitOf =
  (name: string) =>
  (milli: number): number =>
    name === 'cpu' ? milli : Math.ceil(milli / 1000);

/** What the Pods of a node ask for together. */
export class Reservations {
  readonly #byPod = new Map<string, Amounts>();
  readonly #total: Amounts = { pods: 0 };
  /** The ports of the node that Pods took; few ever do. */
  #ports: { readonly used: UsedPorts; readonly byPod: Map<string, ReturnType<typeof hostPortsOf>> } | undefined;

  /** Takes a Pod in if it fits; says why not, in the kubelet's words, if it does not. */
  admit(pod: Pod, node: Node | undefined): Refusal | undefined {
    const wanted: Amounts = { pods: 1000, ...podRequests(pod) };
    const refusal = node && this.#refusal(pod, node, wanted);
    if (refusal) return refusal;
    this.release(pod.metadata.uid!);
    this.#byPod.set(pod.metadata.uid!, wanted);
    for (const name in wanted) this.#total[name] = (this.#total[name] ?? 0) + wanted[name]!;
    this.#takePorts(pod);
    return undefined;
  }

  /**
   * Gives a Pod that runs what it asks for now, if that fits; says why not if it does not: because the node is too small
   * for it, or because others have what it wants.
   */
  resize(pod: Pod, node: Node | undefined): Refusal | undefined {
    const allocatable = node?.status?.allocatable ?? {};
    const wanted: Amounts = { pods: 1000, ...podRequests(pod) };
    for (const name of ['cpu', 'memory']) {
      const capacity = milliValue(allocatable[name] ?? '0');
      if (!node || (wanted[name] ?? 0) <= capacity) continue;
      const unit = unitOf(name);
      const message = `Node didn't have enough capacity: ${name}, requested: ${unit(wanted[name]!)}, capacity: ${unit(capacity)}`;
      return { reason: 'Infeasible', message };
    }
    const uid = pod.metadata.uid!;
    const held = this.#byPod.get(uid);
    this.release(uid);
    const refusal = this.admit(pod, node);
    if (!refusal) return undefined;
    if (held) this.#take(uid, held);
    return { reason: 'Deferred', message: refusal.message };
  }

  #take(uid: string, amounts: Amounts): void {
    this.#byPod.set(uid, amounts);
    for (const name in amounts) this.#total[name] = (this.#total[name] ?? 0) + amounts[name]!;
  }

  /** A Pod's containers are gone. */
  release(uid: string): void {
    const held = this.#byPod.get(uid);
    if (!held) return;
    this.#byPod.delete(uid);
    for (const name in held) this.#total[name]! -= held[name]!;
    const ports = this.#ports?.byPod.get(uid);
    if (!ports) return;
    this.#ports!.byPod.delete(uid);
    for (const port of ports) this.#ports!.used.remove(port);
  }

  #takePorts({ metadata, spec }: Pod): void {
    const ports = hostPortsOf(spec);
    if (ports.length === 0) return;
    this.#ports ??= { used: new UsedPorts(), byPod: new Map() };
    this.#ports.byPod.set(metadata.uid!, ports);
    for (const port of ports) this.#ports.used.add(port);
  }

  clear(): void {
    for (const uid of [...this.#byPod.keys()]) this.release(uid);
  }

  #refusal(pod: Pod, node: Node, wanted: Amounts): Refusal | undefined {
    const allocatable = node.status?.allocatable ?? {};
    for (const name in wanted) {
      // What others advertise for the node is theirs to count, until the kubelet knows of it.
      if (allocatable[name] === undefined && name.includes('/')) continue;
      const capacity = milliValue(allocatable[name] ?? '0');
      const used = this.#total[name] ?? 0;
      if (wanted[name] === 0 || used + wanted[name]! <= capacity) continue;
      const unit = unitOf(name);
      return {
        reason: `OutOf${name}`,
        message: `Node didn't have enough resource: ${name}, requested: ${unit(wanted[name]!)}, used: ${unit(used)}, capacity: ${unit(capacity)}`,
      };
    }
    if (!matchesRequired(pod.spec, selectable(node))) {
      return {
        reason: 'NodeAffinity',
        message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
      };
    }
    const { used } = this.#ports ?? {};
    if (used && hostPortsOf(pod.spec).some((port) => used.conflicts(port))) {
      return {
        reason: 'NodePorts',
        message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
      };
    }
    return undefined;
  }
}
