import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HorizontalPodAutoscalerKind } from '../../src/api/autoscaling/horizontal-pod-autoscaler.ts';
import { DeploymentKind } from '../../src/api/apps/deployment.ts';
import { formatTime } from '../../src/api/meta.ts';
import type { HorizontalPodAutoscaler, Pod } from '../../src/api/types.ts';
import { HorizontalPodAutoscalerController } from '../../src/controllers/horizontal-pod-autoscaler/horizontal-pod-autoscaler-controller.ts';
import type { MetricsClient, PodMetric } from '../../src/controllers/horizontal-pod-autoscaler/metrics-client.ts';
import {
  forAverage,
  forShare,
  forUtilization,
  forValue,
} from '../../src/controllers/horizontal-pod-autoscaler/replica-calculator.ts';
import { limit, ReplicaHistory, type Rules } from '../../src/controllers/horizontal-pod-autoscaler/replica-history.ts';
import { InformerFactory } from '../../src/client/index.ts';
import { deployment, messages, podTemplate } from './objects.ts';
import { Rig } from './rig.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const TENTH = { scaleUp: 0.1, scaleDown: 0.1 };

type Change = { ready?: boolean; phase?: string; startedS?: number; readyS?: number; going?: boolean };

const pod = (
  name: string,
  { ready = true, phase = 'Running', startedS = 3600, readyS = 3600, going = false }: Change = {},
): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'lab', ...(going ? { deletionTimestamp: formatTime(NOW) } : {}) },
  spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '1' } } }] },
  status: {
    phase: phase as 'Running',
    startTime: formatTime(NOW - startedS * 1000),
    conditions: [
      { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: formatTime(NOW - readyS * 1000) },
    ],
  },
});

const measured = (values: Record<string, number>): Map<string, PodMetric> =>
  new Map(Object.entries(values).map(([name, value]) => [name, { value, timestampMs: NOW, windowMs: 60_000 }]));

const input = (pods: Pod[], currentReplicas = pods.length, tolerances = TENTH) => ({
  currentReplicas,
  tolerances,
  pods,
  nowMs: NOW,
});
const thousand = (pods: Pod[]) => () => new Map(pods.map(({ metadata }) => [metadata.name, 1000]));

const percent = (
  values: Record<string, number>,
  target: number,
  pods: Pod[],
  current?: number,
  tolerances = TENTH,
): number => forUtilization(measured(values), 'cpu', target, thousand(pods), input(pods, current, tolerances)).replicas;

