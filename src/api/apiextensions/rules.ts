/** x-kubernetes-validations: rules in CEL, compiled (apiextensions-apiserver's pkg/apiserver/schema/cel). */
import {
  CelEnvironment,
  CelSyntaxError,
  estimateCost,
  optionalType,
  type Program,
  resourceSchema,
  sizedType,
  type CelSchema,
  type SizedType,
} from '../cel/index.ts';
import type { PropsSchema, ValidationRule } from './schema-checks.ts';

/** A rule, ready to be evaluated; or what keeps it from being that. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program?: Program;
  readonly problem?: string;
  /** Whether it compares with the value before. */
  readonly usesOldSelf: boolean;
  /** The most that evaluating it once may cost. */
  readonly maxCost: number;
  readonly message?: Program;
  readonly messageProblem?: string;
  readonly messageMaxCost: number;
}

/** What expressions see of a schema: of the root of a resource and of embedded ones, the type and names too. */
export const celSchemaOf = (schema: PropsSchema, isResource: boolean): CelSchema =>
  isResource ? resourceSchema(schema as CelSchema) : (schema as CelSchema);

/** The type of `self` in the rules of a schema; undefined where expressions cannot see values of it. */
export const selfType = (schema: PropsSchema, isResource: boolean): SizedType | undefined =>
  sizedType(celSchemaOf(schema, isResource), 'selfType');

const problemOf = (error: unknown): string => {
  if (error instanceof CelSyntaxError) return `compilation failed: ${error.message}`;
  throw error;
};

function compileRule(rule: ValidationRule, self: SizedType): CompiledRule | undefined {
  const source = rule.rule ?? '';
  if (!source.trim()) return undefined;
  const environment = new CelEnvironment({
    variables: { self: self.type, oldSelf: rule.optionalOldSelf ? optionalType(self.type) : self.type },
  });
  const nothing = { rule, usesOldSelf: false, maxCost: 0, messageMaxCost: 0 };
  let program: Program;
  try {
    program = environment.compile(source);
  } catch (error) {
    return { ...nothing, problem: problemOf(error) };
  }
  if (program.type.kind !== 'bool') return { ...nothing, problem: 'cel expression must evaluate to a bool' };
  const compiled = {
    rule,
    program,
    usesOldSelf: program.uses('oldSelf'),
    maxCost: estimateCost(program.checked, self).max,
    messageMaxCost: 0,
  };
  if (!rule.messageExpression) return compiled;
  try {
    const message = environment.compile(rule.messageExpression);
    if (message.type.kind !== 'string')
      return { ...compiled, messageProblem: 'messageExpression must evaluate to a string' };
    return { ...compiled, message, messageMaxCost: estimateCost(message.checked, self).max };
  } catch (error) {
    return { ...compiled, messageProblem: `messageExpression ${problemOf(error)}` };
  }
}

/** The rules of one schema, not of those within it. */
export function compileRules(schema: PropsSchema, isResource: boolean): readonly CompiledRule[] {
  const rules = schema['x-kubernetes-validations'];
  const self = rules?.length ? selfType(schema, isResource) : undefined;
  if (!rules || !self) return [];
  return rules.map((rule) => compileRule(rule, self)).filter((rule) => rule !== undefined);
}
