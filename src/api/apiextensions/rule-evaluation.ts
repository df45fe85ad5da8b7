/** Evaluation of the rules of a schema for an object (apiextensions-apiserver's pkg/apiserver/schema/cel/validation.go). */
import { Failure, NONE, Optional, PER_CALL_LIMIT, schemaValue, type CelSchema, type Result } from '../cel/index.ts';
import { equal } from '../draft.ts';
import { showValue } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { followFieldPath } from './field-path.ts';
import { additionalSchema, propertySchema } from './pruning.ts';
import { celSchemaOf, compileRules, type CompiledRule } from './rules.ts';
import type { PropsSchema, ValidationRule } from './schema-checks.ts';
import { counterpart } from './value-checks.ts';

/** What all rules of an object may cost (RuntimeCELCostBudget). */
const BUDGET = 10_000_000;
/** The longest text that a messageExpression may give. */
const LONGEST_MESSAGE = 5 * 1024;

/** The rules of a schema and of what is within it; there is none where no rules are. */
interface RuleNode {
  readonly schema: PropsSchema;
  readonly celSchema: CelSchema;
  readonly rules: readonly CompiledRule[];
  readonly items: RuleNode | undefined;
  readonly additional: RuleNode | undefined;
  readonly properties: ReadonlyMap<string, RuleNode>;
}

function nodeOf(schema: PropsSchema | undefined, isResource: boolean): RuleNode | undefined {
  if (!schema) return undefined;
  const child = (part: PropsSchema | undefined): RuleNode | undefined =>
    nodeOf(part, part?.['x-kubernetes-embedded-resource'] === true);
  const properties = new Map<string, RuleNode>();
  for (const name of Object.keys(schema.properties ?? {})) {
    const node = child(propertySchema(schema, name));
    if (node) properties.set(name, node);
  }
  const items = child(schema.items);
  const additional = child(additionalSchema(schema));
  const rules = compileRules(schema, isResource);
  if (rules.length === 0 && !items && !additional && properties.size === 0) return undefined;
  return { schema, celSchema: celSchemaOf(schema, isResource), rules, items, additional, properties };
}

const ruleText = ({ message, rule }: ValidationRule): string => (message ? message.trim() : (rule ?? '').trim());