describe('replicas for a utilization', () => {
  const three = [pod('a'), pod('b'), pod('c')];

  test('follow the ratio, rounded up', () => {
    expect(percent({ a: 300, b: 500, c: 700 }, 30, three)).toBe(5);
    expect(percent({ a: 100, b: 100, c: 100 }, 30, three)).toBe(1);
    expect(forUtilization(measured({ a: 300, b: 500, c: 701 }), 'cpu', 30, thousand(three), input(three))).toEqual({
      replicas: 5,
      utilization: 50,
      usage: 500,
    });
  });

  test('stay within the tolerance, each direction by its own', () => {
    expect(percent({ a: 1010, b: 1030, c: 1020 }, 100, three)).toBe(3);
    expect(percent({ a: 1200, b: 1200, c: 1200 }, 100, three)).toBe(4);
    expect(percent({ a: 1200, b: 1200, c: 1200 }, 100, three, 3, { scaleUp: 0.2, scaleDown: 0 })).toBe(3);
    expect(percent({ a: 600, b: 600, c: 600 }, 100, three, 3, { scaleUp: 0, scaleDown: 0.5 })).toBe(3);
  });

  test('take Pods that nobody measured for idle when it goes up, and for busy when it goes down', () => {
    const four = [...three, pod('d')];
    expect(percent({ a: 1000, b: 1000, c: 1000 }, 50, four)).toBe(6);
    expect(percent({ a: 100, b: 100, c: 100 }, 50, four)).toBe(3);
    expect(percent({ a: 600, b: 600, c: 600 }, 50, four)).toBe(4);
    expect(percent({ a: 100, b: 100, c: 100 }, 300, four)).toBe(2);
  });

  test('leave out Pods that start, and count them as idle when it goes up', () => {
    const starting = [...three, pod('d', { ready: false, startedS: 60, readyS: 60 })];
    expect(percent({ a: 100, b: 100, c: 100, d: 5000 }, 50, starting)).toBe(1);
    expect(percent({ a: 1000, b: 1000, c: 1000, d: 5000 }, 50, starting)).toBe(6);
    const fresh = [...three, pod('d', { startedS: 60, readyS: 30 })];
    expect(percent({ a: 1000, b: 1000, c: 1000, d: 5000 }, 50, fresh)).toBe(6);
    const warm = [...three, pod('d', { startedS: 200, readyS: 100 })];
    expect(percent({ a: 1000, b: 1000, c: 1000, d: 1000 }, 50, warm)).toBe(8);
    const neverReady = [...three, pod('d', { ready: false, startedS: 600, readyS: 590 })];
    expect(percent({ a: 1000, b: 1000, c: 1000, d: 5000 }, 50, neverReady)).toBe(6);
    const wasReady = [...three, pod('d', { ready: false, startedS: 600, readyS: 60 })];
    expect(percent({ a: 1000, b: 1000, c: 1000, d: 1000 }, 50, wasReady)).toBe(8);
  });

  test('pass over Pods that go or have failed', () => {
    const pods = [...three, pod('d', { going: true }), pod('e', { phase: 'Failed' })];
    expect(percent({ a: 1000, b: 1000, c: 1000, d: 9000, e: 9000 }, 100, pods, 3)).toBe(3);
  });

  test('cannot be told without Pods, measurements or requests', () => {
    expect(() => percent({ a: 1 }, 50, [])).toThrow('no pods returned by selector while calculating replica count');
    expect(() => percent({}, 50, three)).toThrow('did not receive metrics for targeted pods (pods might be unready)');
    expect(() => percent({ x: 5 }, 50, [pod('x', { going: true }), ...three])).toThrow('did not receive metrics');
    expect(() => percent({ other: 5 }, 50, three)).toThrow('no metrics returned matched known pods');
  });

  test('never turn away from where the measured Pods point', () => {
    const pods = Array.from({ length: 8 }, (_, i) => pod(`p${i}`));
    fc.assert(
      fc.property(
        fc.array(fc.nat(3000), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 200 }),
        (values, target) => {
          const usage = Object.fromEntries(values.map((value, i) => [`p${i}`, value]));
          const wanted = percent(usage, target, pods);
          const ratio = Math.trunc(values.reduce((sum, each) => sum + each, 0) / values.length / 10) / target;
          if (ratio > 1) expect(wanted).toBeGreaterThanOrEqual(pods.length);
          if (ratio < 1) expect(wanted).toBeLessThanOrEqual(pods.length);
        },
      ),
    );
  });
});

describe('replicas for plain numbers', () => {
  const two = [pod('a'), pod('b')];

  test('of each Pod', () => {
    expect(forAverage(measured({ a: 20_000, b: 10_000 }), undefined, 10_000, input(two))).toEqual({
      replicas: 3,
      usage: 15_000,
    });
  });

  test('of one object, from nothing too', () => {
    expect(forValue(40_000, 10_000, input(two)).replicas).toBe(8);
    expect(forValue(10_500, 10_000, input(two)).replicas).toBe(2);
    expect(forValue(25_000, 10_000, input([], 0)).replicas).toBe(3);
    expect(forValue(0, 10_000, input([], 0)).replicas).toBe(0);
  });

  test('of which each has a share', () => {
    expect(forShare(50_000, 10_000, 2, TENTH)).toEqual({ replicas: 5, usage: 25_000 });
    expect(forShare(21_000, 10_000, 2, TENTH)).toEqual({ replicas: 2, usage: 10_500 });
  });
});

