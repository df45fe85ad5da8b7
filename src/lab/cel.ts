import {
  CelEnvironment,
  CelSyntaxError,
  DYN,
  formatType,
  jsonValue,
  listType,
  type CelType,
} from '../api/cel/index.ts';

/** A CEL expression that does not parse or does not type-check. */
export class CelError extends Error {
  /** Offset in the expression where it went wrong, when the parser said. */
  readonly offset: number | undefined;

  constructor(message: string, offset: number | undefined) {
    super(message);
    this.name = 'CelError';
    this.offset = offset;
  }
}

/** What a check's expression may use: one of these, by the check's form. */
export type CelScope = 'object' | 'objects' | 'span';

const TYPES: Record<CelScope, CelType> = { object: DYN, objects: listType(DYN), span: DYN };

/** Compiles an expression that says yes or no of a JSON value; what fails does not hold. Throws CelError. */
export function compileCel(scope: CelScope, expression: string): (value: unknown) => boolean {
  try {
    const program = new CelEnvironment({ variables: { [scope]: TYPES[scope] } }).compile(expression);
    const { kind } = program.type;
    if (kind !== 'bool' && kind !== 'dyn')
      throw new CelError(`gives ${formatType(program.type)}, not true or false`, undefined);
    return (value) => {
      const json = jsonValue(value);
      const { result } = program.evaluate((name) => (name === scope ? json : undefined), Infinity);
      return result === true;
    };
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error;
    throw new CelError(error.issues[0]!.message, error.offset);
  }
}
