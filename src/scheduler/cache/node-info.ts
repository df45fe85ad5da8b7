import type { Node, Taint } from '../../api/types.ts';
import { allocatableOf } from './allocatable.ts';
import { UsedPorts } from '../../api/core/host-ports.ts';
import type { NodeColumns } from './node-columns.ts';
import type { PodIndex } from './pod-index.ts';
import type { PodInfo } from './pod-info.ts';

const NO_PODS: readonly PodInfo[] = [];
const NO_TAINTS: readonly Taint[] = [];
const NO_LABELS: Readonly<Record<string, string>> = {};

/** Whether affinity and spreading see the same in two versions of a Pod. */
const sameToOthers = ({ pod: a }: PodInfo, { pod: b }: PodInfo): boolean =>
  a.metadata.labels === b.metadata.labels &&
  a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
  a.spec.affinity === b.spec.affinity;

/** A node as the scheduler knows it: the object, the Pods on it or about to be, and what they use. */
export class NodeInfo {
  readonly name: string;
  /** Its row in the columns. */
  readonly row: number;
  readonly columns: NodeColumns;
  readonly pods = new Map<string, PodInfo>();
  /** Pods for which room is being made here. */
  nominated: readonly PodInfo[] = NO_PODS;
  /** Undefined while Pods name a node that does not exist (any more). */
  node: Node | undefined;
  labels: Readonly<Record<string, string>> = NO_LABELS;
  unschedulable = false;
  /** Taints that keep Pods away: NoSchedule and NoExecute. */
  hardTaints: readonly Taint[] = NO_TAINTS;
  /** Taints that make a node a worse choice: PreferNoSchedule. */
  softTaints: readonly Taint[] = NO_TAINTS;
  allocatableScalars: ReadonlyMap<string, number> | undefined;
  requestedScalars: Map<string, number> | undefined;
  usedPorts: UsedPorts | undefined;

  readonly #index: PodIndex;

  constructor(name: string, columns: NodeColumns, index: PodIndex) {
    this.name = name;
    this.columns = columns;
    this.#index = index;
    this.row = columns.allocate();
  }

  setNode(node: Node | undefined): void {
    this.node = node;
    this.labels = node?.metadata.labels ?? NO_LABELS;
    this.unschedulable = node?.spec.unschedulable === true;
    const taints = node?.spec.taints ?? NO_TAINTS;
    this.hardTaints = taints.filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
    this.softTaints = taints.filter(({ effect }) => effect === 'PreferNoSchedule');
    const { columns, row } = this;
    const allocatable = node && allocatableOf(node);
    columns.allocatableMilliCpu[row] = allocatable?.milliCpu ?? 0;
    columns.allocatableMemory[row] = allocatable?.memory ?? 0;
    columns.allocatableEphemeralStorage[row] = allocatable?.ephemeralStorage ?? 0;
    columns.allocatablePods[row] = allocatable?.pods ?? 0;
    columns.touch(row);
    this.allocatableScalars = allocatable?.scalars;
  }

  addPod(pod: PodInfo): void {
    this.pods.set(pod.key, pod);
    this.use(pod, 1);
    this.#index.add(pod, this.row);
  }

  /** Returns whether the Pod was there. */
  removePod(key: string): boolean {
    const pod = this.pods.get(key);
    if (!pod) return false;
    this.pods.delete(key);
    this.use(pod, -1);
    this.#index.remove(pod, this.row);
    return true;
  }

  /** Takes over a new version of a Pod that takes the same from the node. */
  replacePod(pod: PodInfo): void {
    const before = this.pods.get(pod.key);
    this.pods.set(pod.key, pod);
    if (!before || sameToOthers(before, pod)) return;
    this.#index.remove(before, this.row);
    this.#index.add(pod, this.row);
  }

  /** Counts what a Pod uses, or no longer uses, be it there or not. */
  use({ requests, hostPorts }: PodInfo, sign: 1 | -1): void {
    const { columns, row } = this;
    columns.requestedMilliCpu[row]! += sign * requests.milliCpu;
    columns.requestedMemory[row]! += sign * requests.memory;
    columns.requestedEphemeralStorage[row]! += sign * requests.ephemeralStorage;
    columns.nonZeroMilliCpu[row]! += sign * requests.nonZeroMilliCpu;
    columns.nonZeroMemory[row]! += sign * requests.nonZeroMemory;
    columns.pods[row]! += sign;
    columns.touch(row);
    for (const port of hostPorts) {
      if (sign > 0) (this.usedPorts ??= new UsedPorts()).add(port);
      else this.usedPorts?.remove(port);
    }
    if (!requests.scalars) return;
    this.requestedScalars ??= new Map();
    for (const [resource, amount] of requests.scalars) {
      this.requestedScalars.set(resource, (this.requestedScalars.get(resource) ?? 0) + sign * amount);
    }
  }
}
