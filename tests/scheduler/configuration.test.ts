import { describe, expect, test } from 'vitest';
import {
  status,
  type KubeSchedulerConfiguration,
  type Plugin,
  type PluginRegistry,
} from '../../src/scheduler/index.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { profilesOf } from '../../src/scheduler/configuration/profiles.ts';
import { defaultProfile } from '../../src/scheduler/plugins/default-profile.ts';
import { Bench, node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

const BROKEN = status('Error', 'Odd', 'broken');

const outline = new Bench([]).outline;
const read = (configuration: KubeSchedulerConfiguration, outOfTree?: PluginRegistry) =>
  profilesOf(configuration, outline, outOfTree);

function rigOf(configuration: KubeSchedulerConfiguration, outOfTree?: PluginRegistry): SchedulingRig {
  const rig = new SchedulingRig({ configuration, ...(outOfTree ? { outOfTree } : {}) });
  for (const name of ['node-1', 'node-2', 'node-3']) {
    rig.createNode(node(name, { labels: { zone: name === 'node-3' ? 'b' : 'a' } }));
  }
  rig.kernel.runUntilSettled();
  return rig;
}

describe('the plugins of a profile', () => {
  test('are the default ones, in their order, unless it says otherwise', () => {
    const [profile] = read({});
    const names = (entries: typeof defaultProfile): string[] => entries.map((entry) => outline(entry).name);
    expect(profile!.schedulerName).toBe('default-scheduler');
    expect(names(profile!.plugins)).toEqual(names(defaultProfile));
    expect(profile!.plugins.map(({ weight }) => weight)).toEqual(defaultProfile.map(({ weight }) => weight ?? 1));
    expect(profile!.points?.filter?.slice(0, 3)).toEqual(['NodeUnschedulable', 'NodeName', 'TaintToleration']);
  });

  test('may be left out everywhere or at one point, and weigh more', () => {
    const [profile] = read({
      profiles: [
        {
          plugins: {
            multiPoint: { enabled: [{ name: 'ImageLocality', weight: 7 }], disabled: [{ name: 'InterPodAffinity' }] },
            score: { disabled: [{ name: 'NodeResourcesFit' }], enabled: [{ name: 'TaintToleration', weight: 5 }] },
          },
        },
      ],
    });
    expect(profile!.points?.filter).not.toContain('InterPodAffinity');
    expect(profile!.points?.filter).toContain('NodeResourcesFit');
    expect(profile!.points?.score).not.toContain('NodeResourcesFit');
    // What a point names and multiPoint has as well comes first there.
    expect(profile!.points?.score?.[0]).toBe('TaintToleration');
    const weights = Object.fromEntries(profile!.plugins.map((entry) => [outline(entry).name, entry.weight]));
    expect(weights).toMatchObject({ ImageLocality: 7, TaintToleration: 5 });
  });

  test('are all off where * is disabled', () => {
    const [profile] = read({
      profiles: [
        {
          plugins: {
            multiPoint: { disabled: [{ name: '*' }] },
            queueSort: { enabled: [{ name: 'PrioritySort' }] },
            bind: { enabled: [{ name: 'DefaultBinder' }] },
          },
        },
      ],
    });
    expect(profile!.plugins.map((entry) => outline(entry).name).sort()).toEqual(['DefaultBinder', 'PrioritySort']);
  });

  test.each<[string, KubeSchedulerConfiguration, RegExp]>([
    ['an unknown plugin', { profiles: [{ plugins: { filter: { enabled: [{ name: 'Nope' }] } } }] }, /no plugin "Nope"/],
    [
      'no plugin that binds',
      { profiles: [{ plugins: { bind: { disabled: [{ name: '*' }] } } }] },
      /at least one plugin for bind/,
    ],
    ['two profiles of one name', { profiles: [{}, {}] }, /Two profiles are named "default-scheduler"/],
    [
      'a filter without what prepares it',
      { profiles: [{ plugins: { preFilter: { disabled: [{ name: 'InterPodAffinity' }] } } }] },
      /"InterPodAffinity" is enabled for filter/,
    ],
    [
      'a shape without points',
      {
        profiles: [
          {
            pluginConfig: [
              { name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'RequestedToCapacityRatio' } } },
            ],
          },
        ],
      },
      /needs scoringStrategy.requestedToCapacityRatio.shape/,
    ],
  ])('are refused with %s', (_what, configuration, message) => {
    expect(() => read(configuration)).toThrow(message);
  });
});

