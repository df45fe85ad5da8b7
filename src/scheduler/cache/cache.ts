import type { Node, Pod } from '../../api/types.ts';
import { ImageStates } from './image-states.ts';
import { NodeColumns } from './node-columns.ts';
import { NodeInfo } from './node-info.ts';
import { NodeOrder } from './node-order.ts';
import { PodIndex } from './pod-index.ts';
import { podInfo, type PodInfo } from './pod-info.ts';
import type { Snapshot } from './snapshot.ts';
import { Topologies } from './topology.ts';

interface Placement {
  pod: PodInfo;
  readonly node: NodeInfo;
  /** Decided here, not yet seen in the API. */
  assumed: boolean;
}

/**
 * The scheduler's picture of the nodes and the Pods on them: what the API says, plus the Pods whose binding is
 * still on its way (assumed), so that the next decision counts them already.
 */
export class SchedulerCache implements Snapshot {
  readonly columns = new NodeColumns();
  readonly images = new ImageStates();
  readonly marked = { cordoned: 0, hardTaints: 0, softTaints: 0 };
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #order = new NodeOrder();
  readonly #placements = new Map<string, Placement>();
  readonly topologies = new Topologies(() => this.#order.list);
  readonly index = new PodIndex(() => this.#nodes.values());

  get nodes(): readonly NodeInfo[] {
    return this.#order.list;
  }

  get(nodeName: string): NodeInfo | undefined {
    const info = this.#nodes.get(nodeName);
    return info?.node ? info : undefined;
  }

  setNode(node: Node): void {
    const info = this.#nodeInfo(node.metadata.name);
    this.#mark(info, -1);
    info.setNode(node);
    this.#mark(info, 1);
    this.images.set(info.name, node.status?.images);
    this.#order.put(info);
    this.topologies.place(info);
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    this.#mark(info, -1);
    info.setNode(undefined);
    this.images.set(name, undefined);
    this.#order.remove(info);
    this.topologies.place(info);
    this.#dropIfEmpty(info);
  }

  /** Counts a Pod on a node before the API knows. */
  assume(pod: PodInfo, nodeName: string): void {
    this.#place(pod, nodeName, true);
  }

  isAssumed(key: string): boolean {
    return this.#placements.get(key)?.assumed ?? false;
  }

  /** Takes back an assumption: the binding failed. */
  forget(key: string): void {
    if (this.isAssumed(key)) this.removePod(key);
  }

  /** A Pod with a node, as the API says; confirms an assumption or corrects it. */
  setPod(pod: Pod, key: string): void {
    const placement = this.#placements.get(key);
    const info = podInfo(pod, placement?.pod);
    const nodeName = pod.spec.nodeName!;
    if (placement && placement.node.name === nodeName && placement.pod.uid === info.uid) {
      placement.assumed = false;
      if (info.requests === placement.pod.requests && info.hostPorts === placement.pod.hostPorts) {
        placement.node.replacePod(info);
        placement.pod = info;
        return;
      }
    }
    if (placement) this.removePod(key);
    this.#place(info, nodeName, false);
  }

  removePod(key: string): void {
    const placement = this.#placements.get(key);
    if (!placement) return;
    this.#placements.delete(key);
    placement.node.removePod(key);
    this.#dropIfEmpty(placement.node);
  }

  #mark({ unschedulable, hardTaints, softTaints }: NodeInfo, sign: 1 | -1): void {
    if (unschedulable) this.marked.cordoned += sign;
    if (hardTaints.length > 0) this.marked.hardTaints += sign;
    if (softTaints.length > 0) this.marked.softTaints += sign;
  }

  #place(pod: PodInfo, nodeName: string, assumed: boolean): void {
    const node = this.#nodeInfo(nodeName);
    node.addPod(pod);
    this.#placements.set(pod.key, { pod, node, assumed });
  }

  /** The node of that name, be there one or not, kept until release(). */
  claim(name: string): NodeInfo {
    return this.#nodeInfo(name);
  }

  release(node: NodeInfo): void {
    this.#dropIfEmpty(node);
  }

  #nodeInfo(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (!info) this.#nodes.set(name, (info = new NodeInfo(name, this.columns, this.index)));
    return info;
  }

  #dropIfEmpty(info: NodeInfo): void {
    if (info.node || info.pods.size > 0 || info.nominated.length > 0) return;
    this.#nodes.delete(info.name);
    this.columns.release(info.row);
  }
}
