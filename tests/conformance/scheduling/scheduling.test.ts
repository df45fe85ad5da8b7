import { beforeAll, describe, expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types.ts';
import { operate } from '../api-operations.ts';
import { refusal } from '../client.ts';
import { limitRanges, nodes, pods, priorityClasses, replicaSets } from '../kinds.ts';
import { afterwards, gone, namespace, reaches, template, unique, until } from '../scene.ts';

/** Nobody else asks for these, so that what is taken of them is what these tests took. */
const FOO = 'scheduling.k8s.io/foo';
const BAR = 'scheduling.k8s.io/bar';

let names: readonly string[];

beforeAll(async () => {
  names = (await nodes().list()).items.map(({ metadata }) => metadata.name);
  const more = { [FOO]: '10', [BAR]: '5' };
  for (const name of names) await nodes().patch(`${name}/status`, { status: { capacity: more, allocatable: more } });
});

const pod = (name: string, spec: object = {}, container: object = {}, labels: object = {}) => ({
  ...template({}, container, spec),
  metadata: { name, labels },
});

const takes = (resource: string, amount: number) => ({
  resources: { requests: { [resource]: String(amount) }, limits: { [resource]: String(amount) } },
});

const scheduled = (ns: string, name: string) => reaches(pods(ns), name, ({ spec }) => spec.nodeName !== undefined);

const unschedulable = (ns: string, name: string) =>
  reaches(
    pods(ns),
    name,
    ({ status }) =>
      status?.conditions?.some((one) => one.type === 'PodScheduled' && one.reason === 'Unschedulable') ?? false,
  );

async function priorityClass(value: number): Promise<string> {
  const name = unique('priority');
  await priorityClasses().create({ metadata: { name }, value });
  afterwards(() => priorityClasses().delete(name));
  return name;
}

const on = (name: string) => ({ nodeSelector: { 'kubernetes.io/hostname': name } });

describe('[sig-scheduling] SchedulerPredicates', () => {
  test('Scheduler, resource limits', async () => {
    const ns = await namespace();
    for (const [i, name] of names.entries()) await pods(ns).create(pod(`filler-${i}`, on(name), takes(BAR, 3)));
    for (const i of names.keys()) await scheduled(ns, `filler-${i}`);
    await pods(ns).create(pod('additional', {}, takes(BAR, 3)));
    const { status } = await unschedulable(ns, 'additional');
    expect(status?.conditions?.[0]?.message).toContain(`Insufficient ${BAR}`);
  });

  test('Scheduler, node selector not matching', async () => {
    const ns = await namespace();
    await pods(ns).create(pod('restricted', { nodeSelector: { label: 'nonempty' } }));
    await unschedulable(ns, 'restricted');
  });

  test('Scheduler, node selector matching', async () => {
    const ns = await namespace();
    const key = unique('e2e');
    await nodes().patch(names[1]!, { metadata: { labels: { [key]: '42' } } });
    afterwards(() => nodes().patch(names[1]!, { metadata: { labels: { [key]: null } } }));
    await pods(ns).create(pod('with-labels', { nodeSelector: { [key]: '42' } }));
    expect((await scheduled(ns, 'with-labels')).spec.nodeName).toBe(names[1]);
  });

  test('Scheduling, HostPort and Protocol match, HostIPs different but one is default HostIP (0.0.0.0)', async () => {
    const ns = await namespace();
    const port = (hostIP: string) => ({ ports: [{ containerPort: 80, hostPort: 54322, protocol: 'TCP', hostIP }] });
    await pods(ns).create(pod('pod4', on(names[0]!), port('0.0.0.0')));
    await scheduled(ns, 'pod4');
    await pods(ns).create(pod('pod5', on(names[0]!), port('127.0.0.1')));
    await unschedulable(ns, 'pod5');
  });

  test('Scheduling, HostPort matching and HostIP and Protocol not-matching', async () => {
    const ns = await namespace();
    const port = (hostIP: string, protocol: string) => ({
      ports: [{ containerPort: 80, hostPort: 54323, protocol, hostIP }],
    });
    const { status } = await nodes().get(names[0]!);
    const ip = status!.addresses!.find(({ type }) => type === 'InternalIP')!.address;
    await pods(ns).create(pod('pod1', on(names[0]!), port('127.0.0.1', 'TCP')));
    await pods(ns).create(pod('pod2', on(names[0]!), port(ip, 'TCP')));
    await pods(ns).create(pod('pod3', on(names[0]!), port(ip, 'UDP')));
    for (const name of ['pod1', 'pod2', 'pod3'])
      await reaches(pods(ns), name, ({ status: now }) => now?.phase === 'Running');
  });
});

describe('[sig-scheduling] SchedulerPreemption', { concurrent: false }, () => {
  /** Pods of low and middle priority that leave no room for another on any node. */
  const filled = async (): Promise<{ readonly ns: string; readonly low: string }> => {
    const ns = await namespace();
    const [low, medium] = [await priorityClass(1), await priorityClass(100)];
    for (const [i, name] of names.entries())
      await pods(ns).create(
        pod(`victim-${i}`, { ...on(name), priorityClassName: i === 0 ? low : medium }, takes(FOO, 9)),
      );
    for (const i of names.keys()) await scheduled(ns, `victim-${i}`);
    return { ns, low };
  };

  const preempts = async (priorityClassName: string) => {
    const { ns } = await filled();
    const where = priorityClassName.startsWith('system') ? 'kube-system' : ns;
    const name = unique('preemptor');
    await pods(where).create(pod(name, { priorityClassName }, takes(FOO, 9)));
    afterwards(() => pods(where).delete(name));
    await scheduled(where, name);
    const left = (await pods(ns).list()).items.filter(({ metadata }) => metadata.name.startsWith('victim'));
    expect(left.filter(({ metadata }) => metadata.deletionTimestamp === undefined)).toHaveLength(names.length - 1);
    await gone(pods(ns), 'victim-0');
    await pods(where).delete(name);
    for (const i of names.keys()) if (i > 0) await pods(ns).delete(`victim-${i}`);
    await gone(pods(where), name);
  };

  test('Scheduler, Basic Preemption', async () => preempts(await priorityClass(1000)));

  test('Scheduler, Preemption for critical pod', () => preempts('system-cluster-critical'));

  test('Verify the DisruptionTarget condition is added to the preempted pod', async () => {
    const ns = await namespace();
    const [low, high] = [await priorityClass(1), await priorityClass(1000)];
    const node = names[2]!;
    const victim = pod('victim-pod', { ...on(node), priorityClassName: low }, takes(FOO, 9));
    await pods(ns).create({ ...victim, metadata: { name: 'victim-pod', finalizers: ['example.com/test-finalizer'] } });
    await scheduled(ns, 'victim-pod');
    await pods(ns).create(pod('preemptor-pod', { ...on(node), priorityClassName: high }, takes(FOO, 9)));
    const { status } = await reaches(
      pods(ns),
      'victim-pod',
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    );
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }),
    );
    await pods(ns).patch('victim-pod', { metadata: { finalizers: null } });
    await gone(pods(ns), 'victim-pod');
    await pods(ns).delete('preemptor-pod');
    await gone(pods(ns), 'preemptor-pod');
  });

  test('Pod preemption verification', async () => {
    const ns = await namespace();
    const node = names[1]!;
    const classes = [await priorityClass(1), await priorityClass(2), await priorityClass(3), await priorityClass(4)];
    const set = (i: number, replicas: number, amount: number) => {
      const labels = { name: `pod${i + 1}` };
      const spec = template(labels, takes(FOO, amount), { ...on(node), priorityClassName: classes[i] });
      return {
        metadata: { name: `rs-pod${i + 1}` },
        spec: { replicas, selector: { matchLabels: labels }, template: spec },
      };
    };
    const placed = async (i: number) =>
      (await pods(ns).list({ labelSelector: `name=pod${i + 1}` })).items.filter(
        ({ spec, metadata }: Pod) => spec.nodeName === node && metadata.deletionTimestamp === undefined,
      ).length;
    for (const [i, replicas] of [5, 4, 1].entries()) {
      await replicaSets(ns).create(set(i, replicas, 1));
      await until(
        () => placed(i),
        (count) => count === replicas,
      );
    }
    // Six of ten are wanted by whom all others give way to: those of the least priority go first.
    await replicaSets(ns).create(set(3, 1, 6));
    await until(
      () => placed(3),
      (count) => count === 1,
    );
    expect([await placed(0), await placed(1), await placed(2)]).toEqual([0, 3, 1]);
  });

  test('Scheduler, Verify PriorityClass endpoints', async () => {
    await operate({
      resource: priorityClasses(),
      object: (nth) => ({ value: 1 + nth, description: 'd' }),
      patch: { description: 'e' },
    });
    const name = await priorityClass(7);
    expect((await refusal(priorityClasses().patch(name, { value: 8 }))).reason).toBe('Invalid');
  });
});

