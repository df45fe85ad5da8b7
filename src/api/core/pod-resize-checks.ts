/** What may change in a Pod by its subresource `resize` (KEP-1287, KEP-5419, ValidatePodResize). */
import { semanticallyEqual } from '../draft.ts';
import { forbidden, invalid } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import type { Container, Pod } from '../types.ts';
import { checkPod } from './pod-checks.ts';
import { qosClass } from './pod-qos.ts';

type Amounts = Readonly<Record<string, string | number>>;
type Resources = { readonly requests?: Amounts; readonly limits?: Amounts };
type List = 'containers' | 'initContainers';

const MIRROR = 'kubernetes.io/config.mirror';
const RESIZABLE = ['cpu', 'memory'] as const;
const LISTS: readonly List[] = ['containers', 'initContainers'];

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

/** Amounts with what may change put back to what it was. */
function munged(next: Amounts | undefined, old: Amounts | undefined): Amounts | undefined {
  if (!next) return undefined;
  const back: Record<string, string | number> = { ...next };
  for (const name of RESIZABLE) {
    delete back[name];
    if (old?.[name] !== undefined) back[name] = old[name];
  }
  return back;
}

/** Whether containers differ in more than in what may change. */
function differs(next: Container, old: Container): boolean {
  const limits = munged(next.resources?.limits, old.resources?.limits);
  const requests = munged(next.resources?.requests, old.resources?.requests);
  const resources = { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) };
  return !semanticallyEqual({ ...next, resources }, { ...old, resources: old.resources ?? {} });
}

/** Containers stay the ones that they are, in their order. */
function checkOrder(next: Pod, old: Pod, list: List): FieldError[] {
  const is = next.spec[list] ?? [];
  const was = old.spec[list] ?? [];
  if (is.length !== was.length) return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
  return was.flatMap(({ name }, i) =>
    is[i]!.name === name
      ? []
      : [forbidden(`spec.${list}[${i}].name`, `${list} may not be renamed or reordered on resize`)],
  );
}

function checkRemovals(next: Resources | undefined, old: Resources | undefined, path: string): FieldError[] {
  const lost = (kind: 'requests' | 'limits'): boolean =>
    Object.keys(old?.[kind] ?? {}).some((name) => next?.[kind]?.[name] === undefined);
  return (['requests', 'limits'] as const)
    .filter(lost)
    .map((kind) => forbidden(`${path}.resources.${kind}`, `resource ${kind} cannot be removed`));
}

function checkMutable(next: Container, old: Container, list: List): FieldError[] {
  if (list === 'initContainers' && !isSidecar(next))
    return semanticallyEqual(next, old)
      ? []
      : [forbidden('spec', 'resources for non-sidecar init containers are immutable')];
  if (!differs(next, old)) return [];
  const whose = list === 'containers' ? 'resources' : 'resources for sidecar containers';
  return [forbidden('spec', `only cpu and memory ${whose} are mutable`)];
}

/** Whether the kubelet of a running Pod has said what its containers have: older ones cannot resize. */
function isSupported({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running);
  return !running || running.resources !== undefined;
}

/** Whether a Pod may be given the resources that it is to have. */
export function checkPodResize(next: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR] !== undefined) return [forbidden('', 'static pods cannot be resized')];
  if (old.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')];
  const errors = checkPod(next, old);
  if ((old.status?.qosClass ?? qosClass(old.spec)) !== qosClass(next.spec))
    errors.push(invalid('spec', old.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  if (!isSupported(old)) errors.push(forbidden('spec', 'Pod running on node without support for resize'));
  const order = LISTS.flatMap((list) => checkOrder(next, old, list));
  if (order.length > 0) return [...errors, ...order];
  const each = (list: List, check: (is: Container, was: Container, i: number) => FieldError[]): void => {
    old.spec[list]?.forEach((was, i) => errors.push(...check(next.spec[list]![i]!, was, i)));
  };
  const removals =
    (list: List) =>
    (is: Container, was: Container, i: number): FieldError[] =>
      list === 'containers' || isSidecar(was) ? checkRemovals(is.resources, was.resources, `spec.${list}[${i}]`) : [];
  errors.push(...checkRemovals(next.spec.resources, old.spec.resources, 'spec'));
  each('initContainers', removals('initContainers'));
  each('containers', removals('containers'));
  each('containers', (is, was) => checkMutable(is, was, 'containers'));
  each('initContainers', (is, was) => checkMutable(is, was, 'initContainers'));
  return errors;
}
