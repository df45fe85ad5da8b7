import { expect, test } from 'vitest';
import { Rig } from './rig.ts';

const GROUP = { group: 'authorization.k8s.io', version: 'v1', namespace: undefined };

const refused = (spec: object, metadata: object = {}, resource = 'subjectaccessreviews'): string | undefined =>
  new Rig().refusal({ verb: 'create', resource, ...GROUP, body: { metadata, spec } }).message;

const AT = 'spec.resourceAttributes';
const asking = (resourceAttributes: object): object => ({ user: 'jane', resourceAttributes });

test('selectors are text or requirements, and requirements are complete', () => {
  expect(
    refused(asking({ fieldSelector: {}, labelSelector: { rawSelector: 'a', requirements: [{ key: 'a' }] } })),
  ).toBe(
    `.authorization.k8s.io "" is invalid: [${AT}.fieldSelector.requirements: Required value: when ${AT}.fieldSelector is specified, requirements or rawSelector is required, ` +
      `${AT}.labelSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements]`,
  );
  const requirements = [
    { key: '', operator: 'In' },
    { key: 'a', operator: 'Exists', values: ['b'] },
  ];
  expect(refused(asking({ fieldSelector: { requirements } }))).toBe(
    `.authorization.k8s.io "" is invalid: [${AT}.fieldSelector.requirements[0].key: Required value: must be specified, ` +
      `${AT}.fieldSelector.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn', ` +
      `${AT}.fieldSelector.requirements[1].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist']`,
  );
  expect(
    refused(asking({ labelSelector: { requirements: [{ key: 'a b', operator: 'Newer', values: ['c'] }] } })),
  ).toContain(`${AT}.labelSelector.requirements[0].key: Invalid value: "a b"`);
});

test('questions have no metadata', () => {
  const spec = { resourceAttributes: { verb: 'get', resource: 'pods' } };
  expect(refused(spec, { name: 'q' }, 'selfsubjectaccessreviews')).toBe(
    '.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"q"}: must be empty',
  );
});
