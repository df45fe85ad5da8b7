/** Services as Pods of the cluster use them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { request } from '../client.ts';
import { shell } from '../exec.ts';
import { endpoints, endpointSlices, nodes, pods, replicationControllers, services } from '../kinds.ts';
import { AGNHOST, BUSYBOX, gone, namespace, reaches, template, until } from '../scene.ts';

/** A Pod from which others are asked. */
async function client(ns: string): Promise<(script: string) => Promise<string>> {
  const command = ['sleep', '999999'];
  await pods(ns).create({ ...template({}, { image: AGNHOST, command }), metadata: { name: 'execpod' } });
  await reaches(pods(ns), 'execpod', ({ status }) => status?.phase === 'Running');
  return (script) => shell(ns, 'execpod', script);
}

const HOSTNAME = { image: AGNHOST, args: ['serve-hostname'], ports: [{ containerPort: 9376 }] };

/** Pods that answer with their names, behind a Service. */
async function backends(ns: string, name: string, spec: object): Promise<readonly string[]> {
  const labels = { name };
  await services(ns).create({
    metadata: { name },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 9376 }], ...spec },
  });
  await replicationControllers(ns).create({
    metadata: { name },
    spec: { replicas: 3, selector: labels, template: template(labels, HOSTNAME) },
  });
  const { subsets } = await reaches(endpoints(ns), name, (one) => one.subsets?.[0]?.addresses?.length === 3);
  return subsets![0]!.addresses!.map(({ targetRef }) => targetRef!.name!);
}

const ask = (url: string, times = 1): string =>
  Array.from({ length: times }, () => `curl -s --connect-timeout 2 http://${url}/; echo`).join('; ');

const answers = (output: string): Set<string> => new Set(output.split(/\s+/).filter(Boolean));

let nodeIps: readonly string[];

beforeAll(async () => {
  nodeIps = (await nodes().list()).items.map(
    ({ status }) => status!.addresses!.find(({ type }) => type === 'InternalIP')!.address,
  );
});

