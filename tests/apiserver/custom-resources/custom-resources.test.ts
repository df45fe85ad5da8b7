import { describe, expect, test } from 'vitest';
import { CrdRig, GROUP, kites, version } from './crd-rig.ts';

const COLOR = { properties: { color: { type: 'string' }, size: { type: 'integer', default: 2 } } };

describe('definitions', () => {
  test('are given their names, and serve what they define', () => {
    const rig = new CrdRig();
    rig.define(kites([version(COLOR)]));
    expect(rig.conditions()).toEqual(['NamesAccepted True NoConflicts', 'Established True InitialNamesAccepted']);
    expect(rig.createKite('red', { color: 'red' })['spec']).toEqual({ color: 'red', size: 2 });
    const answer = rig.http('GET', `/apis/${GROUP}/v1`).body as { resources: { name: string; shortNames: string[] }[] };
    expect(answer.resources).toMatchObject([{ name: 'kites', shortNames: ['kt'] }]);
  });

  test('do not take names that others of their group have, and get them when those go', () => {
    const rig = new CrdRig();
    rig.define(kites([version(COLOR)]));
    const other = `gliders.${GROUP}`;
    rig.define({
      metadata: { name: other },
      spec: {
        ...(kites([version(COLOR)]) as { spec: object }).spec,
        names: { plural: 'gliders', singular: 'glider', kind: 'Kite', shortNames: ['kt'] },
      },
    });
    expect(rig.conditions(other)).toEqual(['NamesAccepted False ListKindConflict', 'Established False NotAccepted']);
    rig.undefine();
    expect(rig.conditions(other)).toContain('Established True InitialNamesAccepted');
  });

  test('serve their versions under their names, and store one', () => {
    const rig = new CrdRig();
    const old = version({ properties: { color: { type: 'string' } } }, { name: 'v1beta1', storage: false });
    rig.define(kites([old, version(COLOR)]));
    rig.createKite('red', { color: 'red' }, { version: 'v1beta1' });
    expect(rig.kite('get', { name: 'red' })).toMatchObject({
      apiVersion: `${GROUP}/v1`,
      spec: { color: 'red', size: 2 },
    });
    const seen = rig.kite('get', { name: 'red', version: 'v1beta1' });
    expect(seen).toMatchObject({ apiVersion: `${GROUP}/v1beta1`, spec: { color: 'red' } });
    expect((rig.definition()['status'] as { storedVersions: string[] }).storedVersions).toEqual(['v1']);
    rig.redefine({
      spec: { versions: [{ ...old, storage: true }, version(COLOR, { storage: false })] },
    });
    expect((rig.definition()['status'] as { storedVersions: string[] }).storedVersions).toEqual(['v1', 'v1beta1']);
    expect(rig.kite('get', { name: 'red' })['spec']).toEqual({ color: 'red', size: 2 });
  });

  test('take their instances with them, once nothing holds those', () => {
    const rig = new CrdRig();
    rig.define(kites([version(COLOR)]));
    rig.createKite('red', {});
    const held = { apiVersion: `${GROUP}/v1`, kind: 'Kite', metadata: { name: 'held', finalizers: ['a.b/c'] } };
    rig.kite('create', { body: held });
    const watch = rig.watchKites();
    rig.undefine();
    expect(rig.conditions()).toContain('Terminating True InstanceDeletionInProgress');
    expect(rig.refusal({ group: GROUP, version: 'v1', resource: 'kites', verb: 'create', body: held }).message).toBe(
      `kites.${GROUP} "held" is forbidden: create not allowed while custom resource definition is terminating`,
    );
    rig.kite('patch', { name: 'held', patchType: 'merge', body: { metadata: { finalizers: null } } });
    rig.kernel.runFor(6_000);
    expect(() => rig.definition()).toThrow('not found');
    expect(rig.http('GET', `/apis/${GROUP}/v1/kites`).status).toBe(404);
    expect(watch.closed).toBe(true);
  });

  test('that change show in what is stored: fields that are no longer specified go, new defaults come', () => {
    const rig = new CrdRig();
    rig.define(kites([version(COLOR)]));
    rig.createKite('red', { color: 'red' });
    rig.redefine({
      spec: {
        versions: [
          version({ properties: { size: { type: 'integer', default: 5 }, tail: { default: 'long', type: 'string' } } }),
        ],
      },
    });
    expect(rig.kite('get', { name: 'red' })['spec']).toEqual({ size: 2, tail: 'long' });
  });
});

