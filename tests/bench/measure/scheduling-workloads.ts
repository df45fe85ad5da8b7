import type { Pod } from '../../../src/api/types.ts';

type Spec = Partial<Pod['spec']>;

/** Pods to create: one template, many names. */
export interface PodTemplate {
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly requests: Readonly<Record<string, string>>;
  readonly spec?: Spec;
}

/** A workload of kube-scheduler's own benchmark (test/integration/scheduler_perf), in numbers and templates of ours. */
export interface SchedulingWorkload {
  /** Zones that nodes take turns in. */
  readonly zones?: readonly string[];
  readonly namespaces?: readonly string[];
  /** Pods that are placed before the measurement. */
  readonly init: { readonly count: (nodes: number) => number; readonly template: PodTemplate };
  readonly measured: { readonly count: (nodes: number) => number; readonly template: PodTemplate };
  /** Pods that keep coming meanwhile: one every so many milliseconds of virtual time. */
  readonly churn?: { readonly everyMs: number; readonly template: PodTemplate };
}

const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';
const REQUESTS = { cpu: '100m', memory: '500Mi' };
const PLAIN: PodTemplate = { namespace: 'default', requests: REQUESTS };
/** A class that needs no object of its own. */
const IMPORTANT: Spec = { priorityClassName: 'system-cluster-critical' };
const NAMESPACES = ['sched-0', 'sched-1'];

/** Terms reach across both namespaces. */
const term = (topologyKey: string, matchLabels: Record<string, string>) => ({
  topologyKey,
  labelSelector: { matchLabels },
  namespaces: NAMESPACES,
});

const related = (labels: Record<string, string>, affinity: Spec['affinity']) =>
  NAMESPACES.map((namespace): PodTemplate => ({ namespace, labels, requests: REQUESTS, spec: { affinity } }));

const GREEN = { color: 'green' };
const BLUE = { color: 'blue' };
const FOO = { foo: '' };
const [repelled, repelledToo] = related(GREEN, {
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(HOSTNAME, GREEN)] },
});
const [attracted, attractedToo] = related(BLUE, {
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(ZONE, BLUE)] },
});
const [attached, attachedToo] = related(FOO, {
  podAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term(HOSTNAME, FOO) }],
  },
});

const spreading = (whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway'): PodTemplate => ({
  ...PLAIN,
  labels: BLUE,
  spec: {
    topologySpreadConstraints: [
      { maxSkew: 5, topologyKey: ZONE, whenUnsatisfiable, labelSelector: { matchLabels: BLUE } },
    ],
  },
});

const inZones: PodTemplate = {
  ...PLAIN,
  spec: {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['zone1', 'zone2'] }] }],
        },
      },
    },
  },
};

const asManyAsNodes = (nodes: number): number => nodes;
const atMost =
  (limit: number) =>
  (nodes: number): number =>
    Math.min(limit, 2 * nodes);
const MOONS = ['moon-1', 'moon-2', 'moon-3'];

export const schedulingWorkloads = {
  basic: { init: { count: atMost(1_000), template: PLAIN }, measured: { count: atMost(10_000), template: PLAIN } },
  'pod-anti-affinity': {
    namespaces: NAMESPACES,
    init: { count: (nodes) => nodes / 5, template: repelled! },
    measured: { count: (nodes) => (nodes * 2) / 5, template: repelledToo! },
  },
  'pod-affinity': {
    zones: ['zone1'],
    namespaces: NAMESPACES,
    init: { count: asManyAsNodes, template: attracted! },
    measured: { count: asManyAsNodes, template: attractedToo! },
  },
  'preferred-pod-affinity': {
    namespaces: NAMESPACES,
    init: { count: asManyAsNodes, template: attached! },
    measured: { count: asManyAsNodes, template: attachedToo! },
  },
  'topology-spreading': {
    zones: MOONS,
    init: { count: asManyAsNodes, template: PLAIN },
    measured: { count: asManyAsNodes, template: spreading('DoNotSchedule') },
  },
  'preferred-topology-spreading': {
    zones: MOONS,
    init: { count: asManyAsNodes, template: PLAIN },
    measured: { count: asManyAsNodes, template: spreading('ScheduleAnyway') },
  },
  'node-affinity': {
    zones: ['zone1'],
    init: { count: asManyAsNodes, template: inZones },
    measured: { count: atMost(10_000), template: inZones },
  },
  // Four small Pods fill a node; a Pod of higher priority has to evict three of them.
  preemption: {
    init: {
      count: (nodes) => nodes * 4,
      template: { ...PLAIN, requests: { cpu: '900m', memory: '500Mi' }, spec: { terminationGracePeriodSeconds: 0 } },
    },
    measured: {
      count: (nodes) => nodes / 5,
      template: { ...PLAIN, requests: { cpu: '3000m', memory: '500Mi' }, spec: IMPORTANT },
    },
  },
  // Real schedulers place some 50 Pods while one of five a second comes that fits nowhere.
  unschedulable: {
    init: { count: () => 100, template: PLAIN },
    measured: { count: atMost(10_000), template: PLAIN },
    churn: {
      everyMs: 24,
      template: { ...PLAIN, requests: { cpu: '9000m', memory: '500Mi' }, spec: IMPORTANT },
    },
  },
} as const satisfies Record<string, SchedulingWorkload>;

export type SchedulingWorkloadName = keyof typeof schedulingWorkloads;
