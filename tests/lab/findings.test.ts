import { expect, test } from 'vitest';
import type { Status } from '../../src/api/status.ts';
import { findingsOf } from '../../src/lab/findings.ts';
import { fieldPath } from '../../src/lab/yaml-positions.ts';

const text = `# two objects
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: -1
  template:
    spec:
      containers:
        - name: nginx
          image: nginx
        - name: Other!
          imagee: x
`;
const file = { path: 'web.yaml', text };
const url = '/apis/apps/v1/namespaces/default/deployments';

const refused = (fields: Partial<Status>): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  code: 422,
  ...fields,
});

test('a cause is found at the line of its field, in the object it is about', () => {
  const status = refused({
    details: {
      name: 'web',
      group: 'apps',
      kind: 'Deployment',
      causes: [
        { field: 'spec.replicas', message: 'Invalid value: -1: must be greater than or equal to 0' },
        { field: 'spec.template.spec.containers[1].name', message: 'Invalid value: "Other!"' },
        { field: 'spec.selector', message: 'Required value' },
      ],
    },
  });
  expect(findingsOf(file, [{ status, url }])).toEqual([
    {
      path: 'web.yaml',
      line: 14,
      column: 3,
      message: 'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    },
    {
      path: 'web.yaml',
      line: 20,
      column: 11,
      message: 'spec.template.spec.containers[1].name: Invalid value: "Other!"',
    },
    { path: 'web.yaml', line: 13, column: 1, message: 'spec.selector: Required value' },
  ]);
});

test('fields that decoding refuses are read from the message', () => {
  const unknown = refused({
    message:
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[1].imagee"',
  });
  expect(findingsOf(file, [{ status: unknown, url }])).toMatchObject([{ line: 21, column: 11 }]);
  const type = refused({
    message: 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  });
  expect(findingsOf(file, [{ status: type, url }])).toMatchObject([{ line: 14, column: 3 }]);
});

test('a text that is not YAML is reported where it stops being it', () => {
  expect(findingsOf({ path: 'a.yaml', text: 'a: b\n  c: d\n' }, [])).toEqual([
    { path: 'a.yaml', line: 2, column: 4, message: 'YAML: bad indentation of a mapping entry' },
  ]);
});

test('field paths split as the API writes them', () => {
  expect(fieldPath('metadata.labels[app.kubernetes.io/name].x{web}[3]')).toEqual([
    'metadata',
    'labels',
    'app.kubernetes.io/name',
    'x',
    'web',
    3,
  ]);
});
