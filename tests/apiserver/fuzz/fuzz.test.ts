/** Whatever somebody sends: an object or a Status comes back, and what is stored stays sound. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { kinds } from '../../../src/api/kinds.ts';
import type { Kind } from '../../../src/api/kind.ts';
import type { HttpResponse } from '../../../src/apiserver/index.ts';
import { ADMIN, createCluster, type Cluster } from '../../../src/cluster/index.ts';
import { Manifests } from './manifests.ts';

const NAMESPACE = 'default';
const RUNS_PER_KIND = 40;

let cluster: Cluster;

beforeAll(() => {
  cluster = createCluster({ seed: 1, nodes: 2, runtime: 'instant', trace: { capacity: 0 } });
  cluster.kernel.runFor(5000);
});

const send = (method: string, url: string, body?: unknown, contentType = 'application/json'): HttpResponse =>
  cluster.apiserver.http({
    method,
    url,
    headers: { 'content-type': contentType, accept: 'application/json', 'user-agent': 'fuzz/1' },
    user: ADMIN,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

/** The JSON of an answer, after a look at its form. */
function formOf(asked: string, { status, body }: HttpResponse): Record<string, unknown> {
  const object = JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
  const context = `${asked}\n→ ${status} ${JSON.stringify(object).slice(0, 2000)}`;
  expect(status, context).toBeGreaterThanOrEqual(200);
  // The real server has no better code for some refusals of its own.
  if (!OWN_500.test(String(object['message']))) expect(status, context).toBeLessThan(500);
  expect(typeof object['kind'], context).toBe('string');
  expect(typeof object['apiVersion'], context).toBe('string');
  if (status >= 400) {
    expect(object, context).toMatchObject({ kind: 'Status', status: 'Failure', code: status });
    expect(object['message'], context).toBeTypeOf('string');
    expect(object['message'], context).not.toMatch(/undefined|\[object Object\]|NaN|is not a function|Cannot read/);
  }
  return object;
}

const OWN_500 = /^failed to create typed patch object |^\[?target\.(name|kind): /;

const urlOf = ({ group, version, namespaced, resource }: Kind): string =>
  `/${group ? `apis/${group}` : 'api'}/${version}/${namespaced ? `namespaces/${NAMESPACE}/` : ''}${resource}`;

const PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;

function patchOf(make: Manifests, type: string, object: unknown): unknown {
  if (type !== 'application/json-patch+json') return make.mutated(object);
  const path = make.pick([
    '/spec',
    '/metadata/labels',
    '/metadata/name',
    '/spec/-',
    '/status',
    '',
    '/a~1b',
    'x',
    '/data/0',
  ]);
  const op = make.pick(['add', 'replace', 'remove', 'test', 'move', 'copy', 'no']);
  return [{ op, path, from: '/metadata', value: make.mutated(object) }];
}

/** What was accepted once is accepted again, word for word, and nothing changes. */
function expectSound(kind: Kind, url: string): void {
  const { status, body } = send('GET', url);
  if (status !== 200) return;
  const object = JSON.parse(JSON.stringify(body)) as Record<string, unknown> & {
    metadata: { deletionTimestamp?: string; name: string };
  };
  expect(object.metadata.name).toBe(decodeURIComponent(url.slice(url.lastIndexOf('/') + 1)));
  // Events are kept in their older version, by whose fields their owners are remembered.
  if (kind.group === 'events.k8s.io') return;
  const verbs = kind.verbs ?? ['update'];
  if (!verbs.includes('update') || object.metadata.deletionTimestamp) return;
  const answer = formOf(`PUT ${url} ${JSON.stringify(object)}`, send('PUT', url, object));
  expect(answer, `PUT of what is stored: ${JSON.stringify(object)}`).toEqual(object);
}

describe('mutated manifests', { timeout: 120_000 }, () => {
  test.each(kinds.map((kind) => [urlOf(kind), kind] as const))('%s', (collection, kind) => {
    let n = 0;
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        const make = new Manifests(fc, gen);
        const name = `fuzz-${n++}`;
        const url = `${collection}/${name}`;
        const manifest = make.manifest(kind, name, NAMESPACE);
        const strict = make.chance(30) ? '?fieldValidation=Strict' : make.chance(20) ? '?dryRun=All' : '';
        const made = send('POST', collection + strict, manifest);
        const answer = formOf(`POST ${collection}${strict} ${JSON.stringify(manifest)}`, made);
        const current = made.status < 300 ? answer : manifest;
        if (made.status < 300) expectSound(kind, url);
        const changed = make.mutated(current);
        formOf(`PUT ${url} ${JSON.stringify(changed)}`, send('PUT', url, changed));
        const type = make.pick(PATCHES);
        const patch = patchOf(make, type, current);
        const force = type.includes('apply') ? '?fieldManager=fuzz&force=true' : '';
        const sub = make.pick(['', '', '/status', '/scale']);
        formOf(`PATCH ${url}${sub} ${type} ${JSON.stringify(patch)}`, send('PATCH', url + sub + force, patch, type));
        expectSound(kind, url);
        cluster.kernel.runFor(50);
        formOf(`GET ${collection}`, send('GET', collection));
        formOf(
          `DELETE ${url}`,
          send('DELETE', url, make.chance(20) ? make.mutated({ gracePeriodSeconds: 0 }) : undefined),
        );
      }),
      { numRuns: RUNS_PER_KIND, endOnFailure: true },
    );
  });
});

