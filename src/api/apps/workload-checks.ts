/** Validation that Deployments and ReplicaSets share. */
import { checkNonNegative, type Errors } from '../core/common-checks.ts';
import { checkTemplate } from '../core/pod-checks.ts';
import { podWarnings } from '../core/pod-warnings.ts';
import { equal } from '../draft.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { KubeObject } from '../object.ts';
import { checkDnsLabel } from '../names.ts';
import { checkLabelSelector, matcherOf } from '../selector.ts';
import type { LabelSelector, PodTemplateSpec } from '../types.ts';

interface WorkloadSpec {
  readonly selector?: LabelSelector;
  readonly template?: PodTemplateSpec;
}

/** The selector, the template, and that they fit. */
export function checkSelectorAndTemplate(spec: WorkloadSpec, errors: Errors): void {
  const { selector, template } = spec;
  if (!selector) {
    errors.push(required('spec.selector'));
  } else {
    const wrong = checkLabelSelector(selector, 'spec.selector');
    errors.push(...wrong);
    if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0)
      errors.push(invalid('spec.selector', selector, 'empty selector is invalid for deployment'));
    if (wrong.length > 0) {
      errors.push(invalid('spec.selector', selector, 'invalid label selector'));
      return;
    }
  }
  if (!template) {
    errors.push(required('spec.template'));
    return;
  }
  const labels = template.metadata?.labels;
  const matcher = matcherOf(selector);
  if (!matcher.everything && !matcher.matches(labels))
    errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  checkTemplate(template, 'spec.template', errors);
  if (template.spec?.restartPolicy !== 'Always')
    errors.push(notSupported('spec.template.spec.restartPolicy', template.spec?.restartPolicy ?? '', ['Always']));
  if (template.spec?.activeDeadlineSeconds !== undefined)
    errors.push(
      forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in ReplicaSet is not Supported'),
    );
}

export function checkSelectorUnchanged(selector: unknown, old: unknown, errors: Errors): void {
  if (!equal(selector, old)) errors.push(invalid('spec.selector', selector, 'field is immutable'));
}

const MORE_THAN_ALL = 'cannot be greater than status.replicas';

/** Counters are not negative, and parts are not more than the whole. `ready` is what the text calls readyReplicas. */
export function checkReplicaCounts(
  status: { readonly [count: string]: unknown },
  counts: readonly string[],
  parts: readonly string[],
  errors: Errors,
  ready = 'readyReplicas',
): void {
  const count = (name: string): number => (status[name] as number | undefined) ?? 0;
  for (const name of counts) checkNonNegative(count(name), `status.${name}`, errors);
  for (const name of parts)
    if (count(name) > count('replicas')) errors.push(invalid(`status.${name}`, count(name), MORE_THAN_ALL));
  if (count('availableReplicas') > count('readyReplicas'))
    errors.push(invalid('status.availableReplicas', count('availableReplicas'), `cannot be greater than ${ready}`));
}

/** How often names collided is counted upwards only. */
export function checkCollisions(
  status: { readonly collisionCount?: number } | undefined,
  old: { readonly collisionCount?: number } | undefined,
  errors: Errors,
): void {
  const count = status?.collisionCount ?? 0;
  if (old?.collisionCount !== undefined && count < old.collisionCount)
    errors.push(invalid('status.collisionCount', count, 'cannot be decremented'));
}

/** A workload's name goes into its Pods' names. */
export function workloadNameWarnings(name: string): string[] {
  const messages = checkDnsLabel(name);
  return messages.length === 0
    ? []
    : [
        `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`,
      ];
}

/** Whether a write says anything new of what is desired, which is when a template is warned about. */
export const asksAnew = (object: KubeObject, old: KubeObject | undefined): boolean =>
  object.metadata.generation !== old?.metadata.generation;

const said = new WeakMap<PodTemplateSpec, { readonly path: string; readonly warnings: string[] }>();

/** The warnings of a template at `path` (`spec.template`); kept with it, since controllers scale what they made. */
export function templateWarnings(template: PodTemplateSpec | undefined, path: string): string[] {
  if (!template?.spec) return [];
  const known = said.get(template);
  if (known?.path === path) return known.warnings;
  const warnings = podWarnings(template.spec, `${path}.spec`, template.metadata);
  said.set(template, { path, warnings });
  return warnings;
}