const defaultMessage = (rule: ValidationRule): string =>
  rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`;

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** The error for a rule that does not hold. Values are shown where they are short. */
function broken(field: string, value: unknown, message: string, reason: string | undefined): FieldError {
  const shown = isScalar(value) ? `: ${showValue(value)}` : '';
  switch (reason) {
    case 'FieldValueForbidden':
      return { type: reason, field, detail: `Forbidden: ${message}` };
    case 'FieldValueRequired':
      return { type: reason, field, detail: `Required value: ${message}` };
    case 'FieldValueDuplicate':
      return { type: reason, field, detail: `Duplicate value${shown}` };
    default:
      return { type: 'FieldValueInvalid', field, detail: `Invalid value${shown}: ${message}` };
  }
}

/** Thrown when no further rules are evaluated. */
class OutOfBudget extends Error {}

/** A value, and the one that it has replaced. */
interface Versions {
  readonly value: unknown;
  /** Undefined where there is none, or where it cannot be told which it is. */
  readonly old: unknown;
  /** Whether it, or else the nearest value around it that can be told, is as it was. */
  readonly unchanged: boolean;
}

interface RuleFindings {
  readonly errors: readonly FieldError[];
  /** What is wrong with values that are as they were before. */
  readonly warnings: readonly string[];
}

class Evaluation {
  readonly errors: FieldError[] = [];
  readonly warnings: string[] = [];
  #budget = BUDGET;

  visit(node: RuleNode, path: string, versions: Versions): void {
    const { value } = versions;
    if (value === null || value === undefined) return;
    for (const rule of node.rules) this.#evaluate(node, rule, path, versions);
    if (Array.isArray(value)) this.#visitItems(node, path, value, versions);
    else if (typeof value === 'object')
      this.#visitFields(node, path, value as Readonly<Record<string, unknown>>, versions);
  }

  #visitItems({ items, schema }: RuleNode, path: string, list: readonly unknown[], { old, unchanged }: Versions): void {
    if (!items) return;
    list.forEach((item, i) => {
      const before = counterpart(item, old, schema);
      this.visit(items, `${path}[${i}]`, {
        value: item,
        old: before,
        unchanged: before === undefined ? unchanged : equal(item, before),
      });
    });
  }

  #visitFields(
    { additional, properties, schema }: RuleNode,
    path: string,
    fields: Readonly<Record<string, unknown>>,
    { old, unchanged }: Versions,
  ): void {
    const correlates = schema['x-kubernetes-map-type'] !== 'atomic';
    for (const [key, value] of Object.entries(fields)) {
      const known = propertySchema(schema, key) !== undefined;
      const node = known ? properties.get(key) : additional;
      if (!node) continue;
      const was = typeof old === 'object' && old !== null && Object.hasOwn(old, key);
      const before = was ? (old as Readonly<Record<string, unknown>>)[key] : undefined;
      const at = known ? (path ? `${path}.${key}` : key) : `${path}[${key}]`;
      this.visit(node, at, {
        value,
        old: correlates ? (before ?? undefined) : undefined,
        unchanged: was ? equal(value, before) : unchanged,
      });
    }
  }

  #evaluate(node: RuleNode, compiled: CompiledRule, path: string, { value, old, unchanged }: Versions): void {
    const { rule, program, problem, usesOldSelf } = compiled;
    const { type = '' } = node.schema;
    const field = path || '<nil>';
    const fail = (message: string): void =>
      void this.errors.push({
        type: 'FieldValueInvalid',
        field,
        detail: `Invalid value: ${showValue(type)}: ${message}`,
      });
    if (!program) return fail(`rule compile error: ${problem ?? ''}`);
    const optional = rule.optionalOldSelf === true;
    if (usesOldSelf && old === undefined && !optional) return;
    const activation = (name: string): Result | undefined => {
      if (name === 'self') return schemaValue(value, node.celSchema);
      if (name !== 'oldSelf') return undefined;
      if (!optional) return schemaValue(old, node.celSchema);
      if (old === undefined) return NONE;
      const before = schemaValue(old, node.celSchema);
      return before instanceof Failure ? before : new Optional(before);
    };
    const { result, cost, exceeded } = program.evaluate(activation, PER_CALL_LIMIT);
    if (cost > this.#budget) {
      fail('validation failed due to running out of cost budget, no further validation rules will be run');
      throw new OutOfBudget();
    }
    this.#budget -= cost;
    if (exceeded) {
      fail(
        `'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`,
      );
      throw new OutOfBudget();
    }
    if (result instanceof Failure) {
      fail(
        result.message.startsWith('no such overload')
          ? `'${result.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
          : `${result.message} evaluating rule: ${ruleText(rule)}`,
      );
      return;
    }
    if (result === true) return;
    const message = this.#message(compiled, activation) ?? defaultMessage(rule);
    const error = broken(fieldOf(node, rule, path), value, message, rule.reason);
    if (!usesOldSelf && unchanged) this.warnings.push(`${error.field}: ${error.detail}`);
    else this.errors.push(error);
  }

  /** What the messageExpression says, where it says something fit to be shown. */
  #message({ message }: CompiledRule, activation: (name: string) => Result | undefined): string | undefined {
    if (!message) return undefined;
    const { result, cost, exceeded } = message.evaluate(activation, PER_CALL_LIMIT);
    this.#budget -= cost;
    if (exceeded || typeof result !== 'string') return undefined;
    const text = result.trim();
    return text === '' || text.includes('\n') || text.length > LONGEST_MESSAGE ? undefined : text;
  }
}

/** The field that an error names: that of the value, or the one within it that the rule says. */
function fieldOf({ schema }: RuleNode, { fieldPath }: ValidationRule, path: string): string {
  const found = fieldPath ? followFieldPath(fieldPath, schema) : undefined;
  if (typeof found !== 'object' || found.text === '') return path || '<nil>';
  return path ? `${path}.${found.text}` : found.text;
}

/** The rules of a schema, ready for objects. */
export class SchemaRules {
  readonly #root: RuleNode;

  private constructor(root: RuleNode) {
    this.#root = root;
  }

  /** Undefined when the schema has no rules. */
  static of(schema: PropsSchema, isResource: boolean): SchemaRules | undefined {
    const root = nodeOf(schema, isResource);
    return root && new SchemaRules(root);
  }

  /** What the rules say of a value that replaces another; `path` is where it stands, '' for an object itself. */
  check(value: unknown, old: unknown, path = ''): RuleFindings {
    const evaluation = new Evaluation();
    try {
      evaluation.visit(this.#root, path, { value, old, unchanged: old !== undefined && equal(value, old) });
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
    }
    return evaluation;
  }
}
