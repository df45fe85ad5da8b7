/** Whether the rules of a schema compile, and what they may cost (apiextensions' validation of x-kubernetes-validations). */
import { forbidden, invalid } from '../field-error.ts';
import { goString } from '../go-text.ts';
import type { FieldError } from '../kind.ts';
import { additionalSchema } from './pruning.ts';
import { compileRules, selfType, type CompiledRule } from './rules.ts';
import type { PropsSchema, ValidationRule } from './schema-checks.ts';

/** What one rule may cost, over all values that it is evaluated for. */
const RULE_LIMIT = 10_000_000;
/** What all rules of a schema may cost. */
const SCHEMA_LIMIT = 100_000_000;
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
/** So many rules are named of those that make a schema too expensive. */
const NAMED = 4;

const MAX_COST = 2 ** 64;

function tooExpensive(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** A rule as Go's JSON shows it in error texts. */
const shownRule = ({ rule, message, messageExpression, reason, fieldPath, optionalOldSelf }: ValidationRule): string =>
  `{"Rule":${goString(rule ?? '')},"Message":${goString(message ?? '')},"MessageExpression":${goString(messageExpression ?? '')},` +
  `"Reason":${reason === undefined ? 'null' : goString(reason)},"FieldPath":${goString(fieldPath ?? '')},` +
  `"OptionalOldSelf":${optionalOldSelf === undefined ? 'null' : String(optionalOldSelf)}}`;

const invalidRule = (field: string, rule: ValidationRule, problem: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  detail: `Invalid value: ${shownRule(rule)}: ${problem}`,
});

/** How many values of a schema's children there may be for each of its own; undefined when nothing limits them. */
function maxElements(schema: PropsSchema): number | undefined {
  if (schema.type === 'array') return schema.maxItems === undefined ? undefined : Math.max(0, schema.maxItems);
  if (schema.type === 'object' && schema.additionalProperties !== undefined)
    return schema.maxProperties === undefined ? undefined : Math.max(0, schema.maxProperties);
  return 1;
}

interface Place {
  readonly path: string;
  readonly isResource: boolean;
  /** How many values there may be; undefined when nothing limits them but the size of a request. */
  readonly cardinality: number | undefined;
  /** The list or map above whose elements cannot be told apart from one version to the next. */
  readonly uncorrelatable: string | undefined;
}

/** The rules of a whole schema. */
class RuleChecks {
  readonly errors: FieldError[] = [];
  #total = 0;
  readonly #expensive: { readonly path: string; readonly cost: number }[] = [];
  readonly #isSound: (path: string) => boolean;

  constructor(isSound: (path: string) => boolean) {
    this.#isSound = isSound;
  }

  walk(schema: PropsSchema, place: Place): void {
    const { path, uncorrelatable } = place;
    const elements = maxElements(schema);
    const cardinality =
      place.cardinality === undefined || elements === undefined
        ? undefined
        : Math.min(place.cardinality * elements, MAX_COST);
    const within = (part: PropsSchema | undefined, at: string, lost: boolean): void => {
      if (!part) return;
      this.walk(part, {
        path: `${path}.${at}`,
        isResource: part['x-kubernetes-embedded-resource'] === true,
        cardinality,
        uncorrelatable: uncorrelatable ?? (lost ? path : undefined),
      });
    };
    within(additionalSchema(schema), 'additionalProperties', false);
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      within(property, `properties[${name}]`, schema['x-kubernetes-map-type'] === 'atomic');
    within(schema.items, 'items', schema['x-kubernetes-list-type'] !== 'map');
    this.#rules(schema, place);
  }

  #rules(schema: PropsSchema, { path, isResource, cardinality, uncorrelatable }: Place): void {
    const rules = schema['x-kubernetes-validations'];
    if (!rules?.length || !this.#isSound(path)) return;
    const field = `${path}.x-kubernetes-validations`;
    const self = selfType(schema, isResource);
    if (!self) {
      const problem = 'internal error: failed to construct type information for x-kubernetes-validations rules';
      const text = `Internal error: ${problem}: unable to convert structural schema to CEL declarations`;
      this.errors.push({ type: 'InternalError', field, detail: text });
      return;
    }
    const values = cardinality ?? Math.floor(MAX_REQUEST_BYTES / (self.minBytes + 1));
    const compiled = compileRules(schema, isResource);
    for (const one of compiled) this.#rule(one, `${field}[${rules.indexOf(one.rule)}]`, values, uncorrelatable);
  }

  #rule(compiled: CompiledRule, at: string, values: number, uncorrelatable: string | undefined): void {
    const { rule, problem, messageProblem, message, messageMaxCost, usesOldSelf } = compiled;
    const cost = Math.min(compiled.maxCost * values, MAX_COST);
    if (cost > RULE_LIMIT)
      this.errors.push(forbidden(`${at}.rule`, tooExpensive('estimated rule cost', cost, RULE_LIMIT)));
    this.#observe(`${at}.rule`, cost);
    if (problem) this.errors.push(invalidRule(`${at}.rule`, rule, problem));
    if (messageProblem) this.errors.push(invalidRule(`${at}.messageExpression`, rule, messageProblem));
    else if (message) {
      if (messageMaxCost > RULE_LIMIT) {
        const text = tooExpensive('estimated messageExpression cost', messageMaxCost, RULE_LIMIT);
        this.errors.push(forbidden(`${at}.messageExpression`, text));
      }
      this.#observe(`${at}.messageExpression`, messageMaxCost);
    }
    if (usesOldSelf) {
      if (uncorrelatable)
        this.errors.push(
          invalid(
            `${at}.rule`,
            rule.rule,
            `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`,
          ),
        );
    } else if (rule.optionalOldSelf !== undefined) {
      this.errors.push(
        invalid(`${at}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'),
      );
    }
  }

  #observe(path: string, cost: number): void {
    this.#total = Math.min(this.#total + cost, MAX_COST);
    if (cost >= SCHEMA_LIMIT / 100) this.#expensive.push({ path, cost });
  }

  /** What is said of the sum. */
  finish(path: string): void {
    if (this.#total <= SCHEMA_LIMIT) return;
    const named = [...this.#expensive].sort((a, b) => b.cost - a.cost).slice(0, NAMED);
    for (const { path: at } of named)
      this.errors.push(
        forbidden(at, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'),
      );
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    this.errors.push(forbidden(path, tooExpensive(what, this.#total, SCHEMA_LIMIT)));
  }
}

/** What is wrong with the rules of a schema; those of parts that are not in order themselves are left alone. */
export function checkRuleExpressions(
  schema: PropsSchema,
  path: string,
  isSound: (path: string) => boolean,
): FieldError[] {
  const checks = new RuleChecks(isSound);
  checks.walk(schema, { path, isResource: true, cardinality: 1, uncorrelatable: undefined });
  checks.finish(path);
  return checks.errors;
}
