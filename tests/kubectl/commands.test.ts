import { describe, expect, test } from 'vitest';
import { KubectlRig } from './rig.ts';

const web = (replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: nginx, image: "nginx:1.27", resources: {requests: {cpu: 100m}}}]
`;

describe('kubectl drain', () => {
  test('waits until budgets let go', async () => {
    const rig = new KubectlRig();
    rig.files.set('web.yaml', web(2));
    await rig.run('apply -f web.yaml');
    await rig.run('create pdb web --selector=app=web --min-available=1');
    rig.cluster.kernel.runFor(30_000);
    await rig.run('cordon node-2');
    const { code, stdout, stderr } = await rig.run('drain node-1 node-2 --pod-selector=app=web --timeout=20s');
    expect(code).toBe(1);
    expect(stdout.match(/^pod\/web-\S+ evicted$/gm)).toHaveLength(1);
    expect(stderr).toContain(
      "(will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.",
    );
    expect(stderr).toMatch(/There are pending nodes to be drained:\n node-[12]\n/);
    await rig.run('uncordon node-2');
    rig.cluster.kernel.runFor(20_000);
    const again = await rig.run('drain node-1 --pod-selector=app=web');
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toMatch(/node\/node-1 drained\n$/);
  });

  test('refuses what nobody would put back', async () => {
    const rig = new KubectlRig();
    await rig.run('run bare --image=nginx:1.27');
    rig.cluster.kernel.runFor(20_000);
    const node = (await rig.run('get pod bare -o jsonpath={.spec.nodeName}')).stdout;
    const { code, stderr } = await rig.run(`drain ${node} --dry-run=client`);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: unable to drain node "${node}" due to error: cannot delete Pods that declare no controller (use --force to ` +
        `override): default/bare, continuing command...\nThere are pending nodes to be drained:\n ${node}\ncannot delete ` +
        'Pods that declare no controller (use --force to override): default/bare\n',
    );
    const forced = await rig.run(`drain ${node} --dry-run=client --force`);
    expect(forced.stderr).toBe('Warning: deleting Pods that declare no controller: default/bare\n');
    expect(forced.stdout).toContain('evicting pod default/bare (dry run)\n');
  });
});

describe('remote commands', () => {
  test('have output, input and exit codes', async () => {
    const rig = new KubectlRig();
    await rig.run('run box --image=busybox --command -- sleep 3600');
    rig.cluster.kernel.runFor(20_000);
    expect(await rig.run('exec box -- echo hi')).toEqual({ code: 0, stdout: 'hi\n', stderr: '' });
    expect(await rig.run('exec -i box -- cat', 'from here\n')).toEqual({ code: 0, stdout: 'from here\n', stderr: '' });
    expect(await rig.run('exec box -- ls /nope')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('command terminated with exit code 1\n') as string,
    });
  });

  test('copy files there and back', async () => {
    const rig = new KubectlRig();
    await rig.run('run box --image=busybox --command -- sleep 3600');
    rig.cluster.kernel.runFor(20_000);
    rig.files.set('note.txt', 'größer\n');
    expect(await rig.run('cp note.txt box:/tmp/note')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await rig.run('exec box -- cat /tmp/note')).stdout).toBe('größer\n');
    expect(await rig.run('cp box:/tmp/note back.txt')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(rig.files.get('back.txt')).toBe('größer\n');
    expect((await rig.run('cp box:/tmp/none back.txt')).code).toBe(2);
  });
});

describe('kubectl run', () => {
  test('stays with a Pod, ends as it ends and takes it away', async () => {
    const rig = new KubectlRig();
    const { code, stdout } = await rig.run('run once --rm -it --restart=Never --image=busybox -q -- sh', 'exit 3\n');
    expect(code).toBe(3);
    expect(stdout).not.toContain('created');
    expect((await rig.run('get pod once -o jsonpath={.metadata.deletionTimestamp}')).stderr).toMatch(/^$|not found/);
    expect((await rig.run('run stays --image=nginx')).stdout).toBe('pod/stays created\n');
  });
});