describe('the history of an autoscaler', () => {
  const up: Rules = {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 60 },
      { type: 'Percent', value: 100, periodSeconds: 60 },
    ],
  };
  const down: Rules = {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }],
  };
  const bounds = { min: 1, max: 100 };

  test('keeps the highest recommendation of five minutes without rules', () => {
    const history = new ReplicaHistory(8, NOW);
    expect(history.stabilize(3, NOW + 60_000).replicas).toBe(8);
    expect(history.stabilize(2, NOW + 301_000).replicas).toBe(3);
  });

  test('keeps between what both windows recommended', () => {
    const history = new ReplicaHistory(5, NOW);
    const at = (current: number, desired: number, s: number, upWindow = 0) =>
      history.stabilizeBy(
        { ...up, stabilizationWindowSeconds: upWindow },
        down,
        { ...bounds, current, desired },
        NOW + s * 1000,
      );
    expect(at(5, 9, 10)).toMatchObject({ replicas: 9 });
    expect(at(9, 2, 20)).toMatchObject({ replicas: 9, reason: 'ScaleDownStabilized' });
    expect(at(9, 20, 30, 60)).toMatchObject({ replicas: 9, reason: 'ScaleUpStabilized' });
    expect(at(9, 2, 331)).toMatchObject({ replicas: 2 });
  });

  test('limits steps by the policies, and looks back on what was done in their period', () => {
    const history = new ReplicaHistory(2, NOW);
    const at = (current: number, desired: number, s: number, rules = up) =>
      history.limitBy(rules, down, { ...bounds, current, desired }, NOW + s * 1000);
    expect(at(2, 50, 0)).toMatchObject({ replicas: 6, reason: 'ScaleUpLimit' });
    history.scaled(2, 6, NOW);
    expect(at(6, 50, 15)).toMatchObject({ replicas: 6, reason: 'ScaleUpLimit' });
    expect(at(6, 50, 61)).toMatchObject({ replicas: 12 });
    expect(at(6, 50, 61, { ...up, selectPolicy: 'Min' })).toMatchObject({ replicas: 10 });
    expect(at(6, 50, 61, { ...up, selectPolicy: 'Disabled' })).toMatchObject({ replicas: 6 });
    expect(at(60, 150, 61)).toMatchObject({ replicas: 100, reason: 'TooManyReplicas' });
    expect(at(7, 1, 61)).toMatchObject({ replicas: 3, reason: 'ScaleDownLimit' });
    history.scaled(7, 4, NOW + 61_000);
    expect(at(4, 1, 70)).toMatchObject({ replicas: 3 });
    expect(at(4, 3, 200)).toMatchObject({ replicas: 3, reason: 'DesiredWithinRange' });
  });

  test('without rules at most doubles, or goes to four', () => {
    expect(limit({ min: 1, max: 100, current: 1, desired: 50 })).toMatchObject({ replicas: 4, reason: 'ScaleUpLimit' });
    expect(limit({ min: 1, max: 100, current: 10, desired: 50 })).toMatchObject({ replicas: 20 });
    expect(limit({ min: 1, max: 15, current: 10, desired: 50 })).toMatchObject({
      replicas: 15,
      reason: 'TooManyReplicas',
    });
    expect(limit({ min: 3, max: 15, current: 10, desired: 1 })).toMatchObject({
      replicas: 3,
      reason: 'TooFewReplicas',
    });
  });
});

type Metrics = HorizontalPodAutoscaler['spec']['metrics'];

const autoscaler = (spec: Partial<HorizontalPodAutoscaler['spec']> = {}): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', namespace: 'lab' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 10,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    ...spec,
  },
});

/** A rig whose autoscalers see `metrics` instead of an API that nobody serves. */
function rigWith(metrics: (rig: Rig) => Partial<MetricsClient>): Rig {
  const rig = new Rig({ trace: false });
  rig.controllers.stop('horizontal-pod-autoscaler-controller');
  const client = rig.client.as('kube-controller-manager');
  const informers = new InformerFactory(rig.kernel, client);
  const none = (): never => {
    throw new Error('not served');
  };
  const served = { resource: none, pods: none, object: none, external: none, ...metrics(rig) };
  const context = { kernel: rig.kernel, client, informers, kinds: [DeploymentKind] as never, rootCa: '' };
  void new HorizontalPodAutoscalerController(context, served);
  informers.start();
  return rig;
}

const used = (rig: Rig, milli: () => number): Map<string, PodMetric> =>
  new Map(
    rig
      .pods()
      .map(({ metadata }) => [metadata.name, { value: milli(), timestampMs: rig.kernel.now, windowMs: 15_000 }]),
  );

const withRequests = podTemplate('nginx', {
  containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '100m' } } }],
});

