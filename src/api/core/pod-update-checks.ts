/** What may change in a Pod that exists: little (ValidatePodUpdate and its relatives). */
import { equal, semanticallyEqual } from '../draft.ts';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import { checkIp, isIPv6 } from '../ip.ts';
import type { FieldError } from '../kind.ts';
import { checkDnsSubdomain, checkQualifiedName } from '../names.ts';
import type { Container, ContainerStatus, Pod, PodSpec, Toleration } from '../types.ts';
import { checkTolerations } from './affinity-checks.ts';
import { refuse, type Errors } from './common-checks.ts';
import { internalForm, internalPodSpec } from './internal-form.ts';
import { checkAnnotationUpdates, MIRROR } from './pod-annotation-checks.ts';
import { checkPod } from './pod-checks.ts';
import { unifiedDiff } from './unified-diff.ts';

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** Returns false when there is no use in looking further. */
function checkContainerUpdates(
  next: readonly Container[] = [],
  old: readonly Container[] = [],
  path: string,
  errors: Errors,
): boolean {
  if (next.length !== old.length) {
    errors.push(forbidden(path, 'pod updates may not add or remove containers'));
    return false;
  }
  next.forEach(({ image = '' }, i) => {
    if (!image) errors.push(required(`${path}[${i}].image`));
    if (image.trim() !== image)
      errors.push(invalid(`${path}[${i}].image`, image, 'must not have leading or trailing whitespace'));
  });
  return true;
}

const MAX_INT32 = 2 ** 31 - 1;

function checkDeadline(next: number | undefined, old: number | undefined, errors: Errors): boolean {
  const path = 'spec.activeDeadlineSeconds';
  if (next === undefined) {
    if (old !== undefined)
      errors.push(invalid(path, undefined, 'must not update from a positive integer to nil value'));
    return true;
  }
  if (next < 0 || next > MAX_INT32) {
    errors.push(invalid(path, next, `must be between 0 and ${MAX_INT32}, inclusive`));
    return false;
  }
  if (old !== undefined && old < next) {
    errors.push(invalid(path, next, 'must be less than or equal to previous value'));
    return false;
  }
  return true;
}

const withoutSeconds = (toleration: Toleration): Toleration => ({
  ...toleration,
  tolerationSeconds: undefined as never,
});

function checkAddedTolerations(
  next: readonly Toleration[] = [],
  old: readonly Toleration[] = [],
  errors: Errors,
): void {
  const path = 'spec.tolerations';
  if (equal(next, old)) return;
  for (const toleration of old) {
    if (next.some((candidate) => equal(withoutSeconds(candidate), withoutSeconds(toleration)))) continue;
    errors.push(forbidden(path, 'existing toleration can not be modified except its tolerationSeconds'));
    return;
  }
  checkTolerations(next, path, errors);
}

/** The new spec with what may change put back. */
function munged(next: PodSpec, old: PodSpec): PodSpec {
  const withImages = (containers: Container[] | undefined, before: Container[] | undefined): Container[] | undefined =>
    containers?.map((container, i) => ({ ...container, image: before?.[i]?.image ?? '' }));
  const out: PodSpec = { ...next, containers: withImages(next.containers, old.containers)! };
  const restore = <K extends keyof PodSpec>(key: K): void => {
    if (old[key] === undefined) delete out[key];
    else out[key] = old[key];
  };
  if (next.initContainers) out.initContainers = withImages(next.initContainers, old.initContainers)!;
  restore('activeDeadlineSeconds');
  restore('schedulingGates');
  restore('tolerations');
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1)
    restore('terminationGracePeriodSeconds');
  return out;
}

/** Amounts that are written otherwise, and lists that are empty, are no change. */
const sameSpec = (next: PodSpec, old: PodSpec): boolean =>
  equal(next, old) || equal(internalPodSpec(next), internalPodSpec(old));

/** A Pod that waits at a gate may still be told more narrowly where to go. */
function checkGatedSelector(next: PodSpec, old: PodSpec, errors: Errors): void {
  for (const [key, value] of Object.entries(old.nodeSelector ?? {}))
    if (next.nodeSelector?.[key] !== value) {
      errors.push(
        invalid(
          'spec.nodeSelector',
          next.nodeSelector,
          'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
        ),
      );
      return;
    }
}

type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>;
type NodeTerm = NonNullable<
  NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms']
