import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubeconfig, startClusterServer, type ClusterServer } from '../../src/server/index.ts';

/** The real kubectl, from the environment or the PATH. */
const KUBECTL = process.env['KUBECTL'] ?? 'kubectl';
const OLDEST_MINOR = 28;

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let server: ClusterServer;
let folder: string;

/** Runs kubectl without blocking the server, which lives in this process. */
const kubectl = (args: string, stdin = '', killAfterMs = 30_000): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn(KUBECTL, args.split(' '), {
      cwd: folder,
      env: { ...process.env, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
    child.stdin.end(stdin);
    const timer = setTimeout(() => child.kill(), killAfterMs);
  });

/** What a command that succeeds prints. */
async function says(args: string, stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, stdin);
  if (code !== 0) throw new Error(`kubectl ${args} ended with ${code}: ${stderr}`);
  return stdout;
}

beforeAll(async () => {
  const { error, stdout } = spawnSync(KUBECTL, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  if (error) {
    throw new Error(
      `There is no kubectl to test with: install one of 1.${OLDEST_MINOR} or newer, or name it in KUBECTL.`,
    );
  }
  const minor = Number(/"minor":\s*"(\d+)/.exec(stdout)?.[1]);
  if (!(minor >= OLDEST_MINOR))
    throw new Error(`kubectl 1.${minor} is too old to test with; 1.${OLDEST_MINOR} is needed.`);
  folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  server = await startClusterServer({ port: 0, nodes: 3, seed: 1, runtime: 'images', speed: 10 });
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig(server.url, server.token));
}, 30_000);

afterAll(async () => {
  await server?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const WEB = `
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web}
  spec:
    replicas: 2
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec: {containers: [{name: nginx, image: nginx}]}
- apiVersion: v1
  kind: Service
  metadata: {name: web}
  spec: {selector: {app: web}, ports: [{port: 80}]}
`;

describe('the real kubectl', { timeout: 60_000 }, () => {
  test('finds its way about', async () => {
    expect(await says('get nodes -o name')).toBe('node/node-1\nnode/node-2\nnode/node-3\n');
    expect(await says('api-resources --api-group=apps -o name')).toContain('deployments.apps\n');
    expect(await says('explain deployment.spec.replicas')).toContain('FIELD: replicas <integer>');
    expect((await kubectl('get widgets')).stderr).toBe('error: the server doesn\'t have a resource type "widgets"\n');
  });

  test('applies, rolls out, scales, patches and deletes', async () => {
    expect(await says('apply -f -', WEB)).toBe('deployment.apps/web created\nservice/web created\n');
    expect(await says('apply -f -', WEB)).toBe('deployment.apps/web unchanged\nservice/web unchanged\n');
    expect(await says('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    expect(await says('scale deployment web --replicas=3')).toBe('deployment.apps/web scaled\n');
    expect(await says('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    expect(await says('get deployment web')).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +3\/3 +3 +3 +\S+\n$/,
    );
    expect(await says('set image deployment/web nginx=nginx:1.27')).toBe('deployment.apps/web image updated\n');
    expect(await says('rollout history deployment/web')).toMatch(/\n2 +<none>\n/);
    expect(await says('describe service web')).toMatch(/Endpoints: +10\.244\./);
    expect(await says('delete deployment,service web')).toContain('deployment.apps "web" deleted');
  });

  test('creates what it sends as protobuf', async () => {
    expect(await says('create deployment made --image=nginx --replicas=0')).toBe('deployment.apps/made created\n');
    expect(await says('create service nodeport made --tcp=80:8080')).toBe('service/made created\n');
    expect(await says('create configmap made --from-literal=a=b')).toBe('configmap/made created\n');
    expect(await says('create secret generic made --from-literal=a=b')).toBe('secret/made created\n');
    expect(await says('get secret made -o jsonpath={.data.a}')).toBe('Yg==');
    expect(await says('create serviceaccount made')).toBe('serviceaccount/made created\n');
    expect((await says('create token made')).split('.')).toHaveLength(3);
    expect(await says('create namespace made')).toBe('namespace/made created\n');
  });

  test('watches, follows logs and runs commands', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'talker' },
      spec: {
        containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', 'while true; do echo tick; sleep 1; done'] }],
      },
    };
    const watching = kubectl('get pods -w --no-headers', '', 6_000);
    await says('apply -f -', JSON.stringify(pod));
    await says('wait --for=condition=Ready pod/talker --timeout=60s');
    expect((await kubectl('logs -f talker', '', 3_000)).stdout).toMatch(/^(tick\n)+$/);
    expect(await says('exec talker -- echo hello')).toBe('hello\n');
    expect((await kubectl('exec talker -- sh -c false')).code).toBe(1);
    expect((await watching).stdout).toMatch(/talker +0\/1 +Pending[\s\S]*talker +1\/1 +Running/);
  });

  test('talks to containers: standard input, a terminal-less shell, files, a forwarded port', async () => {
    await says('run box --image=nginx');
    await says('wait --for=condition=Ready pod/box --timeout=60s');
    expect(await says('exec -i box -- cat', 'a\nb\n')).toBe('a\nb\n');
    expect((await kubectl('exec -i box -- sh', 'exit 3\n')).code).toBe(3);
    writeFileSync(join(folder, 'here.txt'), 'h\u00e9llo\n');
    await says('cp here.txt box:/tmp/there.txt');
    expect(await says('exec box -- cat /tmp/there.txt')).toBe('h\u00e9llo\n');
    await says('cp box:/tmp/there.txt back.txt');
    expect(readFileSync(join(folder, 'back.txt'), 'utf8')).toBe('h\u00e9llo\n');
    expect(await says('get --raw /api/v1/namespaces/default/pods/box:80/proxy/')).toContain('Welcome to nginx!');
    expect((await kubectl('get --raw /api/v1/namespaces/default/pods/box:81/proxy/')).stderr).toMatch(
      /^Error from server \(ServiceUnavailable\): error trying to reach service: dial tcp 10\.244\.\d+\.\d+:81: connect: connection refused\n$/,
    );
    const forwarding = spawn(KUBECTL, ['port-forward', 'pod/box', ':80'], {
      env: { ...process.env, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder },
    });
    try {
      const port = await new Promise<string>((resolve) =>
        forwarding.stdout.on('data', (data: Buffer) => {
          const found = /127\.0\.0\.1:(\d+)/.exec(data.toString());
          if (found) resolve(found[1]!);
        }),
      );
      const response = await fetch(`http://127.0.0.1:${port}/`);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('Welcome to nginx!');
    } finally {
      forwarding.kill();
    }
  });

  test('attaches to what reads its input', async () => {
    const command = ['sh', '-c', 'read line; echo "heard $line"'];
    const container = { name: 'c', image: 'busybox', command, stdin: true, stdinOnce: true };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'ear' },
      spec: { restartPolicy: 'Never', containers: [container] },
    };
    await says('apply -f -', JSON.stringify(pod));
    await says('wait --for=condition=Ready pod/ear --timeout=60s');
    expect(await says('attach -i ear -q', 'a word\n')).toBe('heard a word\n');
    await says('wait --for=jsonpath={.status.phase}=Succeeded pod/ear --timeout=60s');
  });

  test('reports refusals in the words of the server', async () => {
    expect((await kubectl('create configmap Bad_Name')).stderr).toContain('metadata.name: Invalid value: "Bad_Name"');
    expect((await kubectl('delete namespace default')).stderr).toBe(
      'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted\n',
    );
    const typo = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: typo}\ndate: {a: b}\n';
    expect((await kubectl('apply -f -', typo)).stderr).toBe(
      'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "date"\n',
    );
  });
});