describe('[sig-scheduling] LimitRange', () => {
  test('LimitRange, resources', async () => {
    const ns = await namespace();
    const limit = {
      type: 'Container',
      min: { cpu: '50m', memory: '100Mi' },
      max: { cpu: '500m', memory: '500Mi' },
      defaultRequest: { cpu: '100m', memory: '200Mi' },
      default: { cpu: '300m', memory: '400Mi' },
    };
    await limitRanges(ns).create({ metadata: { name: 'limit-range' }, spec: { limits: [limit] } });
    const resources = ({ spec }: Pod) => spec.containers[0]!.resources;
    expect(resources(await pods(ns).create(pod('pod-no-resources')))).toEqual({
      requests: limit.defaultRequest,
      limits: limit.default,
    });
    const partial = { resources: { limits: { cpu: '300m' }, requests: { memory: '150Mi' } } };
    expect(resources(await pods(ns).create(pod('pod-partial-resources', {}, partial)))).toEqual({
      requests: { cpu: '300m', memory: '150Mi' },
      limits: { cpu: '300m', memory: '400Mi' },
    });
    const asks = (requests: object) =>
      refusal(pods(ns).create(pod('failing', {}, { resources: { requests, limits: requests } })));
    expect((await asks({ cpu: '10m', memory: '50Mi' })).code).toBe(403);
    expect((await asks({ cpu: '600m', memory: '600Mi' })).code).toBe(403);
    await limitRanges(ns).change('limit-range', (old) => ({
      ...old,
      spec: { limits: old.spec.limits.map((one) => ({ ...one, min: { cpu: '9m', memory: '49Mi' } })) },
    }));
    await until(
      () =>
        pods(ns)
          .create(pod('pod2', {}, { resources: { requests: { cpu: '10m', memory: '50Mi' } } }))
          .then(
            () => true,
            () => false,
          ),
      (made) => made,
    );
    await limitRanges(ns).delete('limit-range');
    await gone(limitRanges(ns), 'limit-range');
  });

  test('LimitRange, list, patch and delete a LimitRange by collection', async () => {
    const [first, second] = [await namespace(), await namespace()];
    const selector = { labelSelector: `${first}=created` };
    const range = {
      metadata: { name: 'e2e-limitrange', labels: { [first]: 'created' } },
      spec: { limits: [{ type: 'Container', min: { cpu: '50m' } }] },
    };
    await limitRanges(first).create(range);
    await limitRanges(second).create(range);
    expect((await limitRanges().list(selector)).items).toHaveLength(2);
    await limitRanges(first).patch(
      'e2e-limitrange',
      { metadata: { labels: { patched: 'true' } } },
      { type: 'strategic' },
    );
    await limitRanges(first).deleteCollection({ labelSelector: 'patched=true' });
    expect((await limitRanges().list(selector)).items).toHaveLength(1);
  });
});