>[number];

/** Whether one list is the beginning of another. */
const begins = (next: readonly unknown[] = [], old: readonly unknown[] = []): boolean =>
  next.length >= old.length && semanticallyEqual(next.slice(0, old.length), old);

/** A term may only become narrower; one that matches nothing stays so. */
const isNarrowed = (next: NodeTerm, old: NodeTerm): boolean => {
  const empty = !old.matchExpressions?.length && !old.matchFields?.length;
  if (empty) return !next.matchExpressions?.length && !next.matchFields?.length;
  return begins(next.matchExpressions, old.matchExpressions) && begins(next.matchFields, old.matchFields);
};

function checkGatedAffinity(next: NodeAffinity | undefined, old: NodeAffinity | undefined, errors: Errors): void {
  const before = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (before.length === 0) return;
  const after = next?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const shown = (term: NodeTerm): unknown => internalForm('NodeSelectorTerm', term);
  if (after?.length !== before.length) {
    const message = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    errors.push(invalid(path, after?.map(shown) ?? null, message));
    return;
  }
  before.forEach((term, i) => {
    if (!isNarrowed(after[i]!, term))
      errors.push(invalid(`${path}[${i}]`, shown(after[i]!), 'only additions are allowed (no mutations or deletions)'));
  });
}

/** The affinity with the old one for nodes, so that other changes to it are seen. */
function withNodeAffinity(affinity: PodSpec['affinity'], old: PodSpec['affinity']): PodSpec['affinity'] {
  const { nodeAffinity: _, ...others } = affinity ?? {};
  if (old?.nodeAffinity) return { ...others, nodeAffinity: old.nodeAffinity };
  return old === undefined && Object.keys(others).length === 0 ? undefined : others;
}

export function checkPodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = checkPod(pod, old);
  if (pod.metadata.annotations !== old.metadata.annotations)
    checkAnnotationUpdates(pod.metadata.annotations, old.metadata.annotations, errors);
  const { spec } = pod;
  if (!checkContainerUpdates(spec.containers, old.spec.containers, 'spec.containers', errors)) return errors;
  if (!checkContainerUpdates(spec.initContainers, old.spec.initContainers, 'spec.initContainers', errors))
    return errors;
  if (!checkDeadline(spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds, errors)) return errors;
  checkAddedTolerations(spec.tolerations, old.spec.tolerations, errors);
  spec.schedulingGates?.forEach(({ name }, i) => {
    if (!old.spec.schedulingGates?.some((gate) => gate.name === name))
      errors.push(
        forbidden(
          `spec.schedulingGates[${i}].name`,
          `only deletion is allowed, but found new scheduling gate '${name}'`,
        ),
      );
  });
  if (equal(spec, old.spec)) return errors;
  const comparable = munged(spec, old.spec);
  if (old.spec.schedulingGates?.length) {
    checkGatedSelector(spec, old.spec, errors);
    if (old.spec.nodeSelector) comparable.nodeSelector = old.spec.nodeSelector;
    else delete comparable.nodeSelector;
    const [next, before] = [spec.affinity?.nodeAffinity, old.spec.affinity?.nodeAffinity];
    if (!semanticallyEqual(next, before)) {
      checkGatedAffinity(next, before, errors);
      const affinity = withNodeAffinity(spec.affinity, old.spec.affinity);
      if (affinity) comparable.affinity = affinity;
      else delete comparable.affinity;
    }
  }
  if (!sameSpec(comparable, old.spec)) {
    const show = (of: PodSpec): string => JSON.stringify(internalPodSpec(of), undefined, 1);
    errors.push(
      forbidden(
        'spec',
        `pod updates may not change fields other than ${UPDATABLE}\n${unifiedDiff(show(old.spec), show(comparable))}`,
      ),
    );
  }
  return errors;
}

/** A container's own restart policy (ContainerRestartRules). */
interface OwnRestarts {
  readonly restartPolicy?: string;
  readonly restartPolicyRules?: readonly {
    readonly exitCodes?: { readonly operator: string; readonly values?: readonly number[] };
  }[];
}

