/** Compiled expressions of admission, and how they are evaluated (apiserver's admission/plugin/cel). */
import {
  ExpressionProblem,
  type PolicyExpressions,
  type Sight,
} from '../../../api/admissionregistration/expressions.ts';
import {
  Failure,
  MapValue,
  type Activation,
  type CelType,
  type CelValue,
  type Program,
  type Result,
} from '../../../api/cel/index.ts';

/** What the expressions of one policy may cost together (celconfig.RuntimeCELCostBudget). */
export const POLICY_BUDGET = 10_000_000;
/** What the conditions of one policy or webhook may cost together. */
export const CONDITIONS_BUDGET = 2_500_000;

/** An expression with its program, or with what is wrong with it. */
export interface Compiled {
  readonly expression: string;
  readonly program?: Program;
  readonly problem?: string;
}

/** Compiles what validation let through, maybe in another version: problems come up when it is evaluated. */
export function compile(
  expressions: PolicyExpressions,
  expression: string,
  sight: Sight,
  ...wanted: readonly CelType[]
): Compiled {
  const text = expression.trim();
  try {
    return { expression: text, program: expressions.compile(text, sight, ...wanted) };
  } catch (error) {
    if (!(error instanceof ExpressionProblem)) throw error;
    return { expression: text, problem: error.message };
  }
}

/** Thrown when the expressions of a policy have cost what they may. */
export class OutOfBudget extends Error {
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

/** What a policy may still spend on a request. */
export class Budget {
  #left: number;

  constructor(cost: number) {
    this.#left = cost;
  }

  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new OutOfBudget();
  }
}

/** Evaluates an expression; failures say which. Throws OutOfBudget. */
export function evaluate({ expression, program, problem }: Compiled, activation: Activation, budget: Budget): Result {
  if (!program) return new Failure(`compilation error: ${problem}`);
  const { result, cost } = program.evaluate(activation);
  budget.spend(cost);
  if (!(result instanceof Failure)) return result;
  return new Failure(`expression '${expression}' resulted in error: ${result.message}`);
}

/** The variables of a policy: each is worked out when it is first used. */
export class PolicyVariables extends MapValue {
  readonly #compiled: ReadonlyMap<string, Compiled>;
  readonly #activation: Activation;
  readonly #known = new Map<string, Result>();

  constructor(compiled: ReadonlyMap<string, Compiled>, activation: Activation) {
    super();
    this.#compiled = compiled;
    this.#activation = (name) => (name === 'variables' ? this : activation(name));
  }

  get size(): number {
    return this.#compiled.size;
  }

  find(key: CelValue): Result | undefined {
    if (typeof key !== 'string') return undefined;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const compiled = this.#compiled.get(key);
    if (!compiled) return undefined;
    const value = this.#evaluate(key, compiled);
    this.#known.set(key, value);
    return value;
  }

  keys(): Iterable<CelValue> {
    return this.#compiled.keys();
  }

  #evaluate(name: string, { program, problem }: Compiled): Result {
    if (!program) return new Failure(`composited variable "${name}" fails to compile: ${problem}`);
    const { result } = program.evaluate(this.#activation);
    if (!(result instanceof Failure)) return result;
    return new Failure(`composited variable "${name}" fails to evaluate: ${result.message}`);
  }
}

/** Text of several errors as one (utilerrors.NewAggregate). */
function aggregate(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}

/** Whether conditions hold: one that does not decides, then one that fails. Throws ConditionError. */
export function conditionsHold(conditions: readonly Compiled[], activation: Activation): boolean {
  const budget = new Budget(CONDITIONS_BUDGET);
  const messages: string[] = [];
  for (const condition of conditions) {
    const result = evaluate(condition, activation, budget);
    if (result === false) return false;
    if (result instanceof Failure) messages.push(result.message);
  }
  if (messages.length > 0) throw new ConditionError(aggregate(messages));
  return true;
}

/** Conditions that cannot be said to hold or not. */
export class ConditionError extends Error {}
