import { expect, test } from 'vitest';
import { LeaseKind } from '../../src/api/coordination/lease.ts';
import { NamespaceKind } from '../../src/api/core/namespace.ts';
import { kinds } from '../../src/api/kinds.ts';
import { ApiServer } from '../../src/apiserver/index.ts';
import { Client, LeaderElector } from '../../src/client/index.ts';
import { Etcd } from '../../src/etcd/index.ts';
import { Kernel } from '../../src/kernel/index.ts';

test('one candidate leads; another takes over when the lease expires', () => {
  const kernel = new Kernel({ seed: 1 });
  const server = new ApiServer({ kernel, etcd: new Etcd(kernel), kinds });
  const client = new Client(server, { user: { username: 'test', groups: ['system:masters'] }, userAgent: 'test' });
  client
    .resource(NamespaceKind)
    .create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' }, spec: {} });
  const said: string[] = [];
  /** Candidates whose requests do not get through. */
  const cut = new Set<string>();
  const candidate = (identity: string): LeaderElector => {
    const endpoint = {
      serve: (request: Parameters<ApiServer['serve']>[0]) => {
        if (cut.has(identity)) throw new Error('connection refused');
        return server.serve(request);
      },
      watch: server.watch.bind(server),
    };
    return new LeaderElector({
      kernel,
      client: new Client(endpoint, { user: client.user, userAgent: identity }),
      name: 'lock',
      namespace: 'kube-system',
      identity,
      onStartedLeading: () => said.push(`${identity} leads`),
      onStoppedLeading: () => said.push(`${identity} stops`),
    });
  };
  const [a, b] = [candidate('a'), candidate('b')];
  a.start();
  b.start();
  kernel.runFor(60_000);
  expect(said).toEqual(['a leads']);
  cut.add('a');
  kernel.runFor(30_000);
  expect(said).toEqual(['a leads', 'a stops', 'b leads']);
  expect(client.resource(LeaseKind).get('lock', 'kube-system').spec).toMatchObject({
    holderIdentity: 'b',
    leaseTransitions: 1,
  });
  b.stop();
  expect(client.resource(LeaseKind).get('lock', 'kube-system').spec.holderIdentity ?? '').toBe('');
});
