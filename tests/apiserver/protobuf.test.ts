import { describe, expect, test } from 'vitest';
import { decodeProtobuf } from '../../src/apiserver/http/protobuf/decode-protobuf.ts';
import { fieldsOf } from '../../src/apiserver/http/protobuf/field-numbers.ts';
import { schemaNames } from '../../src/api/schema/schema.ts';
import { kinds } from '../../src/api/kinds.ts';

type Field = readonly [number: number, value: string | number | readonly Field[]];

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]);

/** A message as Go's encoder writes it: text and nested messages by length, numbers as varints. */
const message = (fields: readonly Field[]): number[] =>
  fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [...varint(number << 3), ...varint(value)];
    const bytes = typeof value === 'string' ? [...new TextEncoder().encode(value)] : message(value);
    return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
  });

const envelope = (apiVersion: string, kind: string, fields: readonly Field[]): Uint8Array => {
  const typeMeta: Field[] = [
    [1, apiVersion],
    [2, kind],
  ];
  return Uint8Array.from([
    0x6b,
    0x38,
    0x73,
    0,
    ...message([
      [1, typeMeta],
      [2, fields],
    ]),
  ]);
};

describe('objects that come as protobuf', () => {
  test('are read by the numbers of their fields', () => {
    const template: Field[] = [
      [
        2,
        [
          [
            2,
            [
              [1, 'c'],
              [2, 'busybox'],
            ],
          ],
          [3, 'Never'],
        ],
      ],
    ];
    const bytes = envelope('batch/v1', 'Job', [
      [1, [[1, 'j']]],
      [
        2,
        [
          [2, 3],
          [6, template],
          [10, 1],
        ],
      ],
    ]);
    expect(decodeProtobuf(bytes)).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: {
        completions: 3,
        suspend: true,
        template: { spec: { containers: [{ name: 'c', image: 'busybox' }], restartPolicy: 'Never' } },
      },
    });
  });

  test('have the fields of the structs that theirs embed', () => {
    const volume: Field[] = [
      [1, 'v'],
      [2, [[19, [[1, [[1, 'settings']]]]]]],
    ];
    const probe: Field[] = [
      [
        1,
        [
          [
            2,
            [
              [1, '/'],
              [
                2,
                [
                  [1, 0],
                  [2, 80],
                ],
              ],
            ],
          ],
        ],
      ],
      [2, 5],
    ];
    const bytes = envelope('v1', 'Pod', [
      [
        2,
        [
          [1, volume],
          [
            2,
            [
              [1, 'c'],
              [10, probe],
            ],
          ],
        ],
      ],
    ]);
    expect(decodeProtobuf(bytes)).toMatchObject({
      spec: {
        volumes: [{ name: 'v', configMap: { name: 'settings' } }],
        containers: [{ name: 'c', livenessProbe: { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 5 } }],
      },
    });
  });

  test('have quantities, times and either-ors as JSON has them', () => {
    const pdb = envelope('policy/v1', 'PodDisruptionBudget', [
      [1, [[8, [[1, 1_700_000_000]]]]],
      [
        2,
        [
          [
            1,
            [
              [1, 1],
              [3, '50%'],
            ],
          ],
        ],
      ],
    ]);
    expect(decodeProtobuf(pdb)).toMatchObject({
      metadata: { creationTimestamp: '2023-11-14T22:13:20Z' },
      spec: { minAvailable: '50%' },
    });
    const quota = envelope('v1', 'ResourceQuota', [
      [
        2,
        [
          [
            1,
            [
              [1, 'pods'],
              [2, [[1, '5']]],
            ],
          ],
        ],
      ],
    ]);
    expect(decodeProtobuf(quota)).toMatchObject({ spec: { hard: { pods: '5' } } });
  });

  test('are refused when they are cut short or none at all', () => {
    const whole = envelope('v1', 'ConfigMap', [[1, [[1, 'a-name']]]]);
    expect(() => decodeProtobuf(whole.subarray(0, -3))).toThrow('unexpected EOF');
    expect(() => decodeProtobuf(new TextEncoder().encode('{}'))).toThrow('does not appear to be a protobuf message');
    expect(() => decodeProtobuf(envelope('v1', 'Nothing', []))).toThrow('no kind "Nothing" is registered');
  });

  test('may be of every kind but definitions of custom resources and API services', () => {
    const served = new Set(kinds.map(({ schema }) => schema));
    const unread = schemaNames().filter((name) => served.has(name) && !fieldsOf(name));
    expect(unread.filter((name) => !/apiextensions|apiregistration/.test(name))).toEqual([]);
  });
});
