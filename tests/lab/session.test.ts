import { expect, test } from 'vitest';
import type { LabSetup } from '../../src/lab/definition.ts';
import type { UntypedObject } from '../../src/api/object.ts';
import { Bench } from './manual-clock.ts';

const manifest = (replicas: number, image = 'nginx:1.27'): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${image}
`;

const setup: LabSetup = {
  id: 'test',
  cluster: { nodes: 2, seed: 3, speed: 1 },
  files: [{ path: 'web.yaml', text: manifest(2) }],
  start: [],
  steps: [
    {
      id: 'one',
      checks: [
        {
          id: 'ready',
          text: { en: 'x', 'zh-cn': 'x' },
          on: { kind: 'Deployment', name: 'web' },
          cel: 'object.status.readyReplicas == 2',
        },
        { id: 'asked', text: { en: 'x', 'zh-cn': 'x' }, trace: 'span.component == "kubectl"' },
        { id: 'mistake', text: { en: 'x', 'zh-cn': 'x' }, on: { kind: 'Pod' }, cel: 'nonsense == 1' },
      ],
    },
  ],
};

const web = '/registry/deployments/default/web';

/** What makes a history: every change of etcd in order. */
const history = (bench: Bench): string => JSON.stringify(bench.session.cluster!.etcd.history(0));

async function applied(): Promise<Bench> {
  const bench = await new Bench().open(setup);
  await bench.settle();
  const [result] = await bench.session.apply(setup.files);
  expect(result).toMatchObject({ code: 0, stdout: 'deployment.apps/web created\n', stderr: '', findings: [] });
  await bench.settle();
  await bench.clock.advance(100);
  return bench;
}

test('frames make up the store, and time goes on', async () => {
  const bench = await applied();
  const { etcd } = bench.session.cluster!;
  const stored = etcd.range({ prefix: '/registry/' }).entries.map(({ key }) => key);
  expect([...bench.objects.keys()].sort()).toEqual(stored.sort());
  expect(bench.objects.get(web)).toMatchObject({ status: { readyReplicas: 2 } });
  expect(bench.last).toMatchObject({
    revision: etcd.revision,
    headRevision: etcd.revision,
    past: false,
    paused: false,
  });
  const { now } = bench.last;
  await bench.clock.advance(1000);
  expect(bench.last.now - now).toBeGreaterThanOrEqual(750);
  expect(bench.frames.filter(({ reset }) => reset)).toHaveLength(1);
});

test('a Pod that is applied together with its namespace waits for the account of it', async () => {
  const bench = await new Bench().open(setup);
  await bench.settle();
  const text = [
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: fresh }',
    'apiVersion: v1\nkind: Pod\nmetadata: { name: web, namespace: fresh }\nspec: { containers: [{ name: web, image: nginx }] }',
  ].join('\n---\n');
  const [result] = await bench.session.apply([{ path: 'fresh.yaml', text }]);
  expect(result).toMatchObject({ code: 0, stdout: 'namespace/fresh created\npod/web created\n' });
});

test('checks tick, and stay done when the cluster leaves them again', async () => {
  const bench = await new Bench().open(setup);
  await bench.settle();
  expect(bench.checks).toEqual({ 'one/ready': 'pending', 'one/asked': 'pending', 'one/mistake': 'broken' });
  await bench.session.apply(setup.files);
  await bench.settle();
  await bench.clock.advance(100);
  expect(bench.checks).toMatchObject({ 'one/ready': 'passed', 'one/asked': 'passed' });
  await bench.run('kubectl scale deployment web --replicas=1');
  await bench.settle();
  await bench.clock.advance(100);
  expect(bench.checks).toMatchObject({ 'one/ready': 'kept' });
});

test('a pause stops time, a step runs one event, a request step runs to the next request', async () => {
  const bench = await new Bench().open(setup);
  await bench.settle();
  await bench.session.pause();
  const { executed } = bench.session.cluster!.kernel;
  await bench.session.apply(setup.files);
  await bench.clock.advance(5000);
  expect(bench.session.cluster!.kernel.executed).toBe(executed);
  expect(await bench.session.stepEvent()).toMatchObject({ owner: expect.any(String) });
  expect(bench.session.cluster!.kernel.executed).toBe(executed + 1);
  const before = bench.session.cluster!.kernel.trace.nextId;
  expect(await bench.session.stepRequest()).not.toBeNull();
  const spans = bench.session.cluster!.kernel.trace.since(before);
  expect(spans.some(({ component }) => component === 'kube-apiserver')).toBe(true);
  await bench.session.resume();
  await bench.settle();
  expect(bench.objects.get(web)).toMatchObject({ status: { readyReplicas: 2 } });
});

test('the past is shown as it was, and left again', async () => {
  const bench = await applied();
  const head = bench.last.headRevision;
  const { etcd } = bench.session.cluster!;
  const created = etcd.get(web)!.createRevision;
  for (const revision of [created, created - 1, created + 3, bench.last.oldestRevision]) {
    await bench.session.viewRevision(revision);
    await bench.clock.advance(50);
    const entries = etcd.range({ prefix: '/registry/', revision }).entries;
    expect([...bench.objects.keys()].sort()).toEqual(entries.map(({ key }) => key).sort());
    for (const { key, value } of entries)
      expect((bench.objects.get(key) as UntypedObject).metadata).toMatchObject({
        uid: (value as UntypedObject).metadata.uid,
      });
    expect(bench.last).toMatchObject({ past: true, revision, headRevision: head });
  }
  expect(bench.checks).toMatchObject({ 'one/ready': 'pending' });
  expect((await bench.session.apply(setup.files))[0]).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('past'),
  });
  expect(await bench.run('kubectl get pods')).toMatchObject({ code: 1 });
  await bench.clock.advance(10_000);
  expect(bench.last.headRevision).toBe(head);
  await bench.session.viewRevision(null);
  await bench.clock.advance(50);
  expect(bench.last).toMatchObject({ past: false });
  expect(bench.objects.get(web)).toMatchObject({ status: { readyReplicas: 2 } });
});

test('the same inputs replayed make the same history, and a branch goes its own way from there', async () => {
  const bench = await applied();
  await bench.run('kubectl set image deployment/web web=nginx:nope');
  const watching = bench.run('kubectl get pods -w');
  await bench.clock.advance(3000);
  await bench.session.interrupt();
  await watching;
  await bench.run('kubectl delete pod --wait=false $(kubectl get pods -o name | head -n 1); sleep 2; kubectl get pods');
  await bench.clock.advance(5000);
  const original = bench.session.cluster!;
  const full = original.etcd.history(0);

  const { headRevision } = bench.last;
  await bench.session.viewRevision(headRevision);
  await bench.session.branchHere();
  await bench.clock.advance(0);
  await bench.session.pause();
  const replayed = bench.session.cluster!;
  expect(replayed).not.toBe(original);
  const kept = replayed.etcd.history(0).filter(({ entry }) => entry.modRevision <= headRevision);
  expect(JSON.stringify(kept)).toBe(JSON.stringify(full.filter(({ entry }) => entry.modRevision <= headRevision)));
  const spans = replayed.kernel.trace.since(0).map(({ name, parent }) => [name, parent]);
  const originals = original.kernel.trace.since(0).map(({ name, parent }) => [name, parent]);
  // The original went on for a while after its last revision.
  expect(spans.length).toBeGreaterThan(200);
  expect(spans).toEqual(originals.slice(0, spans.length));

  const early = replayed.etcd.get(web)!.createRevision;
  await bench.session.viewRevision(early);
  await bench.session.branchHere();
  await bench.clock.advance(50);
  expect(bench.last).toMatchObject({ past: false, reset: true, resetSpans: true });
  expect(bench.frames.at(-1)!.headRevision).toBeLessThan(headRevision);
  await bench.session.resume();
  await bench.settle();
  await bench.clock.advance(50);
  expect(bench.objects.get(web)).toMatchObject({ status: { readyReplicas: 2 } });
  expect((bench.objects.get(web) as UntypedObject).metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '1',
  });
});

test('two sessions with the same inputs at the same times agree byte for byte', async () => {
  const runs = await Promise.all(
    [1, 2].map(async () => {
      const bench = await applied();
      await bench.run('kubectl rollout restart deployment/web');
      await bench.clock.advance(20_000);
      return history(bench);
    }),
  );
  expect(runs[0]).toBe(runs[1]);
});

test('a crashed session comes back where its last frame was, paused', async () => {
  const bench = await applied();
  const inputs = bench.frames.flatMap((frame) => frame.inputs ?? []);
  const { executed, now, revision } = bench.last;
  const revived = new Bench();
  await revived.session.subscribe((text) => void revived.frames.push(JSON.parse(text)));
  const opening = revived.session.open(setup, 'en', { inputs, executed, now });
  await revived.clock.advance(100);
  await opening;
  await revived.clock.advance(100);
  expect(revived.last).toMatchObject({ executed, now, revision, paused: true });
});

test('out of view nothing runs and no frames come', async () => {
  const bench = await applied();
  await bench.session.setVisible(false);
  await bench.clock.advance(50);
  const { length } = bench.frames;
  const { executed } = bench.session.cluster!.kernel;
  await bench.clock.advance(60_000);
  expect(bench.frames).toHaveLength(length);
  expect(bench.session.cluster!.kernel.executed).toBe(executed);
  await bench.session.setVisible(true);
  await bench.clock.advance(20_000);
  expect(bench.session.cluster!.kernel.executed).toBeGreaterThan(executed);
});

test('the answer to a bad manifest is found at its line', async () => {
  const bench = await new Bench().open(setup);
  await bench.settle();
  const apply = async (text: string) => (await bench.session.apply([{ path: 'web.yaml', text }]))[0]!;
  expect(await apply(manifest(-1))).toMatchObject({ code: 1, findings: [{ path: 'web.yaml', line: 6, column: 3 }] });
  expect(await apply(manifest(1).replace('replicas', 'replicsa'))).toMatchObject({
    code: 1,
    findings: [{ line: 6, column: 3 }],
  });
  expect(await apply(manifest(1).replace('image:', 'imagee:'))).toMatchObject({ code: 1, findings: [{ line: 13 }] });
  expect(await apply(manifest(1).replace('kind: Deployment', 'kind: Deploymnt'))).toMatchObject({
    code: 1,
    findings: [{ line: 2, column: 1 }],
  });
  expect(await apply('kind: [')).toMatchObject({ code: 1, findings: [{ line: expect.any(Number) }] });
  expect(await apply(manifest(1))).toMatchObject({ code: 0, findings: [] });
});

test('the terminal: kubectl, pipes, completion, watching until Ctrl-C', async () => {
  const bench = await applied();
  expect(await bench.run('kubectl get deployments -o name | grep web')).toEqual({
    code: 0,
    output: 'deployment.apps/web\n',
  });
  expect(await bench.session.exec('echo "a', () => undefined)).toEqual({ code: 0, incomplete: true });
  let output = '';
  const watching = bench.session.exec('kubectl get pods -w', (text) => void (output += text));
  await bench.clock.advance(500);
  expect(output.split('\n').filter((line) => line.includes('Running'))).toHaveLength(2);
  await bench.run('echo').catch(() => undefined);
  await bench.session.interrupt();
  await bench.clock.advance(100);
  await Promise.race([watching, bench.clock.advance(1000)]);

  const complete = async (line: string) => (await bench.session.complete(line, line.length)).options;
  expect(await complete('kub')).toEqual(['kubectl']);
  expect(await complete('kubectl get depl')).toContain('deployments');
  expect(await complete('kubectl get deployments w')).toEqual(['web']);
  expect(await complete('echo | k describe deploy/w')).toEqual(['web']);
  expect(await complete('kubectl rollout un')).toEqual(['undo']);
  expect(await complete('cat w')).toEqual(['web.yaml']);
  expect(await complete('kubectl apply -f w')).toEqual(['web.yaml']);
});

test('an object is shown against its version before, a span with its causes', async () => {
  const bench = await applied();
  const view = await bench.session.object(web);
  expect(view).toMatchObject({ key: web, yaml: expect.stringContaining('readyReplicas: 2') });
  expect(view!.changed.length).toBeGreaterThan(0);
  const pod = [...bench.objects.keys()].find((key) => key.startsWith('/registry/pods/default/web-'))!;
  const spans = bench.frames.flatMap((frame) => frame.spans);
  const write = spans.find(({ component, attributes }) => component === 'etcd' && attributes['key'] === pod)!;
  const details = (await bench.session.span(write.id))!;
  expect(details.object?.key).toBe(pod);
  expect(details.causes.at(-1)).toMatchObject({ component: 'kubectl' });
  expect(details.causes.map(({ component }) => component)).toContain('deployment-controller');
});
