import { customResources } from '../../../src/apiserver/custom-resources/extension.ts';
import type { ApiRequest } from '../../../src/apiserver/index.ts';
import type { UntypedObject } from '../../../src/api/object.ts';
import type { Status } from '../../../src/api/status.ts';
import { Rig, type Seen } from '../rig.ts';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

export const GROUP = 'shop.example.com';

export interface VersionParts {
  readonly name?: string;
  readonly served?: boolean;
  readonly storage?: boolean;
  readonly [part: string]: unknown;
}

/** A version of a definition; `spec` and `status` are schemas of these fields. */
export const version = (spec: object, parts: VersionParts = {}): object => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: { type: 'object', ...spec },
        status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
  ...parts,
});

/** A definition of Kites in the group shop.example.com. */
export const kites = (versions: readonly object[], parts: object = {}): object => ({
  metadata: { name: `kites.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: 'kites', singular: 'kite', kind: 'Kite', shortNames: ['kt'] },
    versions,
    ...parts,
  },
});

/** An API server that serves custom resources, and short ways to ask it for Kites. */
export class CrdRig extends Rig {
  constructor() {
    super({ extensions: [customResources] });
  }

  define(definition: object): UntypedObject {
    const made = this.ask({ ...DEFINITIONS, verb: 'create', namespace: undefined, body: definition });
    this.kernel.runFor(100);
    return made;
  }

  definition(name = `kites.${GROUP}`): UntypedObject {
    return this.ask({ ...DEFINITIONS, verb: 'get', namespace: undefined, name });
  }

  redefine(patch: object, name = `kites.${GROUP}`): void {
    this.ask({ ...DEFINITIONS, verb: 'patch', namespace: undefined, name, patchType: 'merge', body: patch });
    this.kernel.runFor(100);
  }

  /** What is wrong with a definition, cause by cause. */
  definitionCauses(definition: object): string[] {
    return causes(this.refusal({ ...DEFINITIONS, verb: 'create', namespace: undefined, body: definition }));
  }

  undefine(name = `kites.${GROUP}`): void {
    this.ask({ ...DEFINITIONS, verb: 'delete', namespace: undefined, name });
    this.kernel.runFor(100);
  }

  conditions(name = `kites.${GROUP}`): string[] {
    const { conditions = [] } = this.definition(name)['status'] as {
      conditions?: { type: string; status: string; reason: string }[];
    };
    return conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`);
  }

  kite(verb: ApiRequest['verb'], rest: Partial<ApiRequest> = {}): UntypedObject {
    return this.ask({ group: GROUP, version: 'v1', resource: 'kites', verb, ...rest });
  }

  createKite(name: string, spec: unknown, rest: Partial<ApiRequest> = {}): UntypedObject {
    const apiVersion = `${GROUP}/${rest.version ?? 'v1'}`;
    return this.kite('create', { body: { apiVersion, kind: 'Kite', metadata: { name }, spec }, ...rest });
  }

  /** What is wrong with a Kite, cause by cause. */
  kiteCauses(spec: unknown): string[] {
    const body = { apiVersion: `${GROUP}/v1`, kind: 'Kite', metadata: { name: 'wrong' }, spec };
    return causes(this.refusal({ group: GROUP, version: 'v1', resource: 'kites', verb: 'create', body }));
  }

  patchCauses(name: string, patch: object): string[] {
    const asked = { group: GROUP, version: 'v1', resource: 'kites', verb: 'patch', name, patchType: 'merge' } as const;
    return causes(this.refusal({ ...asked, body: patch }));
  }

  watchKites(): Seen {
    return this.watch('kites', {}, { group: GROUP, version: 'v1' });
  }
}

export const causes = ({ details, message }: Status): string[] =>
  details?.causes?.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`) ?? [message ?? ''];
