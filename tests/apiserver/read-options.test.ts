import { describe, expect, test } from 'vitest';
import { encodeBase64Url } from '../../src/apiserver/base64url.ts';
import type { Status } from '../../src/api/status.ts';
import { configMap, pod, Rig } from './rig.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

const told = (rig: Rig, url: string, accept = ''): string => {
  const { body } = rig.http('GET', url, undefined, accept ? { accept } : {});
  return (body as Status).message ?? 'answered';
};

const wrong = (text: string): string => `ListOptions.meta.k8s.io "" is invalid: ${text}`;

describe('options of lists and watches', () => {
  const matching = 'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden';

  test.each([
    ['resourceVersionMatch=Exact', wrong(`${matching} unless resourceVersion is provided`)],
    ['resourceVersion=1&continue=x&resourceVersionMatch=Exact', wrong(`${matching} when continue is provided`)],
    [
      'resourceVersion=0&resourceVersionMatch=Exact',
      wrong('resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    ],
    [
      'resourceVersion=1&resourceVersionMatch=Newest',
      wrong('resourceVersionMatch: Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""'),
    ],
    ['sendInitialEvents=true', wrong('sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list')],
    [
      'watch=true&resourceVersionMatch=NotOlderThan',
      wrong(`${matching} for watch unless sendInitialEvents is provided`),
    ],
    [
      'watch=true&sendInitialEvents=true',
      wrong('resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    ],
    [
      'watch=true&sendInitialEvents=true&resourceVersionMatch=Exact',
      wrong(
        '[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, ' +
          'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
      ),
    ],
    [
      'resourceVersion=abc',
      'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    ],
  ])('%s is refused', (query, message) => {
    expect(told(new Rig(), `${MAPS}?${query}`)).toBe(message);
  });

  test('a watch with initial events tells where they end only to those who want bookmarks', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a'));
    const options = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } as const;
    const [plain, marked] = [
      rig.watch('configmaps', options),
      rig.watch('configmaps', { ...options, allowWatchBookmarks: true }),
    ];
    rig.settle();
    expect(plain.lines).toEqual(['ADDED a']);
    expect(marked.lines).toEqual(['ADDED a', 'BOOKMARK']);
  });
});

describe('continue tokens', () => {
  const asked = (token: string, more = ''): string => told(new Rig(), `${MAPS}?continue=${token}${more}`);
  const of = (token: object): string => encodeBase64Url(JSON.stringify(token));
  const bad = (text: string): string => `invalid continue token: continue key is not valid: ${text}`;

  test('that are none are refused in the words of who reads them', () => {
    const v = 'meta.k8s.io/v1';
    expect(asked('bogus')).toBe(bad('illegal base64 data at input byte 4'));
    expect(asked(encodeBase64Url('{"v":'))).toBe(bad('unexpected end of JSON input'));
    expect(asked(encodeBase64Url('nope'))).toBe(bad("invalid character 'o' in literal null (expecting 'u')"));
    expect(asked(of({ v: 'v9', rv: 1, start: 'a' }))).toBe(
      'invalid continue token: continue key is not valid: server does not recognize this encoded version v9',
    );
    expect(asked(of({ v, start: 'a' }))).toBe(bad(`incorrect encoded start resourceVersion (version ${v})`));
    expect(asked(of({ v, rv: 1, start: '' }))).toBe(bad(`encoded start key empty (version ${v})`));
    expect(asked(of({ v, rv: 1, start: '../../secrets/x' }))).toBe(bad('../../secrets/x'));
    expect(asked(of({ v, rv: 1, start: 'a' }), '&resourceVersion=5')).toBe(
      'specifying resource version is not allowed when using continue',
    );
    expect(asked(of({ v, rv: -1, start: 'a' }), '&resourceVersion=0')).toBe('answered');
  });
});

describe('field selectors', () => {
  const GROUPS: Readonly<Record<string, string>> = {
    jobs: '/apis/batch/v1',
    resourceslices: '/apis/resource.k8s.io/v1',
    deployments: '/apis/apps/v1',
    certificatesigningrequests: '/apis/certificates.k8s.io/v1',
  };
  const list = (resource: string, selector: string): string =>
    told(new Rig(), `${GROUPS[resource] ?? '/api/v1'}/${resource}?fieldSelector=${encodeURIComponent(selector)}`);

  test.each([
    ['pods', 'spec.image=a', 'field label not supported: spec.image'],
    ['nodes', 'metadata.namespace=a', 'field label not supported: metadata.namespace'],
    ['jobs', 'status.failed=1', 'field label "status.failed" not supported for batchv1.Job'],
    [
      'resourceslices',
      'spec.pool.name=a',
      'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: spec.pool.name',
    ],
    [
      'deployments',
      'spec.replicas=1',
      '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    ['certificatesigningrequests', 'spec.username=a', 'field label not supported: spec.username'],
  ])('%s do not know %s', (resource, selector, message) => {
    expect(list(resource, selector)).toBe(message);
  });

  test.each([
    ['pods', 'spec.host=n,spec.hostNetwork=false,spec.serviceAccountName=a'],
    ['services', 'spec.clusterIP=None,spec.type=ClusterIP'],
    ['secrets', 'type=Opaque'],
    ['nodes', 'spec.unschedulable=true'],
    ['events', 'involvedObject.name=a,reason!=b,reportingComponent=c'],
    ['certificatesigningrequests', 'spec.signerName=a'],
  ])('%s know %s', (resource, selector) => {
    expect(list(resource, selector)).toBe('answered');
  });

  test('name the node of a Pod as clients of long ago did', () => {
    const rig = new Rig();
    rig.create('pods', pod('a', { nodeName: 'n' }));
    const found = rig.http('GET', '/api/v1/pods?fieldSelector=spec.host%3Dn').body as { items: object[] };
    expect(found.items).toHaveLength(1);
  });
});

describe('forms of an answer', () => {
  const as = (kind: string, version = 'v1'): string => `application/json;as=${kind};v=${version};g=meta.k8s.io`;

  test('are those that go with what is asked for', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a'));
    expect(told(rig, MAPS, as('PartialObjectMetadata'))).toBe(
      'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    );
    expect(told(rig, `${MAPS}/a`, as('PartialObjectMetadataList'))).toBe(
      'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
    );
    expect(told(rig, MAPS, as('Table', 'v2'))).toBe(
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
    expect(told(rig, `${MAPS}?includeObject=Some`, as('Table'))).toBe(
      'Unable to convert to Table as requested: includeObject: Invalid value: "Some": ' +
        "must be 'Metadata', 'Object', 'None', or empty",
    );
    expect(told(rig, `${MAPS}?includeObject=Some`)).toBe('answered');
  });

  test('come in the older version, too', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a'));
    const get = (url: string, accept: string): unknown => rig.http('GET', url, undefined, { accept }).body;
    const apiVersion = 'meta.k8s.io/v1beta1';
    expect(get(MAPS, as('Table', 'v1beta1'))).toMatchObject({
      kind: 'Table',
      apiVersion,
      rows: [{ object: { kind: 'PartialObjectMetadata', apiVersion } }],
    });
    expect(get(`${MAPS}?includeObject=None`, as('Table'))).toMatchObject({ rows: [{ object: null }] });
    expect(get(MAPS, as('PartialObjectMetadataList', 'v1beta1'))).toMatchObject({
      kind: 'PartialObjectMetadataList',
      apiVersion,
      items: [{ kind: 'PartialObjectMetadata', apiVersion, metadata: { name: 'a' } }],
    });
  });
});
