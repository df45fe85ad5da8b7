/** Label selectors: their string form, and metav1.LabelSelector. */
import { badRequest } from './errors.ts';
import { invalid } from './field-error.ts';
import type { FieldError } from './kind.ts';
import { EVERYTHING, LabelMatcher, NOTHING, type Labels, type Operator, type Requirement } from './label-matcher.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';
import { SelectorError, SelectorParser } from './selector-parser.ts';

export { LabelMatcher, type Labels, type Requirement };
export { parseFieldSelector, type FieldRequirement } from './field-selector.ts';

/** Parses `app=web,tier in (a,b),!old`; throws a BadRequest with Kubernetes' text when it cannot. */
export function parseLabelSelector(text: string): LabelMatcher {
  if (text === '') return EVERYTHING;
  const known = parsed.get(text);
  if (known) return known;
  try {
    const matcher = new LabelMatcher(new SelectorParser(text).parse());
    if (parsed.size >= 1024) parsed.clear();
    parsed.set(text, matcher);
    return matcher;
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}
const parsed = new Map<string, LabelMatcher>();

/** metav1.LabelSelector, as far as matching goes. */
export interface LabelSelectorLike {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

const EXPRESSION_OPERATORS: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

const matchers = new WeakMap<object, LabelMatcher>();

/**
 * The matcher of a metav1.LabelSelector: nothing when there is none, everything when it is empty.
 * Remembered per selector object, which is never changed in place.
 */
export function matcherOf(selector: LabelSelectorLike | undefined | null): LabelMatcher {
  if (!selector) return NOTHING;
  let matcher = matchers.get(selector);
  if (!matcher) {
    matcher = new LabelMatcher([
      ...requirementsOf(selector.matchLabels),
      ...(selector.matchExpressions ?? []).map(({ key, operator, values }) => ({
        key,
        operator: EXPRESSION_OPERATORS[operator] ?? 'in',
        values: values ?? [],
      })),
    ]);
    matchers.set(selector, matcher);
  }
  return matcher;
}

const requirementsOf = (labels: Labels): Requirement[] =>
  Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] }));

const sets = new WeakMap<object, LabelMatcher>();

/** The matcher of a plain map of labels, as a Service's selector is; nothing when it is empty or missing. */
export function matcherOfSet(labels: Labels): LabelMatcher {
  if (!labels) return NOTHING;
  let matcher = sets.get(labels);
  if (!matcher) {
    const requirements = requirementsOf(labels);
    sets.set(labels, (matcher = requirements.length > 0 ? new LabelMatcher(requirements) : NOTHING));
  }
  return matcher;
}

/** What is wrong with a metav1.LabelSelector in an object (metav1/validation.ValidateLabelSelector). */
export function checkLabelSelector(selector: LabelSelectorLike | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!selector) return errors;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const message of checkQualifiedName(key)) errors.push(invalid(`${field}.matchLabels`, key, message));
    for (const message of checkLabelValue(value)) errors.push(invalid(`${field}.matchLabels`, value, message));
  }
  selector.matchExpressions?.forEach((expression, i) => {
    const path = `${field}.matchExpressions[${i}]`;
    const values = expression.values ?? [];
    switch (expression.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0)
          errors.push({
            type: 'FieldValueRequired',
            field: `${path}.values`,
            detail: "Required value: must be specified when `operator` is 'In' or 'NotIn'",
          });
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0)
          errors.push({
            type: 'FieldValueForbidden',
            field: `${path}.values`,
            detail: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          });
        break;
      default:
        errors.push(invalid(`${path}.operator`, expression.operator, 'not a valid selector operator'));
    }
    for (const message of checkQualifiedName(expression.key))
      errors.push(invalid(`${path}.key`, expression.key, message));
    values.forEach((value, j) => {
      for (const message of checkLabelValue(value)) errors.push(invalid(`${path}.values[${j}]`, value, message));
    });
  });
  return errors;
}