describe('kubectl debug', () => {
  test('adds a container to a Pod, and stays until it ends', async () => {
    const rig = new KubectlRig();
    await rig.run('run up --image=nginx');
    rig.cluster.kernel.runFor(20_000);
    expect(await rig.run('debug -i up --image=busybox -c look --target=up -q -- echo hello')).toMatchObject({
      code: 0,
    });
    expect((await rig.run('logs up -c look')).stdout).toBe('hello\n');
    expect((await rig.run('get pod up -o jsonpath={.spec.ephemeralContainers[*].securityContext}')).stdout).toBe(
      '{"capabilities":{"add":["SYS_PTRACE"]}}',
    );
  });

  test('copies a Pod without its labels and probes, and puts a Pod on a node', async () => {
    const rig = new KubectlRig();
    await rig.run('run up --image=nginx');
    expect((await rig.run('debug up --image=busybox --copy-to=copy -c dbg')).code).toBe(0);
    expect(
      (await rig.run('get pod copy -o jsonpath={.spec.containers[*].name}{.spec.shareProcessNamespace}')).stdout,
    ).toBe('up dbgtrue');
    expect((await rig.run('get pods -l run=up -o name')).stdout).toBe('pod/up\n');
    expect((await rig.run('debug node/node-1 --image=busybox -- sleep 1')).stdout).toMatch(
      /^Creating debugging pod node-debugger-node-1-[a-z0-9]{5} with container debugger on node node-1\.\n$/,
    );
    expect((await rig.run('debug up')).stderr).toBe('error: you must specify --image when not using --copy-to.\n');
  });
});

describe('kubectl top', () => {
  test('needs somebody who measures', async () => {
    const rig = new KubectlRig();
    expect(await rig.run('top pods')).toEqual({ code: 1, stdout: '', stderr: 'error: Metrics API not available\n' });
  });

  test('shows what Pods and nodes use', async () => {
    const rig = new KubectlRig({ addons: ['metrics-server'] });
    expect((await rig.run('top pods')).stderr).toBe('No resources found in default namespace.\n');
    await rig.run('run busy --image=vish/stress -- -cpus 1 -mem-total 50Mi');
    await rig.run('run idle --image=busybox --command -- sleep 3600');
    rig.cluster.kernel.runFor(60_000);
    expect((await rig.run('top pods --sort-by=cpu --sum')).stdout).toBe(
      'NAME   CPU(cores)   MEMORY(bytes)   \n' +
        'busy   1000m        51Mi            \n' +
        'idle   0m           2Mi             \n' +
        '       ________     ________        \n' +
        '       1000m        53Mi            \n',
    );
    expect((await rig.run('top nodes --no-headers')).stdout.split('\n')).toHaveLength(3);
  });
});

describe('going back', () => {
  test('to an earlier revision of a DaemonSet', async () => {
    const rig = new KubectlRig();
    rig.files.set('ds.yaml', web(1).replace('kind: Deployment', 'kind: DaemonSet').replace('  replicas: 1\n', ''));
    await rig.run('create -f ds.yaml');
    expect((await rig.run('rollout undo ds/web')).stderr).toBe('error: no last revision to roll back to\n');
    rig.cluster.kernel.runFor(20_000);
    await rig.run('set image ds/web nginx=nginx:1.28');
    rig.cluster.kernel.runFor(60_000);
    expect((await rig.run('rollout undo ds/web')).stdout).toBe('daemonset.apps/web rolled back\n');
    rig.cluster.kernel.runFor(60_000);
    expect((await rig.run('get ds web -o jsonpath={..image}')).stdout).toBe('nginx:1.27');
    expect((await rig.run('rollout history ds/web')).stdout).toContain('2         <none>\n3         <none>\n');
    expect((await rig.run('rollout undo ds/web --to-revision=3')).stdout).toBe(
      'daemonset.apps/web skipped rollback (current template already matches revision 3)\n',
    );
  });
});