const get = (rig: Rig): HorizontalPodAutoscaler => rig.client.resource(HorizontalPodAutoscalerKind).get('web', 'lab');
const conditions = (rig: Rig): string[] =>
  (get(rig).status?.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`);
const replicas = (rig: Rig): number | undefined => rig.client.resource(DeploymentKind).get('web', 'lab').spec.replicas;

describe('a HorizontalPodAutoscaler', () => {
  test('follows the load up at once and down after five minutes', () => {
    let load = 80;
    const rig = rigWith((self) => ({ resource: () => used(self, () => load) }));
    rig.client.resource(DeploymentKind).create(deployment({ replicas: 2, template: withRequests }));
    rig.run(400_000);
    rig.client.resource(HorizontalPodAutoscalerKind).create(autoscaler());
    rig.run(14_000);
    expect(get(rig).status?.conditions).toBeUndefined();
    rig.run(2_000);
    expect(replicas(rig)).toBe(4);
    expect(get(rig).status).toMatchObject({
      currentReplicas: 2,
      desiredReplicas: 4,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 80, averageValue: '80m' } } },
      ],
    });
    expect(conditions(rig)).toEqual([
      'AbleToScale True SucceededRescale',
      'ScalingActive True ValidMetricFound',
      'ScalingLimited False DesiredWithinRange',
    ]);
    load = 20;
    rig.run(60_000);
    expect(replicas(rig)).toBe(4);
    expect(conditions(rig)[0]).toBe('AbleToScale True ScaleDownStabilized');
    rig.run(600_000);
    expect(replicas(rig)).toBe(1);
    expect(messages(rig.events('HorizontalPodAutoscaler'))).toEqual([
      'SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
      'SuccessfulRescale: New size: 2; reason: All metrics below target',
      'SuccessfulRescale: New size: 1; reason: All metrics below target',
    ]);
  });

  test('goes by the metric that asks for most, and does not scale down while one says nothing', () => {
    const metrics: Metrics = [
      {
        type: 'External',
        external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } },
      },
      {
        type: 'Object',
        object: {
          metric: { name: 'rps' },
          describedObject: { kind: 'Service', name: 'web' },
          target: { type: 'Value', value: '100' },
        },
      },
    ];
    let queue: number | undefined = 55_000;
    const rig = rigWith(() => ({
      external: () => {
        if (queue === undefined) throw new Error('no metrics returned from external metrics API');
        return [queue];
      },
      object: () => 100_000,
    }));
    rig.client.resource(DeploymentKind).create(deployment({ replicas: 3 }));
    rig.client.resource(HorizontalPodAutoscalerKind).create(autoscaler({ metrics }));
    rig.run(16_000);
    expect(replicas(rig)).toBe(6);
    expect(get(rig).status?.currentMetrics).toEqual([
      { type: 'External', external: { metric: { name: 'queue' }, current: { averageValue: '18334m' } } },
      {
        type: 'Object',
        object: {
          describedObject: { kind: 'Service', name: 'web' },
          metric: { name: 'rps' },
          current: { value: '100' },
        },
      },
    ]);
    queue = undefined;
    rig.run(30_000);
    expect(conditions(rig)[1]).toBe('ScalingActive True ValidMetricFound');
    rig.client.resource(DeploymentKind).patch('web', 'lab', 'merge', { spec: { replicas: 9 } });
    rig.run(2_000);
    rig.client.resource(HorizontalPodAutoscalerKind).patch('web', 'lab', 'merge', {
      spec: {
        metrics: [
          metrics![0],
          { ...metrics![1], object: { ...metrics![1]!.object, target: { type: 'Value', value: '900' } } },
        ],
      },
    });
    rig.run(16_000);
    expect(replicas(rig)).toBe(9);
    expect(get(rig).status?.conditions?.[1]).toMatchObject({
      status: 'False',
      reason: 'FailedGetExternalMetric',
      message:
        'the HPA was unable to compute the replica count: failed to get queue external metric: unable to get external ' +
        'metric lab/queue/nil: no metrics returned from external metrics API',
    });
  });

  test('says which container requests nothing', () => {
    const rig = rigWith((self) => ({ resource: () => used(self, () => 10) }));
    rig.client.resource(DeploymentKind).create(deployment({ replicas: 1 }));
    rig.run(400_000);
    rig.client.resource(HorizontalPodAutoscalerKind).create(autoscaler());
    rig.run(16_000);
    expect(get(rig).status?.conditions?.[1]?.message).toMatch(
      /^the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container c of Pod web-/,
    );
    expect(messages(rig.events('HorizontalPodAutoscaler'))[1]).toMatch(
      /^FailedComputeMetricsReplicas: invalid metrics \(1 invalid out of 1\), first error is: failed to get cpu resource metric value: failed to get cpu utilization: missing request/,
    );
  });

  test.each([
    ['apps/v1', 'Gadget', 'no matches for kind "Gadget" in group "apps"'],
    ['apps/v1', 'Deployment', 'deployments.apps "lost" not found'],
  ])('cannot scale a %s %s that is not there', (apiVersion, kind, text) => {
    const rig = rigWith(() => ({}));
    rig.client
      .resource(HorizontalPodAutoscalerKind)
      .create(autoscaler({ scaleTargetRef: { apiVersion, kind, name: 'lost' } }));
    rig.run(16_000);
    expect(get(rig).status?.conditions).toMatchObject([
      { reason: 'FailedGetScale', message: `the HPA controller was unable to get the target's current scale: ${text}` },
    ]);
    expect(messages(rig.events('HorizontalPodAutoscaler'))).toEqual([`FailedGetScale: ${text}`]);
  });
});
