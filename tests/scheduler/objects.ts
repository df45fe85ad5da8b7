import type { Node, Pod, PodDisruptionBudget } from '../../src/api/types.ts';
import { SchedulerCache } from '../../src/scheduler/cache/cache.ts';
import { podInfo } from '../../src/scheduler/cache/pod-info.ts';
import type { Listers } from '../../src/scheduler/framework/listers.ts';
import { NO_OBJECTS } from './no-objects.ts';
import { Framework } from '../../src/scheduler/framework/framework.ts';
import type { Handle, Plugin, PluginEntry } from '../../src/scheduler/framework/plugin.ts';
import type { Profile } from '../../src/scheduler/profile.ts';
import { Random } from '../../src/kernel/index.ts';
import { defaultProfile } from '../../src/scheduler/plugins/default-profile.ts';
import { Nominations } from '../../src/scheduler/preemption/nominations.ts';
import { SchedulingAlgorithm, type Placement } from '../../src/scheduler/scheduling-algorithm.ts';

type PodSpec = Partial<Pod['spec']>;
type NodeOptions = {
  labels?: Record<string, string>;
  allocatable?: Record<string, string>;
  spec?: Node['spec'];
  images?: { names: string[]; sizeBytes: number }[];
};

export function node(name: string, { labels, allocatable, spec, images }: NodeOptions = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: spec ?? {},
    status: { allocatable: allocatable ?? { cpu: '4', memory: '8Gi', pods: '110' }, ...(images ? { images } : {}) },
  };
}

export function pod(name: string, spec: PodSpec = {}, requests?: Record<string, string>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'lab', uid: `uid-${name}` },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [{ name: 'c', image: 'nginx', ...(requests ? { resources: { requests } } : {}) }],
      ...spec,
    },
  };
}

interface BenchOptions {
  seed?: number;
  listers?: Partial<Listers>;
  profile?: Pick<Profile, 'plugins' | 'points'>;
}

/** Cache, framework and algorithm without an API: places Pods on plain objects. */
export class Bench {
  readonly cache = new SchedulerCache();
  readonly nominations = new Nominations(this.cache);
  /** What preemption chose: node, then victims. */
  readonly evicted: string[][] = [];
  /** What the cluster has besides. */
  readonly listers: Partial<Listers>;
  readonly budgets: PodDisruptionBudget[] = [];
  readonly framework: Framework;
  /** A plugin of its own, to see which extension points it has. */
  readonly outline: (entry: PluginEntry) => Plugin;
  readonly algorithm: SchedulingAlgorithm;

  constructor(
    nodes: readonly Node[],
    { seed = 1, listers = {}, profile = { plugins: defaultProfile } }: BenchOptions = {},
  ) {
    this.listers = listers;
    for (const each of nodes) this.cache.setNode(each);
    const random = new Random(seed, 'scheduler');
    const handle: Handle = {
      now: () => 0,
      random,
      nodes: () => this.cache.nodes,
      namespaceLabels: this.cache.index.namespaceLabels,
      listers: { ...NO_OBJECTS, podDisruptionBudgets: () => this.budgets, ...this.listers },
      bindVolume: () => undefined,
      selectNode: () => undefined,
      fits: (cycle, each) => this.framework.filterBeside([], cycle, each),
      addPod: (cycle, each, on) => this.framework.addPod(cycle, each, on),
      removePod: (cycle, each, on) => this.framework.removePod(cycle, each, on),
      bind: () => undefined,
      agreedByExtenders: (_pod, candidates) => candidates,
      waitingPods: { get: () => undefined, list: () => [] },
      claims: { reserve: (claim) => claim, release: () => undefined, deallocate: () => undefined },
      evict: (victims, _preemptor, on) =>
        this.evicted.push([on, ...victims.map(({ pod: { metadata } }) => metadata.name)]),
    };
    this.outline = ({ create }) => create(handle);
    this.framework = new Framework(profile.plugins, handle, profile.points);
    this.algorithm = new SchedulingAlgorithm(this.cache, this.nominations, random);
  }

  place(object: Pod): Placement {
    return this.algorithm.place({ framework: this.framework, percentageOfNodesToScore: 0 }, podInfo(object), true);
  }

  /** Places a Pod and counts it there. */
  put(object: Pod): string | undefined {
    const { node: found } = this.place(object);
    if (found) this.cache.assume(podInfo(object), found.name);
    return found?.name;
  }
}
