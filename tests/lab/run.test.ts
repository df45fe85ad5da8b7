import { expect, test } from 'vitest';
import { createCluster, type Cluster } from '../../src/cluster/index.ts';
import { FrameWriter } from '../../src/lab/frame-writer.ts';
import { Moments } from '../../src/lab/moments.ts';
import { Run } from '../../src/lab/run.ts';

const spec = { seed: 5, nodes: 2 };
const url = '/apis/apps/v1/namespaces/default/deployments';
const headers = { 'content-type': 'application/json', accept: 'application/json' };

const deployment = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
  },
});

/** A history with a stream, a wait, inputs at odd times, and one component off for a while. */
function lived(): { run: Run; moments: Moments } {
  const cluster = createCluster(spec);
  const run = new Run(cluster);
  const moments = new Moments(cluster, () => run.log.length);
  const pass = (ms: number): void => cluster.kernel.runFor(ms);
  pass(500.25);
  const watching = run.command('kubectl get deployments -w');
  const stop = watching.request({ method: 'GET', url: `${url}?watch=true`, headers }).stream!({
    chunk: () => undefined,
    end: () => undefined,
  });
  const creating = run.command('kubectl apply');
  expect(creating.request({ method: 'POST', url, headers, body: deployment('a', 3) }).status).toBe(201);
  void creating.sleep(150);
  pass(100.125);
  run.component('kube-scheduler', 'off');
  expect(creating.request({ method: 'POST', url, headers, body: JSON.stringify(deployment('b', 2)) }).status).toBe(201);
  creating.end(0);
  pass(3000);
  stop();
  watching.end(130);
  run.component('kube-scheduler', 'on');
  pass(10_000);
  return { run, moments };
}

const changes = ({ etcd }: Cluster) => etcd.history(0);

test('the inputs of a run, repeated, make the same revisions and the same spans', () => {
  const { run } = lived();
  const again = new Run(createCluster(spec));
  for (const entry of JSON.parse(JSON.stringify(run.log))) again.repeat(entry);
  again.advance(run.cluster.kernel.executed, run.cluster.kernel.now);
  expect(changes(again.cluster).length).toBeGreaterThan(20);
  expect(JSON.stringify(changes(again.cluster))).toBe(JSON.stringify(changes(run.cluster)));
  expect(again.cluster.kernel.trace.since(0)).toEqual(run.cluster.kernel.trace.since(0));
  expect(again.log).toEqual(run.log);
});

test('every revision is the address of a moment: replayed up to it, it is there and the next event has not happened', () => {
  const { run, moments } = lived();
  const { etcd } = run.cluster;
  for (let revision = moments.first; revision <= etcd.revision; revision += 7) {
    const moment = moments.at(revision);
    const again = new Run(createCluster(spec));
    for (const entry of run.log.slice(0, moment.inputs)) again.repeat(entry);
    again.advance(moment.executed, moment.time);
    const replayed = again.cluster.etcd;
    expect(replayed.revision).toBeGreaterThanOrEqual(revision);
    expect(again.cluster.kernel.now).toBe(moment.time);
    expect(JSON.stringify(replayed.range({ prefix: '/', revision }))).toBe(
      JSON.stringify({ ...etcd.range({ prefix: '/', revision }), revision: replayed.revision }),
    );
  }
});

test('showing any revision after any other gives the store as it was', () => {
  const { run, moments } = lived();
  const { etcd } = run.cluster;
  const writer = new FrameWriter(run.cluster);
  const shown = new Map<string, unknown>();
  const head = etcd.revision;
  for (const revision of [head, moments.first, head - 20, head - 21, head - 5, head, moments.first + 3]) {
    const { upserts, deletes } = writer.show(revision);
    for (const { key, object } of upserts) shown.set(key, object);
    for (const key of deletes) shown.delete(key);
    const stored = etcd.range({ prefix: '/registry/', revision }).entries.map(({ key, value }) => [key, value]);
    expect(JSON.stringify([...shown].sort(([a], [b]) => (a < b ? -1 : 1)))).toBe(JSON.stringify(stored));
  }
});