/** Containers that ended for good stay ended. */
function checkRestarts(
  next: readonly ContainerStatus[] = [],
  old: readonly ContainerStatus[] = [],
  containers: readonly Container[],
  forAll: string | undefined,
  path: string,
  errors: Errors,
): void {
  old.forEach(({ name, state }, i) => {
    const before = state?.terminated;
    if (!before || !next.some((status) => status.name === name && !status.state?.terminated)) return;
    const own = containers.find((container) => container.name === name) as OwnRestarts | undefined;
    // What a container's own rules say about exit codes goes before any policy.
    const rule = own?.restartPolicyRules?.find(({ exitCodes }) => {
      const listed = exitCodes?.values?.includes(before.exitCode) ?? false;
      return exitCodes?.operator === 'NotIn' ? !listed : listed;
    });
    if (rule) return;
    const policy = own?.restartPolicy ?? forAll;
    if (policy === 'Never' || (policy === 'OnFailure' && before.exitCode === 0))
      errors.push(forbidden(`${path}[${i}].state`, 'may not be transitioned to non-terminated state'));
  });
}

export function checkPodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const { status = {} } = pod;
  const before = old.status ?? {};
  if (pod.metadata.annotations !== old.metadata.annotations)
    checkAnnotationUpdates(pod.metadata.annotations, old.metadata.annotations, errors);
  // Kubernetes names the path after the metadata, of which conditions are no part.
  status.conditions?.forEach(({ type }, i) =>
    refuse(`metadata.conditions[${i}].Type`, type, checkQualifiedName(type), errors),
  );
  const nominated = status.nominatedNodeName;
  if (nominated && nominated !== before.nominatedNodeName)
    refuse('status.nominatedNodeName', nominated, checkDnsSubdomain(nominated), errors);
  if ((before.qosClass ?? '') !== (status.qosClass ?? ''))
    errors.push(invalid('status.qosClass', status.qosClass ?? '', 'field is immutable'));
  const { containers, initContainers = [], restartPolicy } = old.spec;
  const look = (
    list: 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses',
    of: readonly Container[],
    policy: string | undefined,
  ): void => checkRestarts(status[list], before[list], of, policy, `status.${list}`, errors);
  look('containerStatuses', containers, restartPolicy);
  look('initContainerStatuses', initContainers, restartPolicy);
  // Nobody restarts what was started for debugging.
  look('ephemeralContainerStatuses', [], 'Never');
  checkAddresses(
    (status.podIPs ?? []).map(({ ip }) => ip ?? ''),
    'podIPs',
    errors,
  );
  const { hostIP = '', hostIPs = [] } = status;
  if (hostIPs.length > 0 && hostIPs[0]!.ip !== hostIP)
    errors.push(invalid('status.hostIPs[0].ip', hostIPs[0]!.ip, 'must be equal to `hostIP`'));
  checkAddresses(
    hostIPs.map(({ ip }) => ip),
    'hostIPs',
    errors,
  );
  return errors;
}

/** One address of each family at the most. */
function checkAddresses(ips: readonly string[], field: string, errors: Errors): void {
  const path = `status.${field}`;
  ips.forEach((ip, i) => refuse(`${path}[${i}]`, ip, checkIp(ip), errors));
  if (ips.length < 2) return;
  if (ips.length > 2 || isIPv6(ips[0]!) === isIPv6(ips[1]!))
    errors.push(
      invalid(
        path,
        ips.map((IP) => ({ IP })),
        'may specify no more than one IP for each IP family',
      ),
    );
  ips.forEach((ip, i) => {
    if (ips.indexOf(ip) < i) errors.push(duplicate(`${path}[${i}]`, { IP: ip }));
  });
}

/** The ephemeralcontainers subresource: containers may be added, and nothing else. */
export function checkEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR] !== undefined)
    return [forbidden('[]', 'static pods do not support ephemeral containers')];
  const errors = checkPod(pod, old);
  const path = 'spec.ephemeralContainers';
  for (const before of old.spec.ephemeralContainers ?? []) {
    const after = pod.spec.ephemeralContainers?.find((candidate) => candidate.name === before.name);
    if (!after) errors.push(forbidden(path, `existing ephemeral containers "${before.name}" may not be removed\n`));
    else if (!semanticallyEqual(before, after)) {
      const show = (of: object): string => JSON.stringify(internalForm('EphemeralContainer', of), undefined, 1);
      errors.push(
        forbidden(
          path,
          `existing ephemeral containers "${before.name}" may not be changed\n${unifiedDiff(show(before), show(after))}`,
        ),
      );
    }
  }
  return errors;
}