describe('[sig-network] Services', () => {
  test('Service, NodePort Service', async () => {
    const ns = await namespace();
    const names = await backends(ns, 'nodeport-test', { type: 'NodePort' });
    const { spec } = await services(ns).get('nodeport-test');
    const run = await client(ns);
    const places = [
      'nodeport-test:80',
      `${spec.clusterIP}:80`,
      ...nodeIps.map((ip) => `${ip}:${spec.ports![0]!.nodePort}`),
    ];
    for (const place of places) {
      const [name] = answers(await run(ask(place)));
      expect(names).toContain(name);
    }
  });

  const sticks = async (type: string) => {
    const ns = await namespace();
    const names = await backends(ns, 'affinity', { type, sessionAffinity: 'ClientIP' });
    const { spec } = await services(ns).get('affinity');
    const run = await client(ns);
    const place = type === 'NodePort' ? `${nodeIps[0]}:${spec.ports![0]!.nodePort}` : `${spec.clusterIP}:80`;
    const found = answers(await run(ask(place, 10)));
    expect(found.size).toBe(1);
    expect(names).toContain([...found][0]);
    return { ns, run, place };
  };

  const switches = async (type: string) => {
    const { ns, run, place } = await sticks(type);
    await services(ns).patch('affinity', { spec: { sessionAffinity: 'None' } });
    await until(
      async () => answers(await run(ask(place, 15))),
      ({ size }) => size > 1,
    );
    await services(ns).patch('affinity', { spec: { sessionAffinity: 'ClientIP' } });
    await until(
      async () => answers(await run(ask(place, 10))),
      ({ size }) => size === 1,
    );
  };

  test('Service, ClusterIP type, session affinity to ClientIP', async () => void (await sticks('ClusterIP')));
  test('Service, NodePort type, session affinity to ClientIP', async () => void (await sticks('NodePort')));
  test('Service, ClusterIP type, session affinity to None', () => switches('ClusterIP'));
  test('Service, NodePort type, session affinity to None', () => switches('NodePort'));

  test('Service, change type, ExternalName to ClusterIP', async () => {
    const ns = await namespace();
    const spec = { type: 'ExternalName', externalName: 'foo.example.com' };
    await services(ns).create({ metadata: { name: 'ext' }, spec });
    expect((await services(ns).get('ext')).spec.clusterIP).toBeUndefined();
    await services(ns).patch('ext', {
      spec: {
        type: 'ClusterIP',
        externalName: null,
        selector: { name: 'ext' },
        ports: [{ port: 80, targetPort: 9376 }],
      },
    });
    await pods(ns).create({ ...template({}, HOSTNAME), metadata: { name: 'ext-0', labels: { name: 'ext' } } });
    await reaches(endpoints(ns), 'ext', (one) => one.subsets?.[0]?.addresses?.length === 1);
    const { clusterIP } = (await services(ns).get('ext')).spec;
    const run = await client(ns);
    expect([...answers(await run(`${ask('ext:80')}; ${ask(`${clusterIP}:80`)}`))]).toEqual(['ext-0']);
  });

  test('Service, change type, ExternalName to NodePort', async () => {
    const ns = await namespace();
    await services(ns).create({
      metadata: { name: 'ext' },
      spec: { type: 'ExternalName', externalName: 'foo.example.com' },
    });
    const { spec } = await services(ns).patch('ext', {
      spec: {
        type: 'NodePort',
        externalName: null,
        selector: { name: 'ext' },
        ports: [{ port: 80, targetPort: 9376 }],
      },
    });
    expect(spec.clusterIP).toBeTruthy();
    await pods(ns).create({ ...template({}, HOSTNAME), metadata: { name: 'ext-0', labels: { name: 'ext' } } });
    await reaches(endpoints(ns), 'ext', (one) => one.subsets?.[0]?.addresses?.length === 1);
    const run = await client(ns);
    expect([...answers(await run(ask(`${nodeIps[1]}:${spec.ports![0]!.nodePort}`)))]).toEqual(['ext-0']);
  });

  const becomesExternal = async (type: string) => {
    const ns = await namespace();
    await services(ns).create({ metadata: { name: 'target' }, spec: { ports: [{ port: 80 }] } });
    const { spec } = await services(ns).create({ metadata: { name: 'svc' }, spec: { type, ports: [{ port: 80 }] } });
    expect(spec.clusterIP).toBeTruthy();
    expect(spec.ports![0]!.nodePort !== undefined).toBe(type === 'NodePort');
    const externalName = `target.${ns}.svc.cluster.local`;
    const changed = await services(ns).change(
      'svc',
      ({ spec: { clusterIP: _1, clusterIPs: _2, ...rest }, ...old }) => ({
        ...old,
        spec: { ...rest, type: 'ExternalName', externalName },
      }),
    );
    expect(changed.spec.clusterIP).toBeUndefined();
    expect(changed.spec.ports?.[0]?.nodePort).toBeUndefined();
    const run = await client(ns);
    const { clusterIP } = (await services(ns).get('target')).spec;
    await until(
      () => run('nslookup svc.$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace).svc.cluster.local'),
      (output) => output.includes(clusterIP!),
    );
  };

  test('Service, change type, ClusterIP to ExternalName', () => becomesExternal('ClusterIP'));
  test('Service, change type, NodePort to ExternalName', () => becomesExternal('NodePort'));

  const addresses = async (ns: string, name: string) =>
    Object.fromEntries(
      ((await endpoints(ns).get(name)).subsets ?? []).flatMap(({ addresses, ports }) =>
        (addresses ?? []).map(({ targetRef }) => [targetRef!.name!, ports!.map(({ port }) => port)]),
      ),
    );

  const serving = (ns: string, name: string, expected: Record<string, number[]>) =>
    until(
      () => addresses(ns, name),
      (found) => JSON.stringify(Object.entries(found).sort()) === JSON.stringify(Object.entries(expected).sort()),
    );

  const netexec = (name: string, labels: object, port: number, portName?: string) => ({
    ...template(
      {},
      {
        image: AGNHOST,
        args: ['netexec', `--http-port=${port}`],
        ports: [{ containerPort: port, ...(portName && { name: portName }) }],
      },
    ),
    metadata: { name, labels },
  });

  test('Service, endpoints', async () => {
    const ns = await namespace();
    const labels = { foo: 'bar' };
    await services(ns).create({
      metadata: { name: 'ep' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await until(
      () => endpointSlices(ns).list(),
      ({ items }) => items.length === 1,
    );
    await serving(ns, 'ep', {});
    await pods(ns).create(netexec('pod1', labels, 8080));
    await serving(ns, 'ep', { pod1: [8080] });
    const run = await client(ns);
    expect(await run(ask('ep:80'))).toContain('NOW');
    await pods(ns).create(netexec('pod2', labels, 8080));
    await serving(ns, 'ep', { pod1: [8080], pod2: [8080] });
    await pods(ns).delete('pod1');
    await serving(ns, 'ep', { pod2: [8080] });
    await pods(ns).delete('pod2');
    await serving(ns, 'ep', {});
  });

  test('Service, endpoints with multiple ports', async () => {
    const ns = await namespace();
    const labels = { foo: 'bar' };
    await services(ns).create({
      metadata: { name: 'multi' },
      spec: {
        selector: labels,
        ports: [
          { name: 'portname1', port: 80, targetPort: 'svc1' },
          { name: 'portname2', port: 81, targetPort: 'svc2' },
        ],
      },
    });
    await pods(ns).create(netexec('pod1', labels, 100, 'svc1'));
    await serving(ns, 'multi', { pod1: [100] });
    await pods(ns).create(netexec('pod2', labels, 101, 'svc2'));
    await serving(ns, 'multi', { pod1: [100], pod2: [101] });
    const run = await client(ns);
    for (const port of [80, 81]) expect(await run(ask(`multi:${port}`))).toContain('NOW');
    await pods(ns).delete('pod1');
    await serving(ns, 'multi', { pod2: [101] });
    await pods(ns).delete('pod2');
    await serving(ns, 'multi', {});
  });

  test('Service, should serve endpoints on same port and different protocols.', async () => {
    const ns = await namespace();
    const labels = { app: 'multiprotocol' };
    await services(ns).create({
      metadata: { name: 'multiprotocol' },
      spec: {
        selector: labels,
        ports: [
          { name: 'tcp', port: 80, targetPort: 80, protocol: 'TCP' },
          { name: 'udp', port: 80, targetPort: 80, protocol: 'UDP' },
        ],
      },
    });
    const args = ['netexec', '--http-port=80', '--udp-port=80'];
    await pods(ns).create({ ...template({}, { image: AGNHOST, args }), metadata: { name: 'server', labels } });
    await reaches(endpoints(ns), 'multiprotocol', (one) => one.subsets?.[0]?.ports?.length === 2);
    const run = await client(ns);
    const { clusterIP } = (await services(ns).get('multiprotocol')).spec;
    const tcp = () => run(`curl -s --connect-timeout 1 http://${clusterIP}:80/hostname`);
    const udp = () => run(`echo hostname | nc -w 1 -u ${clusterIP} 80`);
    const works = (probe: () => Promise<string>, is: boolean) =>
      until(probe, (output) => output.includes('server') === is);
    await works(tcp, true);
    await works(udp, true);
    await services(ns).patch('multiprotocol', {
      spec: { ports: [{ name: 'tcp', port: 80, targetPort: 80, protocol: 'TCP' }] },
    });
    await works(udp, false);
    await works(tcp, true);
    await services(ns).patch('multiprotocol', {
      spec: { ports: [{ name: 'udp', port: 80, targetPort: 80, protocol: 'UDP' }] },
    });
    await works(tcp, false);
    await works(udp, true);
  });
});

describe('[sig-network] DNS', () => {
  const resolves = async (run: (script: string) => Promise<string>, name: string, ip: string) => {
    const output = await until(
      () => run(`nslookup ${name}`),
      (text) => text.includes(ip),
    );
    expect(output).toContain(ip);
  };

  test('DNS, cluster', async () => {
    const ns = await namespace();
    const run = await client(ns);
    const { clusterIP } = (await services('default').get('kubernetes')).spec;
    await resolves(run, 'kubernetes.default.svc.cluster.local', clusterIP!);
    expect(await run('cat /etc/hosts')).toContain('execpod');
  });

  test('DNS, services', async () => {
    const ns = await namespace();
    const labels = { 'dns-test': 'true' };
    await services(ns).create({
      metadata: { name: 'headless' },
      spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'http', port: 80 }] },
    });
    const { spec } = await services(ns).create({
      metadata: { name: 'regular' },
      spec: { selector: labels, ports: [{ name: 'http', port: 80 }] },
    });
    await pods(ns).create({ ...template({}), metadata: { name: 'backend', labels } });
    const { status } = await reaches(pods(ns), 'backend', (one) => one.status?.phase === 'Running');
    const run = await client(ns);
    await resolves(run, `headless.${ns}.svc.cluster.local`, status!.podIP!);
    await resolves(run, `regular.${ns}.svc.cluster.local`, spec.clusterIP!);
  });

  test('DNS, resolve the hostname', async () => {
    const ns = await namespace();
    const labels = { 'dns-test': 'hostname' };
    await services(ns).create({
      metadata: { name: 'dns-test-service' },
      spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'http', port: 80 }] },
    });
    await pods(ns).create({
      ...template(
        {},
        { image: BUSYBOX, command: ['sleep', '9999'] },
        { hostname: 'dns-querier', subdomain: 'dns-test-service' },
      ),
      metadata: { name: 'querier', labels },
    });
    const { status } = await reaches(pods(ns), 'querier', (one) => one.status?.phase === 'Running');
    const run = await client(ns);
    await resolves(run, `dns-querier.dns-test-service.${ns}.svc.cluster.local`, status!.podIP!);
    expect(await shell(ns, 'querier', 'cat /etc/hosts')).toContain(
      `dns-querier.dns-test-service.${ns}.svc.cluster.local`,
    );
  });

  test('DNS, for ExternalName Services', async () => {
    const ns = await namespace();
    await services(ns).create({ metadata: { name: 'target' }, spec: { ports: [{ port: 80 }] } });
    const name = 'external';
    await services(ns).create({
      metadata: { name },
      spec: { type: 'ExternalName', externalName: `target.${ns}.svc.cluster.local` },
    });
    const run = await client(ns);
    const { clusterIP } = (await services(ns).get('target')).spec;
    await resolves(run, `external.${ns}.svc.cluster.local`, clusterIP!);
    const { spec } = await services(ns).patch(name, {
      spec: { type: 'ClusterIP', externalName: null, ports: [{ port: 80 }] },
    });
    await resolves(run, `external.${ns}.svc.cluster.local`, spec.clusterIP!);
  });

  test('DNS, custom dnsConfig', async () => {
    const ns = await namespace();
    const dns = { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['resolv.conf.local'] } };
    await pods(ns).create({
      ...template({}, { image: BUSYBOX, command: ['sleep', '9999'] }, dns),
      metadata: { name: 'custom' },
    });
    await reaches(pods(ns), 'custom', ({ status }) => status?.phase === 'Running');
    const conf = await shell(ns, 'custom', 'cat /etc/resolv.conf');
    expect(conf).toContain('nameserver 1.1.1.1');
    expect(conf).toContain('search resolv.conf.local');
  });
});

describe('[sig-network] Proxy', () => {
  test('Proxy, validate Proxy responses', async () => {
    const ns = await namespace();
    const labels = { test: 'response' };
    const args = ['netexec', '--http-port=8080'];
    await pods(ns).create({
      ...template({}, { image: AGNHOST, args, ports: [{ containerPort: 8080 }] }),
      metadata: { name: 'agnhost', labels },
    });
    await services(ns).create({
      metadata: { name: 'test-service' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await reaches(endpoints(ns), 'test-service', (one) => one.subsets?.[0]?.addresses?.length === 1);
    for (const at of [`${pods(ns).path}/agnhost:8080`, `${services(ns).path}/test-service:80`])
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        const answer = await request<string>(method, `${at}/proxy/hostname`, method === 'GET' ? undefined : '').catch(
          (error: Error) => error.message,
        );
        expect(`${method} ${at} ${answer}`).toContain('agnhost');
      }
    await pods(ns).delete('agnhost');
    await gone(pods(ns), 'agnhost');
  });
});
