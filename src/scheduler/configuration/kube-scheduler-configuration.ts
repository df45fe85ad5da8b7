import type { Pod } from '../../api/types.ts';
import type { NodeSelectorTerm } from '../../api/core/node-selector.ts';

/** A plugin that is enabled or disabled; `*` stands for all where plugins are disabled. */
export interface PluginRef {
  readonly name: string;
  /** Multiplier of its scores. */
  readonly weight?: number;
}

export interface PluginSet {
  readonly enabled?: readonly PluginRef[];
  readonly disabled?: readonly PluginRef[];
}

/** The extension points in the words of the configuration. */
export const EXTENSION_POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;

export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

/** Which plugins take part where: `multiPoint` at all points that they implement. */
export type Plugins = { readonly [point in ExtensionPoint | 'multiPoint']?: PluginSet };

export interface ResourceWeight {
  readonly name: string;
  readonly weight?: number;
}

export interface NodeResourcesFitArgs {
  /** Extended resources that are not looked at, and groups of them: `example.com`. */
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
  readonly scoringStrategy?: {
    readonly type?: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
    readonly resources?: readonly ResourceWeight[];
    readonly requestedToCapacityRatio?: {
      readonly shape?: readonly { readonly utilization: number; readonly score: number }[];
    };
  };
}

export interface NodeResourcesBalancedAllocationArgs {
  readonly resources?: readonly ResourceWeight[];
}

export interface InterPodAffinityArgs {
  /** What a placed Pod's required affinity adds to the score of a Pod that it selects, 0 … 100. */
  readonly hardPodAffinityWeight?: number;
  /** Preferences of placed Pods do not count for Pods without affinity of their own. */
  readonly ignorePreferredTermsOfExistingPods?: boolean;
}

type Affinity = NonNullable<Pod['spec']['affinity']>;

export interface NodeAffinityArgs {
  /** Holds for every Pod of the profile besides its own. */
  readonly addedAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms: NodeSelectorTerm[] };
    readonly preferredDuringSchedulingIgnoredDuringExecution?: NonNullable<
      Affinity['nodeAffinity']
    >['preferredDuringSchedulingIgnoredDuringExecution'];
  };
}

export interface PodTopologySpreadArgs {
  /** For Pods without constraints of their own; without selectors, which follow from Services and controllers. */
  readonly defaultConstraints?: readonly {
    readonly topologyKey: string;
    readonly maxSkew: number;
    readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  }[];
  /** `System`: over hosts and zones, softly; `List`: defaultConstraints. */
  readonly defaultingType?: 'System' | 'List';
}

export interface VolumeBindingArgs {
  readonly bindTimeoutSeconds?: number;
}

export interface DefaultPreemptionArgs {
  /** How many candidates are enough to choose from, at least: a share of the nodes and a number. */
  readonly minCandidateNodesPercentage?: number;
  readonly minCandidateNodesAbsolute?: number;
}

export interface CoschedulingArgs {
  /** How long the Pods of a group hold their nodes for the others; 60 unless given. */
  readonly permitWaitingTimeSeconds?: number;
}

export interface ProfileConfiguration {
  readonly schedulerName?: string;
  /** 0 … 100; 0 adapts to the size of the cluster. Instead of the one of the whole configuration. */
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: Plugins;
  readonly pluginConfig?: readonly { readonly name: string; readonly args?: Readonly<Record<string, unknown>> }[];
}

export interface ExtenderConfiguration {
  readonly urlPrefix: string;
  readonly filterVerb?: string;
  readonly preemptVerb?: string;
  readonly prioritizeVerb?: string;
  readonly bindVerb?: string;
  readonly weight?: number;
  readonly ignorable?: boolean;
  readonly nodeCacheCapable?: boolean;
  readonly managedResources?: readonly { readonly name: string; readonly ignoredByScheduler?: boolean }[];
}

/**
 * The file behind kube-scheduler's `--config`, as far as decisions depend on it (kubescheduler.config.k8s.io/v1).
 * https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/
 */
export interface KubeSchedulerConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly percentageOfNodesToScore?: number;
  readonly podInitialBackoffSeconds?: number;
  readonly podMaxBackoffSeconds?: number;
  readonly profiles?: readonly ProfileConfiguration[];
  readonly extenders?: readonly ExtenderConfiguration[];
}
