/** Where a Pod may, should or must not run: affinity, spreading, tolerations. */
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../names.ts';
import { checkLabelSelector, type LabelSelectorLike } from '../selector.ts';
import type { PodSpec, Toleration } from '../types.ts';
import { checkOneOf, refuse, type Errors } from './common-checks.ts';

type Affinity = NonNullable<PodSpec['affinity']>;
type NodeSelectorTerm = NonNullable<
  NonNullable<Affinity['nodeAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>['nodeSelectorTerms'][number];
type NodeRequirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number];
type PodAffinity = NonNullable<Affinity['podAffinity']>;
type PodTerm = NonNullable<PodAffinity['requiredDuringSchedulingIgnoredDuringExecution']>[number];
type Constraint = NonNullable<PodSpec['topologySpreadConstraints']>[number];

/** `strict` looks at the values as well. */
function checkRequirement(requirement: NodeRequirement, strict: boolean, path: string, errors: Errors): void {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1)
        errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      errors.push(invalid(`${path}.operator`, requirement.operator ?? '', 'not a valid selector operator'));
  }
  refuse(`${path}.key`, requirement.key, checkQualifiedName(requirement.key), errors);
  if (strict) values.forEach((value, i) => refuse(`${path}.values[${i}]`, value, checkLabelValue(value), errors));
}

function checkFieldRequirement(requirement: NodeRequirement, path: string, errors: Errors): void {
  const values = requirement.values ?? [];
  if (requirement.operator === 'In' || requirement.operator === 'NotIn') {
    if (values.length !== 1)
      errors.push(
        required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
      );
  } else errors.push(invalid(`${path}.operator`, requirement.operator ?? '', 'not a valid selector operator'));
  if (requirement.key !== 'metadata.name')
    errors.push(invalid(`${path}.key`, requirement.key, 'not a valid field selector key'));
  else values.forEach((value, i) => refuse(`${path}.values[${i}]`, value, checkDnsSubdomain(value), errors));
}

function checkNodeTerm(term: NodeSelectorTerm, strict: boolean, path: string, errors: Errors): void {
  term.matchExpressions?.forEach((requirement, i) =>
    checkRequirement(requirement, strict, `${path}.matchExpressions[${i}]`, errors),
  );
  term.matchFields?.forEach((requirement, i) =>
    checkFieldRequirement(requirement, `${path}.matchFields[${i}]`, errors),
  );
}

/** Terms of a node selector, of which there must be one at least. */
export function checkNodeTerms(terms: readonly NodeSelectorTerm[] | undefined, path: string, errors: Errors): void {
  if (!terms?.length) errors.push(required(path, 'must have at least one node selector term'));
  else terms.forEach((term, i) => checkNodeTerm(term, true, `${path}[${i}]`, errors));
}

function checkWeight(weight: number, path: string, errors: Errors): void {
  if (weight < 1 || weight > 100) errors.push(invalid(`${path}.weight`, weight, 'must be in the range 1-100'));
}

