import { badRequest, conflict, invalid, notFound, OPTIMISTIC_LOCK } from '../../api/errors.ts';
import type { FieldError } from '../../api/kind.ts';
import { checkEphemeralContainersUpdate } from '../../api/core/pod-update-checks.ts';
import { checkPodResize } from '../../api/core/pod-resize-checks.ts';
import { semanticallyEqual } from '../../api/draft.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Container, Pod } from '../../api/types.ts';
import { complete, decodeBody } from '../registry/decode-body.ts';
import { patched } from '../registry/patch.ts';
import type { Scope } from '../registry/scope.ts';
import { replace } from '../registry/update.ts';
import type { Subresource } from './subresource.ts';

/** A part of a Pod that is written apart from the rest: what it takes of what was asked, and what it refuses. */
interface Part {
  readonly name: string;
  readonly take: (asked: Pod, old: Pod) => Pod['spec'];
  readonly check: (next: Pod, old: Pod) => FieldError[];
}

const podPart = ({ name, take, check }: Part): Subresource => ({
  name,
  verbs: ['get', 'patch', 'update'],
  kind: { group: '', version: 'v1', kind: 'Pod' },
  serve: (registry, scope) => {
    const { endpoint, request } = scope;
    const { kind } = endpoint;
    const pod = request.name!;
    const stored = endpoint.store.get(request.namespace, pod);
    if (!stored) throw notFound(kind, pod);
    const answer = (object: UntypedObject): ReturnType<Subresource['serve']> => ({
      code: 200,
      object,
      warnings: scope.warnings,
    });
    if (request.verb === 'get') return answer(stored);
    const asked = askedFor(scope, stored);
    if (asked.metadata.name && asked.metadata.name !== pod) {
      throw badRequest(`the name of the object (${asked.metadata.name}) does not match the name on the URL (${pod})`);
    }
    const { resourceVersion } = asked.metadata;
    if (resourceVersion && resourceVersion !== stored.metadata.resourceVersion)
      throw conflict(kind, pod, OPTIMISTIC_LOCK);
    const old = stored as unknown as Pod;
    const wanted = asked as unknown as Pod;
    const next: Pod = { ...old, metadata: { ...old.metadata }, spec: take(wanted, old) };
    const errors = check(next, old);
    if (errors.length > 0) throw invalid(kind, pod, errors);
    return answer(replace(registry, scope, next as unknown as UntypedObject, stored, stored));
  },
});

const askedFor = (scope: Scope, stored: UntypedObject): UntypedObject => {
  const { endpoint, request } = scope;
  return request.verb === 'patch'
    ? complete(endpoint.kind, patched(scope, endpoint.kind, stored, request.body))
    : decodeBody(scope, request.body, stored);
};

/** pods/ephemeralcontainers: containers for debugging, added to a Pod that runs. */
export const ephemeralContainers: Subresource = podPart({
  name: 'ephemeralcontainers',
  take: (asked, { spec }) => {
    const { ephemeralContainers: _, ...rest } = spec;
    const containers = asked.spec.ephemeralContainers;
    return containers ? { ...rest, ephemeralContainers: containers } : rest;
  },
  check: (next, old) => checkEphemeralContainersUpdate(next, old),
});

/** Containers with the resources that are asked for; as asked for altogether where they were moved or renamed. */
const resized = (containers: readonly Container[], asked: readonly Container[]): Container[] => {
  const same = containers.length === asked.length && containers.every(({ name }, i) => name === asked[i]!.name);
  if (!same) return [...asked];
  return containers.map((container, i) => {
    const { resources = {}, resizePolicy } = asked[i]!;
    if (semanticallyEqual(resources, container.resources) && semanticallyEqual(resizePolicy, container.resizePolicy))
      return container;
    const { resizePolicy: _, ...rest } = container;
    return { ...rest, resources, ...(resizePolicy ? { resizePolicy } : {}) };
  });
};

/** pods/resize: other requests and limits for containers that run. */
export const resize: Subresource = podPart({
  name: 'resize',
  take: (asked, { spec }) => {
    const { resources: _, ...rest } = spec;
    const { resources, initContainers } = asked.spec;
    return {
      ...rest,
      ...(resources ? { resources } : {}),
      containers: resized(spec.containers, asked.spec.containers),
      ...(spec.initContainers || initContainers
        ? { initContainers: resized(spec.initContainers ?? [], initContainers ?? []) }
        : {}),
    };
  },
  check: (next, old) => checkPodResize(next, old),
});