describe('arguments', () => {
  test('addedAffinity holds for every Pod of the profile', () => {
    const term = { matchExpressions: [{ key: 'zone', operator: 'In' as const, values: ['b'] }] };
    const rig = rigOf({
      profiles: [
        {},
        {
          schedulerName: 'zone-b',
          pluginConfig: [
            {
              name: 'NodeAffinity',
              args: {
                addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
              },
            },
          ],
        },
      ],
    });
    rig.createPod(pod('bound', { schedulerName: 'zone-b' }));
    rig.createPod(pod('torn', { schedulerName: 'zone-b', nodeSelector: { zone: 'a' } }));
    rig.kernel.runFor(1_000);
    expect(rig.nodeOf('bound')).toBe('node-3');
    expect(rig.events('FailedScheduling')[0]!.message).toMatch(
      /^0\/3 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector, 2 node\(s\) didn't match scheduler-enforced node affinity\./,
    );
  });

  test('hardPodAffinityWeight is what required affinity of placed Pods adds to scores', () => {
    const affinityTo = (app: string) => ({
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' },
        ],
      },
    });
    const scoreBy = (hardPodAffinityWeight: number): readonly number[] | undefined => {
      const [profile] = read({
        profiles: [{ pluginConfig: [{ name: 'InterPodAffinity', args: { hardPodAffinityWeight } }] }],
      });
      const bench = new Bench([node('a'), node('b')], { profile: profile! });
      const labelled = (name: string, app: string, spec = {}) => {
        const plain = pod(name, spec);
        return { ...plain, metadata: { ...plain.metadata, labels: { app } } };
      };
      bench.cache.setPod(labelled('web', 'web', { nodeName: 'a', affinity: affinityTo('web') }), 'lab/web');
      return bench.place(labelled('p', 'web')).scores.find(({ plugin }) => plugin === 'InterPodAffinity')?.raw;
    };
    expect(scoreBy(5)).toEqual([5, 0]);
    expect(scoreBy(1)).toEqual([1, 0]);
    expect(scoreBy(0)).toBeUndefined();
  });

  test('resources that are ignored are left to others', () => {
    const rig = rigOf({
      profiles: [{ pluginConfig: [{ name: 'NodeResourcesFit', args: { ignoredResourceGroups: ['example.com'] } }] }],
    });
    rig.createPod(
      pod('p', {
        containers: [{ name: 'c', image: 'nginx', resources: { limits: { 'example.com/gpu': '1' } } }],
      }),
    );
    rig.kernel.runFor(1_000);
    expect(rig.nodeOf('p')).toBeDefined();
  });

  test('defaultConstraints of a list may be hard', () => {
    const defaultConstraints = [{ topologyKey: 'rack', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' as const }];
    const [profile] = read({
      profiles: [
        { pluginConfig: [{ name: 'PodTopologySpread', args: { defaultConstraints, defaultingType: 'List' } }] },
      ],
    });
    const service = { metadata: { name: 's', namespace: 'lab' }, spec: { selector: { app: 'web' } } };
    const bench = new Bench([node('a', { labels: { rack: '1' } }), node('b')], {
      profile: profile!,
      listers: { services: () => [service as never] },
    });
    const plain = pod('p');
    const { feasible } = bench.place({ ...plain, metadata: { ...plain.metadata, labels: { app: 'web' } } });
    expect(feasible.map(({ name }) => name)).toEqual(['a']);
  });

  test('back-offs are as long as configured', () => {
    const odd: PluginRegistry = new Map([
      ['Odd', () => () => ({ name: 'Odd', preFilter: () => ({ status: BROKEN }) })],
    ]);
    const profiles = [{ plugins: { multiPoint: { enabled: [{ name: 'Odd' }] } } }];
    const rig = rigOf({ podInitialBackoffSeconds: 4, podMaxBackoffSeconds: 8, profiles }, odd);
    rig.createPod(pod('p'));
    rig.kernel.runFor(60_000);
    const spans = rig.kernel.trace.since(1).filter(({ name }) => name === 'schedule lab/p');
    const seconds = spans.map(({ start }) => Math.floor(start / 1_000));
    const gaps = seconds.slice(1).map((at, i) => at - seconds[i]!);
    expect(gaps.slice(0, 4)).toEqual([4, 8, 8, 8]);
  });
});

