import { badRequest, conflict, internalError, invalid, notFound, OPTIMISTIC_LOCK } from '../../api/errors.ts';
import { invalid as invalidField } from '../../api/field-error.ts';
import { apiVersionOf, type Kind, type ScalePaths } from '../../api/kind.ts';
import type { KubeObject, ObjectMeta, UntypedObject } from '../../api/object.ts';
import { decode, SCALE } from '../../api/schema/decode.ts';
import { ageColumn, nameColumn } from '../../api/table.ts';
import { present } from '../endpoint.ts';
import { applied, checkConfig } from '../registry/apply-object.ts';
import { complete, decodeAs } from '../registry/decode-body.ts';
import { patched } from '../registry/patch.ts';
import type { Registry } from '../registry/registry.ts';
import { admissionRequest, type Scope } from '../registry/scope.ts';
import { replace } from '../registry/update.ts';
import type { Subresource } from './subresource.ts';

interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas: number; readonly selector?: string };
}

const at = (object: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, field) => (value as Record<string, unknown> | undefined)?.[field], object);

/** A copy of an object with another value at a path; everything beside the path is shared. */
function withValueAt(object: UntypedObject, path: readonly string[], value: unknown): UntypedObject {
  const [field, ...rest] = path;
  const inner = object[field!] as UntypedObject | undefined;
  return { ...object, [field!]: rest.length === 0 ? value : withValueAt(inner ?? ({} as UntypedObject), rest, value) };
}

/** The Scale of an object. */
export function scaleOf(object: UntypedObject, paths: ScalePaths): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = at(object, paths.specReplicasPath) as number | undefined;
  const selector = paths.selector(object);
  const metadata: ObjectMeta = {
    name,
    ...(namespace ? { namespace } : {}),
    uid: uid!,
    resourceVersion: resourceVersion!,
    creationTimestamp: creationTimestamp!,
  };
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: replicas ? { replicas } : {},
    status: {
      replicas: (at(object, paths.statusReplicasPath) as number | undefined) ?? 0,
      ...(selector ? { selector } : {}),
    },
  };
}

/** Scales as the server prints them. */
const ScaleKind: Kind<Scale> = {
  ...SCALE,
  resource: 'scales',
  singular: 'scale',
  namespaced: true,
  columns: [
    nameColumn,
    {
      name: 'Desired',
      type: 'integer',
      description: 'desired number of instances for the scaled object.',
      cell: ({ spec }) => spec?.replicas ?? 0,
    },
    {
      name: 'Available',
      type: 'integer',
      description: 'actual number of observed instances of the scaled object.',
      cell: ({ status }) => status?.replicas ?? 0,
    },
    ageColumn,
  ],
};

/** The scale subresource: how many replicas are wanted and there, for whatever kind has replicas. */
export const scale: Subresource = {
  name: 'scale',
  verbs: ['get', 'patch', 'update'],
  kind: SCALE,
  table: ScaleKind as unknown as Kind,
  serve: (registry, scope) => {
    const { endpoint, request } = scope;
    const paths = endpoint.kind.scale!;
    const name = request.name!;
    const stored = endpoint.store.get(request.namespace, name);
    if (!stored) throw notFound(endpoint.kind, name);
    const old = present(endpoint, stored);
    const current = scaleOf(old, paths);
    if (request.verb === 'get') {
      if (endpoint.kind.custom && at(old, paths.specReplicasPath) === undefined)
        throw internalError(`the spec replicas field ".${paths.specReplicasPath.join('.')}" does not exist`);
      return answer(current, scope);
    }
    const applies = request.verb === 'patch' && request.patchType === 'apply';
    const sent = applies
      ? decode<Scale>(SCALE, checkConfig(SCALE, request.body)).object
      : request.verb === 'patch'
        ? patched(scope, SCALE, current, request.body)
        : decodeAs<Scale>(scope, SCALE, request.body);
    if (sent.metadata?.name && sent.metadata.name !== name) {
      throw badRequest(`the name of the object (${sent.metadata.name}) does not match the name on the URL (${name})`);
    }
    const wanted = admittedScale(registry, scope, sent, current);
    const replicas = wanted.spec?.replicas ?? 0;
    // Custom resources judge their replicas themselves.
    if (replicas < 0 && !endpoint.kind.custom) {
      throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
        invalidField('spec.replicas', replicas, 'must be greater than or equal to 0'),
      ]);
    }
    const expected = wanted.metadata?.resourceVersion;
    if (expected && expected !== '0' && expected !== stored.metadata.resourceVersion) {
      throw conflict(endpoint.kind, name, OPTIMISTIC_LOCK);
    }
    const plain: Scope = { ...scope, request: { ...request, subresource: undefined }, writtenBy: 'scale' };
    if (applies) return answer(scaleOf(applyReplicas(registry, scope, plain, wanted, stored, old), paths), scope);
    const draft = { ...withValueAt(old, paths.specReplicasPath, replicas), metadata: { ...old.metadata } };
    return answer(scaleOf(replace(registry, plain, draft, stored, old), paths), scope);
  },
};

/** A Scale as admission plugins leave it. */
function admittedScale(registry: Registry, scope: Scope, asked: Scale, current: Scale): Scale {
  const draft = { ...current, ...asked, metadata: { ...current.metadata, ...asked.metadata } };
  const object = draft as unknown as UntypedObject;
  const old = current as unknown as UntypedObject;
  const request = admissionRequest(scope, 'UPDATE', current.metadata.name, object, old);
  registry.admission.mutate({ ...request, objectKind: SCALE });
  const { resourceVersion } = asked.metadata ?? {};
  // Without a version of its own, a Scale is for whatever there is.
  if (!resourceVersion) draft.metadata.resourceVersion = '';
  return draft;
}

/** Server-side apply of a number of replicas: the same as an apply of the object with nothing else in it. */
function applyReplicas(
  registry: Registry,
  scope: Scope,
  plain: Scope,
  { spec }: Scale,
  stored: UntypedObject,
  old: UntypedObject,
): UntypedObject {
  const { kind } = scope.endpoint;
  const { name, namespace } = stored.metadata;
  const bare = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name, namespace } } as UntypedObject;
  const config = spec?.replicas === undefined ? bare : withValueAt(bare, kind.scale!.specReplicasPath, spec.replicas);
  const { object, managers } = applied(registry, scope, config, old);
  const draft = complete(kind, decode<UntypedObject>(kind, object, { unchanged: old }).object);
  return replace(registry, { ...plain, managers }, draft, stored, old);
}

const answer = (object: Scale, { warnings }: Scope): ReturnType<Subresource['serve']> => ({
  code: 200,
  object: object as unknown as UntypedObject,
  warnings,
});
