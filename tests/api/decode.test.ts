import { describe, expect, it } from 'vitest';
import {
  ApiError,
  ConfigMapKind,
  decode,
  duplicateFields,
  goJsonError,
  LeaseKind,
  PodKind,
  type Pod,
} from '../../src/api/index.ts';

const message = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
  throw new Error('Expected an ApiError.');
};

const pod = (spec: object, rest: object = {}): object => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', ...spec }] },
  ...rest,
});

describe('decoding', () => {
  it('drops what means nothing and keeps what does', () => {
    const { object } = decode<Pod>(PodKind, {
      metadata: { name: 'p', labels: { a: null }, annotations: {} },
      spec: {
        hostNetwork: false,
        priority: 0,
        volumes: [],
        affinity: {},
        automountServiceAccountToken: false,
        containers: [
          {
            name: 'c',
            tty: false,
            args: [],
            env: [{ name: 'A', value: '' }],
            resources: { limits: { cpu: 1, memory: '1024Mi' } },
          },
        ],
      },
      status: null,
    });
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', labels: { a: '' } },
      spec: {
        priority: 0,
        affinity: {},
        automountServiceAccountToken: false,
        containers: [{ name: 'c', env: [{ name: 'A' }], resources: { limits: { cpu: '1', memory: '1Gi' } } }],
      },
      status: {},
    });
  });

  it('names unknown and duplicate fields, or warns of them, or lets them be', () => {
    const raw = { metadata: { name: 'c', label: {} }, extra: 1 };
    expect(message(() => decode(ConfigMapKind, raw, { fieldValidation: 'Strict', duplicates: ['data.a'] }))).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a", unknown field "metadata.label", unknown field "extra"',
    );
    const warned = decode(ConfigMapKind, raw, { fieldValidation: 'Warn' });
    expect(warned.warnings).toEqual(['unknown field "metadata.label"', 'unknown field "extra"']);
    expect(warned.object).not.toHaveProperty('extra');
    expect(decode(ConfigMapKind, raw).warnings).toEqual([]);
  });

  it.each([
    [
      pod({ livenessProbe: { exec: { command: 'x' } } }),
      'json: cannot unmarshal string into Go struct field ExecAction.spec.containers.livenessProbe.ProbeHandler.exec.command of type []string',
    ],
    [
      pod({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 5 } } }] }),
      'json: cannot unmarshal number into Go struct field ConfigMapKeySelector.spec.containers.env.valueFrom.configMapKeyRef.LocalObjectReference.name of type string',
    ],
    [
      pod({ imagePullPolicy: 5 }),
      'json: cannot unmarshal number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy',
    ],
    [
      pod({ resources: { limits: [] } }),
      'json: cannot unmarshal array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList',
    ],
    [pod({ readinessProbe: { tcpSocket: { port: true } } }), 'json: cannot unmarshal bool into Go value of type int32'],
    // A quantity that cannot be read ends the reading, whatever was wrong before.
    [
      pod({ image: 5, resources: { limits: { cpu: 'one' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      { metadata: { name: 'p', creationTimestamp: 'yesterday' } },
      'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    ],
    [{ kind: 'Secret', metadata: { name: 'p' } }, 'converting (v1.Secret) to (core.Pod): unknown conversion'],
  ])('%j', (raw, text) => {
    expect(message(() => decode(PodKind, raw))).toMatch(
      new RegExp(`cannot be handled as a Pod: ${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`),
    );
  });

  it('keeps micro times to the microsecond', () => {
    const { object } = decode<{ spec: { renewTime: string } }>(LeaseKind, {
      metadata: { name: 'l' },
      spec: { renewTime: '2026-01-01T02:00:00.123456+01:00' },
    });
    expect(object.spec.renewTime).toBe('2026-01-01T01:00:00.123456Z');
  });

  it('takes over what an older version shares with it', () => {
    const { object: old } = decode<Pod>(PodKind, pod({ image: 'a' }, { status: { phase: 'Pending' } }));
    const { object: next } = decode<Pod>(PodKind, { ...old, status: { phase: 'Running' } }, { unchanged: old });
    expect(next.spec.containers).toBe(old.spec.containers);
    expect(next.spec).not.toBe(old.spec);
    expect(next.metadata).not.toBe(old.metadata);
    expect(next.status).toEqual({ phase: 'Running' });
  });
});

it('finds fields that a JSON text has twice', () => {
  expect(duplicateFields('{"spec":{"a":1,"a":[{"b":"\\"","b":2}]},"spec":null}')).toEqual([
    'spec.a',
    'spec.a[0].b',
    'spec',
  ]);
  expect(duplicateFields('{"a":{"b":1},"c":[{"b":1},{"b":2}]}')).toEqual([]);
});

it.each([
  ['hello', "invalid character 'h' looking for beginning of value"],
  ['not json', "invalid character 'o' in literal null (expecting 'u')"],
  ['{', 'unexpected end of JSON input'],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['[1 2]', "invalid character '2' after array element"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['{"a":[1,-0.5e+3,"\\u00e9",null,true]}', undefined],
])('%j is no JSON', (text, problem) => {
  expect(goJsonError(text)).toBe(problem);
});
