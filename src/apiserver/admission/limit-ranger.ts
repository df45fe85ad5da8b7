import type { Container, LimitRange, PersistentVolumeClaim, Pod } from '../../api/types.ts';
import {
  refuse,
  type AdmissionContext,
  type AdmissionRequest,
  type MutatingPlugin,
  type ValidatingPlugin,
} from './admission.ts';
import { checkClaim, checkPod } from './limit-checks.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

type Amounts = Readonly<Record<string, string | number>>;

/** Pods are limited when they are created and when they are resized, claims also when they change. */
function limitsFor(request: AdmissionRequest, context: AdmissionContext): readonly LimitRange[] {
  const { kind, operation, subresource, namespace, object } = request;
  const resizes = subresource === 'resize' && operation === 'UPDATE';
  if (!object || (subresource && !resizes) || kind.group !== '') return [];
  const limited =
    (kind.kind === 'Pod' && (operation === 'CREATE' || resizes)) ||
    (kind.kind === 'PersistentVolumeClaim' && (operation === 'CREATE' || operation === 'UPDATE'));
  return limited ? (context.list('', 'limitranges', namespace) as unknown as readonly LimitRange[]) : [];
}

/** What a container that says nothing gets, from all the Container limits of a range. */
function defaultsOf({ spec }: LimitRange): { limits: Amounts; requests: Amounts } {
  let limits: Amounts = {};
  let requests: Amounts = {};
  for (const item of spec?.limits ?? []) {
    if (item.type !== 'Container') continue;
    limits = { ...limits, ...item.default };
    requests = { ...requests, ...item.defaultRequest };
  }
  return { limits, requests };
}

/** Adds the amounts that are missing; returns their names. */
function fill(own: Amounts | undefined, defaults: Amounts): { amounts: Amounts | undefined; added: string[] } {
  const added = Object.keys(defaults)
    .filter((name) => own?.[name] === undefined)
    .sort();
  if (added.length === 0) return { amounts: own, added };
  return { amounts: { ...own, ...Object.fromEntries(added.map((name) => [name, defaults[name]!])) }, added };
}

/** A container with its defaults, and what was set, for the annotation. */
function completed(container: Container, range: LimitRange, role: string): { container: Container; said: string[] } {
  const defaults = defaultsOf(range);
  const requests = fill(container.resources?.requests, defaults.requests);
  const limits = fill(container.resources?.limits, defaults.limits);
  const said: string[] = [];
  if (requests.added.length > 0) said.push(`${requests.added.join(', ')} request for ${role} ${container.name}`);
  if (limits.added.length > 0) said.push(`${limits.added.join(', ')} limit for ${role} ${container.name}`);
  if (said.length === 0) return { container, said };
  return {
    container: {
      ...container,
      resources: {
        ...container.resources,
        ...(limits.amounts ? { limits: limits.amounts } : {}),
        ...(requests.amounts ? { requests: requests.amounts } : {}),
      },
    },
    said,
  };
}

function completePod(pod: Pod, range: LimitRange): void {
  const said: string[] = [];
  const each = (role: string) => (container: Container) => {
    const done = completed(container, range, role);
    said.push(...done.said);
    return done.container;
  };
  // Validation, which comes later, wants containers.
  if (pod.spec.containers) pod.spec.containers = pod.spec.containers.map(each('container'));
  if (pod.spec.initContainers) pod.spec.initContainers = pod.spec.initContainers.map(each('init container'));
  if (said.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${said.join('; ')}`,
  };
}

/** LimitRanges: what containers that say nothing get. */
export const limitRangerDefaults: MutatingPlugin = {
  name: 'LimitRanger',
  admit: (request, context) => {
    if (request.kind.kind !== 'Pod' || request.operation !== 'CREATE') return;
    for (const range of limitsFor(request, context)) completePod(request.object as unknown as Pod, range);
  },
};

/** LimitRanges: bounds that a Pod, its containers and claims must keep. */
export const limitRanger: ValidatingPlugin = {
  name: 'LimitRanger',
  validate: (request, context) => {
    for (const range of limitsFor(request, context)) {
      const items = range.spec?.limits ?? [];
      const errors =
        request.kind.kind === 'Pod'
          ? checkPod(request.object as unknown as Pod, items)
          : checkClaim(request.object as unknown as PersistentVolumeClaim, items);
      if (errors.length > 0) throw refuse(request, errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);
    }
  },
};
