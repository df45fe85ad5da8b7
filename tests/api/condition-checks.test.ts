import { expect, test } from 'vitest';
import { checkConditions } from '../../src/api/condition-checks.ts';
import type { FieldError } from '../../src/api/kind.ts';

const refusals = (...conditions: object[]): string[] => {
  const errors: FieldError[] = [];
  checkConditions(conditions, 'c', errors);
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
};

test('a condition says what, whether, since when and why', () => {
  const good = { type: 'x.io/Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'AllWell' };
  expect(refusals(good)).toEqual([]);
  expect(refusals(good, { ...good, status: 'true', reason: 'all well' })).toEqual([
    'c[1].type: Duplicate value: "x.io/Ready"',
    'c[1].status: Unsupported value: "true": supported values: "False", "True", "Unknown"',
    expect.stringContaining(`c[1].reason: Invalid value: "all well": a condition reason must start with`),
  ]);
  expect(refusals({ type: 'Ready', status: 'True' })).toEqual([
    'c[0].lastTransitionTime: Required value',
    'c[0].reason: Required value',
  ]);
});
