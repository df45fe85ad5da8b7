/** What may change in a Pod that exists: little (ValidatePodUpdate and its relatives). */
import { equal, semanticallyEqual } from '../draft.ts';
import { forbidden, invalid, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import type { Container, ContainerStatus, Pod, PodSpec, Toleration } from '../types.ts';
import { checkTolerations } from './affinity-checks.ts';
import type { Errors } from './common-checks.ts';
import { internalForm, internalPodSpec } from './internal-form.ts';
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
  next.forEach(({ image }, i) => {
    if (!image?.trim()) errors.push(required(`${path}[${i}].image`));
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

export function checkPodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = checkPod(pod);
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
  }
  if (!equal(comparable, old.spec)) {
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
  spec: PodSpec,
  path: string,
  errors: Errors,
): void {
  next.forEach((status, i) => {
    const before = old.find((candidate) => candidate.name === status.name)?.state?.terminated;
    if (!before || status.state?.terminated) return;
    const own = spec.containers.find((container) => container.name === status.name) as OwnRestarts | undefined;
    // What a container's own rules say about exit codes goes before any policy.
    const rule = own?.restartPolicyRules?.find(({ exitCodes }) => {
      const listed = exitCodes?.values?.includes(before.exitCode) ?? false;
      return exitCodes?.operator === 'NotIn' ? !listed : listed;
    });
    if (rule) return;
    const policy = own?.restartPolicy ?? spec.restartPolicy;
    if (policy === 'Never' || (policy === 'OnFailure' && before.exitCode === 0))
      errors.push(forbidden(`${path}[${i}].state`, 'may not be transitioned to non-terminated state'));
  });
}

export function checkPodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const { status = {} } = pod;
  const before = old.status ?? {};
  if (pod.spec.nodeName !== old.spec.nodeName) errors.push(forbidden('status.nodeName', 'may not be changed directly'));
  checkRestarts(status.containerStatuses, before.containerStatuses, old.spec, 'status.containerStatuses', errors);
  if (before.qosClass && status.qosClass && before.qosClass !== status.qosClass)
    errors.push(invalid('status.qosClass', status.qosClass, 'field is immutable'));
  return errors;
}

/** The ephemeralcontainers subresource: containers may be added, and nothing else. */
export function checkEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = checkPod(pod);
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
