import type { CheckedExpr, Declarations } from './checker.ts';
import { check } from './checker.ts';
import { functionsOf, type Functions, type Library } from './functions.ts';
import { plan, type Activation, type Evaluation } from './interpreter.ts';
import { checkLiteralArguments } from './literal-arguments.ts';
import { TYPE_NAMES } from './library/conversions.ts';
import { kubernetesLibraries } from './library/index.ts';
import { parse } from './parser.ts';
import { CelSyntaxError } from './source.ts';
import { typeType, type CelType, type ObjectType } from './types.ts';

/** What one call may cost at run time, unless said otherwise (celconfig.PerCallLimit). */
export const PER_CALL_LIMIT = 1_000_000;

/** A compiled expression. */
export interface Program {
  readonly source: string;
  /** The type of what it gives. */
  readonly type: CelType;
  /** For the estimation of costs. */
  readonly checked: CheckedExpr;
  /** Whether it mentions a variable. */
  uses(variable: string): boolean;
  /** Evaluates it; stops when it costs more than the limit. */
  evaluate(activation: Activation, limit?: number): Evaluation;
}

let base: Functions | undefined;

/** The functions of every expression; put together for the first one. */
const baseFunctions = (): Functions => (base ??= functionsOf(kubernetesLibraries));

const TYPES: readonly (readonly [string, CelType])[] = Object.entries(TYPE_NAMES).map(([name, type]) => [
  name,
  typeType(type),
]);

export interface EnvironmentOptions {
  readonly variables: Readonly<Record<string, CelType>>;
  /** Types of objects that expressions may make, by name. */
  readonly structType?: (name: string) => ObjectType | undefined;
  /** Functions beside those that every expression in Kubernetes has. */
  readonly libraries?: readonly Library[];
}

/** The variables, functions and types that expressions may use: Kubernetes' base environment and what is added to it. */
export class CelEnvironment {
  readonly #options: EnvironmentOptions;
  #made: Declarations | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
  }

  get #declarations(): Declarations {
    if (this.#made) return this.#made;
    const { variables, structType = () => undefined, libraries = [] } = this.#options;
    const functions = baseFunctions();
    return (this.#made = {
      variables: new Map([...TYPES, ...Object.entries(variables)]),
      functions: libraries.length === 0 ? functions : new Map([...functions, ...functionsOf(libraries)]),
      structType,
    });
  }

  /** Parses and type-checks an expression. Throws CelSyntaxError, whose message is cel-go's. */
  compile(source: string): Program {
    const checked = check(source, parse(source), this.#declarations);
    const issues = checkLiteralArguments(checked);
    if (issues.length > 0) throw new CelSyntaxError(source, issues);
    let program: ReturnType<typeof plan> | undefined;
    return {
      source,
      type: checked.type,
      checked,
      uses: (variable) => mentions(checked.expr, variable),
      evaluate: (activation, limit = PER_CALL_LIMIT) =>
        (program ??= plan(checked, this.#declarations))(activation, limit),
    };
  }
}

/** Whether an identifier of that name is anywhere in a tree of nodes. */
function mentions(node: unknown, name: string): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if ('kind' in node && node.kind === 'ident' && 'name' in node && node.name === name) return true;
  return Object.values(node).some((part) => mentions(part, name));
}