describe('odd requests', { timeout: 60_000 }, () => {
  const SEGMENTS = [
    ...['api', 'apis', 'v1', 'apps', 'v2', 'namespaces', 'default', 'nope', 'pods', 'nodes', 'deployments', 'events'],
    ...['status', 'scale', 'log', 'exec', 'attach', 'portforward', 'proxy', 'binding', 'eviction', 'token', 'watch'],
    ...[
      'healthz',
      'version',
      'openapi',
      'v3',
      '',
      '..',
      '%',
      '%00',
      '%2F',
      '\u00e9',
      'node-1',
      'kubernetes',
      'services',
    ],
  ];
  const QUERY = [
    ...['labelSelector=a', 'labelSelector=a in (', 'fieldSelector=spec.nope=1', 'fieldSelector=metadata.name=x'],
    ...['limit=2', 'limit=-1', 'limit=x', 'continue=x', 'continue=e30', 'resourceVersion=0', 'resourceVersion=x'],
    ...['resourceVersion=99999999', 'resourceVersionMatch=Exact', 'sendInitialEvents=true', 'timeoutSeconds=1'],
    ...['dryRun=No', 'fieldValidation=x', 'propagationPolicy=x', 'gracePeriodSeconds=-5', 'pretty=1', 'force=maybe'],
    ...[
      'follow=true',
      'tailLines=-1',
      'sinceSeconds=x',
      'container=nope',
      'command=ls',
      'watch=1',
      'allowWatchBookmarks=1',
    ],
  ];
  const TYPES = [
    'application/json',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    'text/html',
    '',
    ...PATCHES,
  ];
  const ACCEPT = [
    ...['*/*', 'application/json', 'application/yaml', 'application/cbor', 'text/html', ''],
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  ];
  const BODIES = [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{"kind":"Pod"}',
    '{"a":1,"a":2}',
    '\u0000',
    'a: b',
    '- [',
    'k8s\u0000',
    '9e999',
  ];

  test('are answered, whatever they are', () => {
    const any = fc.constantFrom;
    fc.assert(
      fc.property(
        fc.array(any(...SEGMENTS), { maxLength: 8 }),
        fc.array(any(...QUERY), { maxLength: 3 }),
        any('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'BREW'),
        fc.record({ 'content-type': any(...TYPES), accept: any(...ACCEPT) }),
        fc.oneof(any(...BODIES), fc.string(), fc.uint8Array({ maxLength: 40 })),
        (segments, query, method, headers, body) => {
          const url = `/${segments.join('/')}${query.length > 0 ? `?${query.join('&')}` : ''}`;
          const { status, body: answer, stream } = cluster.apiserver.http({ method, url, headers, body, user: ADMIN });
          const context = `${method} ${url} ${JSON.stringify(headers)} ${String(body)} → ${status} ${JSON.stringify(answer)}`;
          expect(status, context).toBeGreaterThanOrEqual(101);
          expect(JSON.stringify(answer) ?? '', context).not.toMatch(/Internal error|is not a function|Cannot read/);
          stream?.({ chunk: () => undefined, end: () => undefined })();
        },
      ),
      { numRuns: 5000 },
    );
    cluster.kernel.runFor(5000);
  });
});
