import { describe, expect, test } from 'vitest';
import { CrdRig, GROUP, kites, version } from './crd-rig.ts';

const rule = (text: string, parts: object = {}): object => ({ rule: text, ...parts });

function rigWith(spec: object): CrdRig {
  const rig = new CrdRig();
  rig.define(kites([version(spec)]));
  return rig;
}

const number = (...rules: object[]): object => ({
  properties: { n: { type: 'integer', 'x-kubernetes-validations': rules }, other: { type: 'string' } },
});

describe('rules', () => {
  test('refuse with their message, or else with themselves', () => {
    const rig = rigWith(number(rule('self > 1', { message: 'more' }), rule('self < 9')));
    expect(rig.kiteCauses({ n: 0 })).toEqual(['spec.n: Invalid value: 0: more']);
    expect(rig.kiteCauses({ n: 10 })).toEqual(['spec.n: Invalid value: 10: failed rule: self < 9']);
  });

  test('compare with the value before only where there is one', () => {
    const rig = rigWith(number(rule('self >= oldSelf', { message: 'only up' })));
    rig.createKite('red', { n: 5 });
    expect(rig.patchCauses('red', { spec: { n: 4 } })).toEqual(['spec.n: Invalid value: 4: only up']);
    expect(rig.kite('patch', { name: 'red', patchType: 'merge', body: { spec: { n: 6 } } })['spec']).toEqual({ n: 6 });
  });

  test('let pass what was there before they were, with a warning', () => {
    const rig = rigWith(number());
    rig.createKite('red', { n: 0 });
    rig.redefine({ spec: { versions: [version(number(rule('self > 1', { message: 'more' })))] } });
    const patch = { group: GROUP, version: 'v1', resource: 'kites', verb: 'patch', name: 'red' } as const;
    const body = { spec: { other: 'x' } };
    const { warnings } = rig.server.serve(rig.request({ ...patch, patchType: 'merge', body }));
    expect(warnings).toEqual(['spec.n: Invalid value: 0: more']);
    expect(rig.patchCauses('red', { spec: { n: -1 } })).toEqual(['spec.n: Invalid value: -1: more']);
  });

  test('warn of what was there before even where something else is refused', () => {
    const rig = rigWith(number());
    rig.createKite('red', { n: 0, other: 'a' });
    const properties = (number(rule('self > 1', { message: 'more' })) as { properties: object }).properties;
    const constant = rule('self.other == oldSelf.other', { message: 'constant' });
    rig.redefine({ spec: { versions: [version({ properties, 'x-kubernetes-validations': [constant] })] } });
    const patch = { group: GROUP, version: 'v1', resource: 'kites', verb: 'patch', name: 'red' } as const;
    const ask = (): unknown =>
      rig.server.serve(rig.request({ ...patch, patchType: 'merge', body: { spec: { other: 'b' } } }));
    expect(ask).toThrow(expect.objectContaining({ warnings: ['spec.n: Invalid value: 0: more'] }));
  });

  test('that cost too much are refused with the definition', () => {
    const rig = new CrdRig();
    const list = { type: 'array', items: { type: 'string' } };
    const found = rig.definitionCauses(
      kites([
        version({
          properties: { list },
          'x-kubernetes-validations': [rule('self.list.all(a, self.list.all(b, a == b))')],
        }),
      ]),
    );
    expect(found.length).toBe(3);
    expect(found[0]).toContain('estimated rule cost exceeds budget by factor of more than 100x');
  });
});

describe('what was valid stays so', () => {
  test('by schema: only what changes is judged anew', () => {
    const rig = rigWith({ properties: { n: { type: 'integer' }, other: { type: 'string' } } });
    rig.createKite('red', { n: 100 });
    rig.redefine({
      spec: {
        versions: [version({ properties: { n: { type: 'integer', maximum: 10 }, other: { type: 'string' } } })],
      },
    });
    rig.kite('patch', { name: 'red', patchType: 'merge', body: { spec: { other: 'x' } } });
    expect(rig.patchCauses('red', { spec: { n: 101 } })).toEqual([
      'spec.n: Invalid value: 101: spec.n in body should be less than or equal to 10',
    ]);
  });

  test('by identity: a set that had duplicates may keep them', () => {
    const tags = (listType?: string): object => ({
      properties: {
        tags: { type: 'array', items: { type: 'string' }, ...(listType ? { 'x-kubernetes-list-type': listType } : {}) },
      },
    });
    const rig = rigWith(tags());
    rig.createKite('red', { tags: ['a', 'a'] });
    rig.redefine({ spec: { versions: [version(tags('set'))] } });
    rig.kite('patch', { name: 'red', patchType: 'merge', body: { spec: { tags: ['a', 'a', 'b'] } } });
    expect(rig.kiteCauses({ tags: ['a', 'a'] })).toEqual(['spec.tags[1]: Duplicate value: "a"']);
  });
});