interface LabelKeys {
  readonly labelSelector?: LabelSelectorLike;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

/** Keys whose values are taken from the incoming Pod. `twice` is where a key that the selector has too is refused. */
function checkLabelKeys(of: LabelKeys, path: string, errors: Errors, twice = path): void {
  if (!of.matchLabelKeys && !of.mismatchLabelKeys) return;
  for (const field of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    const keys = of[field];
    if (!keys?.length) continue;
    if (!of.labelSelector)
      errors.push(forbidden(`${path}.${field}`, 'must not be specified when labelSelector is not set'));
    else keys.forEach((key, i) => refuse(`${path}.${field}[${i}]`, key, checkQualifiedName(key), errors));
  }
  checkSelectedTwice(of, twice, errors);
  of.matchLabelKeys?.forEach((key, i) => {
    if (of.mismatchLabelKeys?.includes(key))
      errors.push(invalid(`${path}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  });
}

/**
 * Keys that the selector names as well. What the server makes of the keys is the selector's last expression for each, so
 * a key that comes up again is the writer's.
 */
function checkSelectedTwice({ labelSelector, matchLabelKeys }: LabelKeys, path: string, errors: Errors): void {
  if (!labelSelector || !matchLabelKeys) return;
  const selected = new Set(Object.keys(labelSelector.matchLabels ?? {}));
  for (const { key } of labelSelector.matchExpressions ?? []) {
    const i = matchLabelKeys.lastIndexOf(key);
    if (i >= 0 && selected.has(key))
      errors.push(invalid(`${path}[${i}]`, key, 'exists in both matchLabelKeys and labelSelector'));
    selected.add(key);
  }
}

function checkPodTerm(term: PodTerm, path: string, errors: Errors): void {
  errors.push(...checkLabelSelector(term.labelSelector, `${path}.labelSelector`));
  errors.push(...checkLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`));
  for (const namespace of term.namespaces ?? [])
    refuse(`${path}.namespace`, namespace, checkDnsLabel(namespace), errors);
  checkLabelKeys(term, path, errors);
  if (!term.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  refuse(`${path}.topologyKey`, term.topologyKey ?? '', checkQualifiedName(term.topologyKey ?? ''), errors);
}

function checkPodAffinity(affinity: PodAffinity, path: string, errors: Errors): void {
  affinity.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, i) =>
    checkPodTerm(term, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, errors),
  );
  affinity.preferredDuringSchedulingIgnoredDuringExecution?.forEach((term, i) => {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    checkWeight(term.weight, at, errors);
    checkPodTerm(term.podAffinityTerm, `${at}.podAffinityTerm`, errors);
  });
}

export function checkAffinity(affinity: Affinity, path: string, errors: Errors): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity) {
    const {
      requiredDuringSchedulingIgnoredDuringExecution: must,
      preferredDuringSchedulingIgnoredDuringExecution: should,
    } = nodeAffinity;
    if (must) {
      const at = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
      checkNodeTerms(must.nodeSelectorTerms, at, errors);
    }
    should?.forEach((term, i) => {
      const at = `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      checkWeight(term.weight, at, errors);
      // Values that no label can have do no harm where they are only preferred.
      checkNodeTerm(term.preference, false, `${at}.preference`, errors);
    });
  }
  if (podAffinity) checkPodAffinity(podAffinity, `${path}.podAffinity`, errors);
  if (podAntiAffinity) checkPodAffinity(podAntiAffinity, `${path}.podAntiAffinity`, errors);
}

const INCLUSION = ['Honor', 'Ignore'];
const UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];

export function checkTopologySpread(constraints: readonly Constraint[], path: string, errors: Errors): void {
  constraints.forEach((constraint, i) => {
    const at = `${path}[${i}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
    if (!(maxSkew > 0)) errors.push(invalid(`${at}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'));
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    checkOneOf(whenUnsatisfiable, UNSATISFIABLE, `${at}.whenUnsatisfiable`, errors);
    const twin = constraints.findIndex(
      (other, j) => j > i && other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable,
    );
    if (twin >= 0)
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(invalid(`${at}.minDomains`, minDomains, 'must be greater than zero'));
      if (whenUnsatisfiable !== 'DoNotSchedule')
        errors.push(
          invalid(
            `${at}.minDomains`,
            minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
          ),
        );
    }
    checkOneOf(constraint.nodeAffinityPolicy, INCLUSION, `${at}.nodeAffinityPolicy`, errors, true);
    checkOneOf(constraint.nodeTaintsPolicy, INCLUSION, `${at}.nodeTaintsPolicy`, errors, true);
    checkLabelKeys(constraint, at, errors, `${at}.matchLabelKeys`);
    errors.push(...checkLabelSelector(constraint.labelSelector, `${at}.labelSelector`));
  });
}

/** All that is wrong with a value in one error. */
export function refuseAtOnce(path: string, value: string, messages: readonly string[], errors: Errors): void {
  if (messages.length > 0) errors.push(invalid(path, value, messages.join(';')));
}

/** In Kubernetes' own order, which is not the alphabet's. */
export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function checkTolerations(tolerations: readonly Toleration[], path: string, errors: Errors): void {
  tolerations.forEach((toleration, i) => {
    const at = `${path}[${i}]`;
    const { key, operator, value, effect, tolerationSeconds } = toleration;
    if (key) refuse(`${at}.key`, key, checkQualifiedName(key), errors);
    if (!key && operator !== 'Exists')
      errors.push(
        invalid(
          `${at}.operator`,
          operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      errors.push(invalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    switch (operator) {
      case undefined:
      case 'Equal':
        if (value) refuseAtOnce(`${at}.operator`, value, checkLabelValue(value), errors);
        break;
      case 'Exists':
        if (value) errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
        break;
      default: {
        // The numeric operators are known, yet not switched on.
        const known = operator === 'Lt' || operator === 'Gt' ? ['Equal', 'Exists', 'Lt', 'Gt'] : ['Equal', 'Exists'];
        errors.push(notSupported(`${at}.operator`, operator, known));
      }
    }
    if (effect) checkOneOf(effect, TAINT_EFFECTS, `${at}.effect`, errors);
  });
}
