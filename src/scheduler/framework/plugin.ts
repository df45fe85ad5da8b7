import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types.ts';
import type { Random } from '../../kernel/index.ts';
import type { ClaimWrites } from '../claim-writes.ts';
import type { NamespaceLabels } from '../cache/affinity-terms.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Candidate } from '../preemption/pick-node.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';
import type { WaitingPods } from '../waiting-pods.ts';
import type { Action, ClusterEvent } from './cluster-event.ts';
import type { Cycle } from './cycle.ts';
import type { Listers } from './listers.ts';
import type { Status } from './status.ts';

/** The best that a node can score in one plugin. */
export const MAX_NODE_SCORE = 100;

/** An event that may let in a Pod which this plugin has turned away. */
export interface EventInterest {
  readonly actions: readonly Action[];
  /** Whether this one could; always, when absent (QueueingHint). */
  readonly helps?: (pod: PodInfo, event: ClusterEvent) => boolean;
}

/**
 * A part of the scheduling policy. It implements the extension points that concern it; the framework calls
 * them in the order below. https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/
 */
export interface Plugin {
  readonly name: string;
  /** What may make a Pod that this plugin has rejected schedulable. */
  readonly events?: readonly EventInterest[];

  /** Whether the Pod may enter the active queue at all. */
  preEnqueue?(pod: Pod): Status | undefined;
  /** Order of the active queue: negative when `a` goes first. */
  less?(a: QueuedPod, b: QueuedPod): number;

  /** Computes what the filter needs; may narrow the search to named nodes, reject the Pod, or Skip the filter. */
  preFilter?(cycle: Cycle): PreFilterResult | undefined;
  /** Whether filter is known to let the Pod in on every node, so that it need not be asked. */
  passesEverywhere?(cycle: Cycle): boolean;
  /** Set where filter does not care which Pods are on a node, only what they request and which ports they use. */
  readonly filtersByNumbers?: boolean;
  /** Whether the Pod can run on the node. Called for each candidate: allocates nothing when it can. */
  filter?(cycle: Cycle, pod: PodInfo, node: NodeInfo): Status | undefined;
  /** Corrects what preFilter computed for a Pod that is put on the node, or taken off it, on trial (preemption). */
  addPod?(cycle: Cycle, pod: PodInfo, node: NodeInfo): void;
  removePod?(cycle: Cycle, pod: PodInfo, node: NodeInfo): void;
  /** Called when no node fits; may make room (preemption). */
  postFilter?(cycle: Cycle, rejections: Rejections): PostFilterResult;

  /** Computes what scoring needs; may Skip it. */
  preScore?(cycle: Cycle, nodes: readonly NodeInfo[]): Status | undefined;
  /** Writes `scores[i]` for `nodes[i]`: integers, 0 … MAX_NODE_SCORE once normalised. */
  score?(cycle: Cycle, nodes: readonly NodeInfo[], scores: Float64Array): void;
  /** Brings the first `count` scores into 0 … MAX_NODE_SCORE. */
  normalizeScore?(cycle: Cycle, scores: Float64Array, count: number): void;

  /** Takes what the Pod will use; `unreserve` gives it back. */
  reserve?(cycle: Cycle, pod: PodInfo, nodeName: string): Status | undefined;
  unreserve?(cycle: Cycle, pod: PodInfo, nodeName: string): void;
  /** Lets the Pod go on to binding, refuses, or holds it (Wait) for at most `timeoutMs`. */
  permit?(cycle: Cycle, pod: PodInfo, nodeName: string): PermitResult | undefined;
  /** Whether preBind has something to do, so that it may take a while until the Pod is bound. */
  needsPreBind?(cycle: Cycle, pod: PodInfo, nodeName: string): boolean;
  /** Does what must be done before binding; asked again each second while it answers Wait. */
  preBind?(cycle: Cycle, pod: PodInfo, nodeName: string): Status | undefined;
  /** Tells the API server. Skip leaves it to the next plugin. */
  bind?(cycle: Cycle, pod: PodInfo, nodeName: string): Status | undefined;
  postBind?(cycle: Cycle, pod: PodInfo, nodeName: string): void;
}

export interface PreFilterResult {
  readonly status?: Status;
  /** The only nodes worth looking at. */
  readonly nodeNames?: ReadonlySet<string>;
}

export interface PostFilterResult {
  /** Undefined when room was made. */
  readonly status?: Status;
  /** The node on which room is being made, '' to forget an earlier one; absent to leave it as it is. */
  readonly nominatedNodeName?: string;
  /** Where room could be made, and at which cost. */
  readonly candidates?: readonly Candidate[];
}

export interface PermitResult {
  readonly status: Status;
  /** For how long to wait, 15 minutes at most. */
  readonly timeoutMs?: number;
}

/** Why the nodes that were looked at did not do. */
export interface Rejections {
  readonly total: number;
  /** Nodes that a filter turned away, with its reason. */
  readonly nodes: readonly NodeInfo[];
  readonly statuses: readonly Status[];
  /** Stands for the nodes that were not looked at one by one. */
  readonly absent: Status | undefined;
}

/** What plugins may use of the scheduler they are part of. */
export interface Handle {
  readonly now: () => number;
  readonly random: Random;
  readonly nodes: () => readonly NodeInfo[];
  readonly namespaceLabels: NamespaceLabels;
  readonly listers: Listers;
  /** Whether the cycle's Pod passes every filter on the node, with the Pods nominated to it in place. */
  readonly fits: (cycle: Cycle, node: NodeInfo) => Status | undefined;
  /** Puts a Pod on a node, or takes it off, on trial: whoever does it undoes it before the cycle goes on. */
  readonly addPod: (cycle: Cycle, pod: PodInfo, node: NodeInfo) => void;
  readonly removePod: (cycle: Cycle, pod: PodInfo, node: NodeInfo) => void;
  /** Binds a Pod through the API; throws ApiError. */
  readonly bind: (pod: Pod, nodeName: string) => void;
  /** Set a volume aside for a claim, or have one made for it where a node can use it; they throw ApiError. */
  readonly bindVolume: (volume: PersistentVolume, claim: PersistentVolumeClaim) => void;
  readonly selectNode: (claim: PersistentVolumeClaim, nodeName: string) => void;
  /** Gives devices to ResourceClaims, and takes them back. */
  readonly claims: ClaimWrites;
  /** Leaves of the nodes on which room could be made those that the extenders agree with. */
  readonly agreedByExtenders: (pod: PodInfo, candidates: readonly Candidate[]) => readonly Candidate[] | Status;
  /** The Pods that Permit plugins hold back. */
  readonly waitingPods: Pick<WaitingPods, 'get' | 'list'>;
  /** Deletes Pods to make room for another on their node. */
  readonly evict: (victims: readonly PodInfo[], preemptor: PodInfo, nodeName: string) => void;
}

export type PluginFactory = (handle: Handle) => Plugin;

/** A plugin as a profile lists it. */
export interface PluginEntry {
  readonly create: PluginFactory;
  /** Multiplier of its scores; 1 unless given. */
  readonly weight?: number;
}