describe('a plugin of one’s own', () => {
  test('holds Pods until it allows them, or its time is over', () => {
    let release: (() => void) | undefined;
    const hold: PluginRegistry = new Map([
      [
        'Hold',
        ({ seconds }) =>
          ({ waitingPods }): Plugin => {
            release = () => {
              for (const waiting of waitingPods.list()) waiting.allow('Hold');
            };
            return {
              name: 'Hold',
              permit: () => ({ status: status('Wait', 'Hold'), timeoutMs: Number(seconds) * 1_000 }),
            };
          },
      ],
    ]);
    const configuration = {
      profiles: [
        {
          plugins: { multiPoint: { enabled: [{ name: 'Hold' }] } },
          pluginConfig: [{ name: 'Hold', args: { seconds: 90 } }],
        },
      ],
    };
    const rig = rigOf(configuration, hold);
    rig.createPod(pod('let-go'));
    rig.kernel.runFor(5_000);
    expect(rig.nodeOf('let-go')).toBeUndefined();
    // Others shall know where it will run.
    expect(rig.pod('let-go').status?.nominatedNodeName).toBeDefined();
    release!();
    rig.kernel.runFor(100);
    expect(rig.nodeOf('let-go')).toBeDefined();
    rig.createPod(pod('too-long'));
    rig.kernel.runFor(95_000);
    expect(rig.nodeOf('too-long')).toBeUndefined();
    expect(rig.events('FailedScheduling').map(({ message }) => message)).toEqual([
      '0/1 nodes are available: 1 rejected due to timeout after waiting 1m30s at plugin Hold.',
    ]);
  });

  test('lets a Pod go that is deleted while it is held', () => {
    const hold: PluginRegistry = new Map([
      ['Hold', () => (): Plugin => ({ name: 'Hold', permit: () => ({ status: status('Wait', 'Hold') }) })],
    ]);
    const rig = rigOf({ profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'Hold' }] } } }] }, hold);
    rig.createPod(pod('p', {}, { cpu: '4' }));
    rig.kernel.runFor(100);
    expect(rig.scheduler.waiting.list()).toHaveLength(1);
    rig.client.resource(PodKind).delete('p', 'lab');
    rig.kernel.runFor(100);
    expect(rig.scheduler.waiting.list()).toEqual([]);
    expect(rig.scheduler.cache.isAssumed('lab/p')).toBe(false);
  });

  test('whose scores are none fails the attempt instead of the scheduler', () => {
    const odd: PluginRegistry = new Map([
      ['Odd', () => () => ({ name: 'Odd', score: (_cycle, nodes, scores) => void scores.fill(NaN, 0, nodes.length) })],
    ]);
    const rig = rigOf({ profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'Odd' }] } } }] }, odd);
    rig.createPod(pod('p'));
    rig.kernel.runFor(100);
    expect(rig.events('FailedScheduling')[0]!.message).toBe(
      'applying score defaultWeights on Score plugins: plugin "Odd" returns an invalid score NaN, it should in the range of [0, 100] after normalizing',
    );
  });
});