test('kubectl autoscale reads shares and amounts', async () => {
  const rig = new KubectlRig();
  rig.files.set('web.yaml', web(1));
  await rig.run('create -f web.yaml');
  await rig.run('autoscale deployment web --max=4 --cpu=60% --memory=200');
  expect((await rig.run('get hpa web -o jsonpath={.spec.metrics[*].resource.target}')).stdout).toBe(
    '{"averageUtilization":60,"type":"Utilization"} {"averageValue":"200Mi","type":"AverageValue"}',
  );
  expect((await rig.run('autoscale deployment web --max=4 --cpu=x')).stderr).toBe(
    'error: invalid resource cpu value: x\n',
  );
  expect((await rig.run('autoscale node node-1 --max=4')).stderr).toBe(
    'error: cannot autoscale a Node: could not find scale subresource for /v1, Resource=nodes in discovery information\n',
  );
});

describe('kubectl edit', () => {
  const edited = async (editor: (text: string) => string) => {
    const rig = new KubectlRig();
    await rig.run('create cm settings --from-literal=a=1');
    rig.editor = editor;
    return { rig, ended: await rig.run('edit cm settings') };
  };

  test('patches what the editor has changed', async () => {
    const { rig, ended } = await edited((text) => text.replace('a: "1"', 'b: "2"'));
    expect(ended).toEqual({ code: 0, stdout: 'configmap/settings edited\n', stderr: '' });
    expect((await rig.run('get cm settings -o jsonpath={.data}')).stdout).toBe('{"b":"2"}');
  });

  test('leaves alone what the editor has left alone', async () => {
    const { ended } = await edited((text) => `# seen\n${text}`);
    expect(ended).toEqual({ code: 0, stdout: '', stderr: 'Edit cancelled, no changes made.\n' });
  });

  test('gives back what cannot be, until it is mended or left so', async () => {
    let opened = 0;
    const { ended } = await edited((text) => (opened++ === 0 ? text.replace('data:', 'da:ta:') : text));
    expect(opened).toBe(2);
    expect(ended.stderr).toMatch(/^error: configmaps "settings" is invalid\n/);
    expect(ended.stderr).toMatch(/error: Edit cancelled, no valid changes were saved\.\n$/);
    let again = 0;
    const mended = await edited((text) =>
      again++ === 0 ? text.replace('data:', 'data: [') : text.replace('data: [', 'data:').replace('a: "1"', 'c: "3"'),
    );
    expect(mended.ended.stdout).toBe('configmap/settings edited\n');
  });
});

describe('kubectl config', () => {
  test('knows contexts, clusters and users by name, dots and all', async () => {
    const rig = new KubectlRig();
    await rig.run('config set-cluster far.away --server=https://far.example');
    await rig.run('config set contexts.a.b.namespace team');
    await rig.run('config set-context a.b --cluster=far.away --user=jane');
    expect((await rig.run('config get-contexts a.b --no-headers')).stdout).toMatch(/a\.b +far\.away +jane +team\n$/);
    expect((await rig.run('config set nosuch.x 1')).stderr).toBe(
      'error: unable to parse nosuch.x after [] at api.Config\n',
    );
    await rig.run('config unset contexts.a.b');
    expect((await rig.run('config get-contexts a.b')).stderr).toBe('error: context a.b not found\n');
    expect((await rig.run('get pods --context=a.b')).stderr).toBe('error: context "a.b" does not exist\n');
  });
});

describe('kubectl set env', () => {
  test('lists what stands behind references, and says where it cannot', async () => {
    const rig = new KubectlRig();
    rig.files.set('web.yaml', web(0));
    await rig.run('apply -f web.yaml');
    await rig.run('create cm settings --from-literal=log-level=debug');
    expect((await rig.run('set env deploy/web --from=cm/settings')).stderr).toBe(
      'Warning: key log-level transferred to LOG_LEVEL\n',
    );
    expect((await rig.run('set env deploy/web --list')).stdout).toContain(
      '# LOG_LEVEL from configmap settings, key log-level\n',
    );
    expect((await rig.run('set env deploy/web --list --resolve')).stdout).toContain('LOG_LEVEL=debug\n');
    await rig.run('delete cm settings');
    expect((await rig.run('set env deploy/web --list --resolve')).stderr).toBe(
      'error retrieving reference for LOG_LEVEL: configmaps "settings" not found',
    );
  });
});