describe('custom resources', () => {
  test('raise their generation with every change where status is a part of them', () => {
    const rig = new CrdRig();
    rig.define(kites([version(COLOR)]));
    rig.createKite('red', {});
    const patch = (body: object): number =>
      rig.kite('patch', { name: 'red', patchType: 'merge', body }).metadata.generation!;
    expect(patch({ metadata: { labels: { a: 'b' } } })).toBe(1);
    expect(patch({ status: { flying: true } })).toBe(2);
    expect(patch({ spec: { color: 'blue' } })).toBe(3);
  });

  test('keep their status to its subresource where they have one, and their metadata from it', () => {
    const rig = new CrdRig();
    rig.define(kites([version(COLOR, { subresources: { status: {} } })]));
    rig.createKite('red', {});
    const merge = { name: 'red', patchType: 'merge' } as const;
    expect(rig.kite('patch', { ...merge, body: { status: { flying: true } } })['status']).toBeUndefined();
    const body = { status: { flying: true }, spec: { size: 9 }, metadata: { labels: { a: 'b' } } };
    const written = rig.kite('patch', { ...merge, subresource: 'status', body });
    expect(written).toMatchObject({ status: { flying: true }, spec: { size: 2 }, metadata: { generation: 1 } });
    expect(written.metadata.labels).toBeUndefined();
  });

  test('must be updated with the version that was read', () => {
    const rig = new CrdRig();
    rig.define(kites([version(COLOR)]));
    const {
      metadata: { resourceVersion: _, ...metadata },
      ...rest
    } = rig.createKite('red', {});
    const asked = { group: GROUP, version: 'v1', resource: 'kites', verb: 'update', name: 'red' } as const;
    expect(rig.refusal({ ...asked, body: { ...rest, metadata } }).message).toContain('must be specified for an update');
  });

  test('say what they are, as built-in ones need not', () => {
    const rig = new CrdRig();
    rig.define(kites([version(COLOR)]));
    const asked = { group: GROUP, version: 'v1', resource: 'kites', verb: 'create' } as const;
    expect(rig.refusal({ ...asked, body: { metadata: { name: 'red' } } })).toMatchObject({
      reason: 'BadRequest',
      message: `Kite in version "v1" cannot be handled as a Kite: Object 'Kind' is missing in '{"metadata":{"name":"red"}}'`,
    });
  });

  test('are selected by the fields that their definition says', () => {
    const rig = new CrdRig();
    rig.define(kites([version(COLOR, { selectableFields: [{ jsonPath: '.spec.color' }] })]));
    rig.createKite('red', { color: 'red' });
    rig.createKite('blue', { color: 'blue' });
    const list = rig.kite('list', { options: { fieldSelector: 'spec.color=red' } });
    expect((list['items'] as object[]).length).toBe(1);
    expect(() => rig.kite('list', { options: { fieldSelector: 'spec.size=2' } })).toThrow('field label not supported');
  });

  test('are owned field by field as their lists say', () => {
    const rig = new CrdRig();
    const ports = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port'],
      items: {
        type: 'object',
        required: ['port'],
        properties: { port: { type: 'integer' }, name: { type: 'string' } },
      },
    };
    rig.define(kites([version({ properties: { ports } })]));
    const apply = (manager: string, list: object[]): object => ({
      group: GROUP,
      version: 'v1',
      resource: 'kites',
      verb: 'patch',
      patchType: 'apply',
      name: 'red',
      options: { fieldManager: manager },
      body: { apiVersion: `${GROUP}/v1`, kind: 'Kite', metadata: { name: 'red' }, spec: { ports: list } },
    });
    rig.ask(apply('a', [{ port: 1, name: 'x' }]) as never);
    expect(rig.ask(apply('b', [{ port: 2, name: 'y' }]) as never)['spec']).toEqual({
      ports: [
        { port: 1, name: 'x' },
        { port: 2, name: 'y' },
      ],
    });
    expect(rig.refusal(apply('b', [{ port: 1, name: 'z' }]) as never).message).toBe(
      'Apply failed with 1 conflict: conflict with "a": .spec.ports[port=1].name',
    );
  });
});
