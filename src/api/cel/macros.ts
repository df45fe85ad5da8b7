/** What looks like functions and is shorthand: has(), all(), map() and their kin (CEL specification, "Macros"). */
import { ACCUMULATOR, type Expr } from './ast.ts';
import type { ExprFactory } from './factory.ts';

/** One use of a macro. */
interface Use {
  readonly make: ExprFactory;
  readonly offset: number;
  readonly target: Expr;
  readonly args: readonly Expr[];
}

type Macro = (use: Use) => Expr;

const OLD_ACCUMULATOR = '__result__';

/** The names of the variables that come first among the arguments, or the mistake in one. */
function variables({ make, args }: Use, count: number, wrong: string): string[] | Expr {
  const names: string[] = [];
  for (const arg of args.slice(0, count)) {
    if (arg.kind !== 'ident' || arg.name.startsWith('.')) return make.issue(arg.offset, wrong);
    if (arg.name === ACCUMULATOR || arg.name === OLD_ACCUMULATOR)
      return make.issue(arg.offset, 'iteration variable overwrites accumulator variable');
    if (names.includes(arg.name)) return make.issue(arg.offset, `duplicate variable name: ${arg.name}`);
    names.push(arg.name);
  }
  return names;
}

interface Fold {
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** A macro that is a fold over its target with so many variables. */
const folding =
  (count: number, wrong: string, fold: (use: Use) => Fold): Macro =>
  (use) => {
    const names = variables(use, count, wrong);
    if (!Array.isArray(names)) return names;
    const [variable = '', variable2] = names;
    const { make, offset, target: range } = use;
    return make.comprehension(offset, { range, variable, variable2, accumulator: ACCUMULATOR, ...fold(use) });
  };

const SIMPLE_NAME = 'argument must be a simple name';
const IDENTIFIER = 'argument is not an identifier';

const all = (count: number): Macro =>
  folding(count, SIMPLE_NAME, ({ make, offset, args }) => ({
    init: make.literal(offset, true),
    condition: make.call(offset, '@not_strictly_false', [make.accumulator(offset)]),
    step: make.call(offset, '_&&_', [make.accumulator(offset), args[count]!]),
    result: make.accumulator(offset),
  }));

const exists = (count: number): Macro =>
  folding(count, SIMPLE_NAME, ({ make, offset, args }) => ({
    init: make.literal(offset, false),
    condition: make.call(offset, '@not_strictly_false', [make.call(offset, '!_', [make.accumulator(offset)])]),
    step: make.call(offset, '_||_', [make.accumulator(offset), args[count]!]),
    result: make.accumulator(offset),
  }));

const existsOne = (count: number): Macro =>
  folding(count, SIMPLE_NAME, ({ make, offset, args }) => ({
    init: make.literal(offset, 0n),
    condition: make.literal(offset, true),
    step: make.call(offset, '_?_:_', [
      args[count]!,
      make.call(offset, '_+_', [make.accumulator(offset), make.literal(offset, 1n)]),
      make.accumulator(offset),
    ]),
    result: make.call(offset, '_==_', [make.accumulator(offset), make.literal(offset, 1n)]),
  }));

/** A list made of one element for each that passes the filter. */
const collecting = (
  count: number,
  wrong: string,
  parts: (use: Use) => { filter?: Expr | undefined; element: Expr },
): Macro =>
  folding(count, wrong, (use) => {
    const { make, offset } = use;
    const { filter, element } = parts(use);
    const added = make.call(offset, '_+_', [make.accumulator(offset), make.list(offset, [element])]);
    return {
      init: make.list(offset, []),
      condition: make.literal(offset, true),
      step: filter ? make.call(offset, '_?_:_', [filter, added, make.accumulator(offset)]) : added,
      result: make.accumulator(offset),
    };
  });

const filter = collecting(1, IDENTIFIER, ({ args }) => ({ filter: args[1], element: args[0]! }));
const map = collecting(1, IDENTIFIER, ({ args }) => ({ element: args[1]! }));
const filteringMap = collecting(1, IDENTIFIER, ({ args }) => ({ filter: args[1], element: args[2]! }));
const transformList = collecting(2, SIMPLE_NAME, ({ args }) => ({
  filter: args.length === 4 ? args[2] : undefined,
  element: args.at(-1)!,
}));

/** A map made of one entry for each that passes the filter. */
const transforming = (insert: (use: Use, entry: Expr) => Expr): Macro =>
  folding(2, SIMPLE_NAME, (use) => {
    const { make, offset, args } = use;
    const inserted = insert(use, args.at(-1)!);
    return {
      init: make.map(offset, []),
      condition: make.literal(offset, true),
      step: args.length === 4 ? make.call(offset, '_?_:_', [args[2]!, inserted, make.accumulator(offset)]) : inserted,
      result: make.accumulator(offset),
    };
  });

const transformMap = transforming(({ make, offset, args }, value) =>
  make.call(offset, 'cel.@mapInsert', [make.accumulator(offset), make.copy(args[0]!), value]),
);
const transformMapEntry = transforming(({ make, offset }, entry) =>
  make.call(offset, 'cel.@mapInsert', [make.accumulator(offset), entry]),
);

/** A value under a name: a fold over nothing whose result is the expression. */
const bind = ({ make, offset }: Use, name: string, init: Expr, result: Expr): Expr =>
  make.comprehension(offset, {
    range: make.list(offset, []),
    variable: '#unused',
    variable2: undefined,
    accumulator: name,
    init,
    condition: make.literal(offset, false),
    step: make.ident(offset, name),
    result,
  });

/** An optional's value under a name. */
const bound = (use: Use, name: string): Expr =>
  bind(use, name, use.make.call(use.offset, 'value', [], use.make.copy(use.target)), use.args[1]!);

const mappingOptional =
  (wrap: (use: Use, value: Expr) => Expr, macro: string): Macro =>
  (use) => {
    const { make, offset, target, args } = use;
    const [variable] = args;
    if (variable?.kind !== 'ident')
      return make.issue(variable?.offset ?? offset, `${macro}() variable name must be a simple identifier`);
    return make.call(offset, '_?_:_', [
      make.call(offset, 'hasValue', [], target),
      wrap(use, bound(use, variable.name)),
      make.call(offset, 'optional.none', []),
    ]);
  };

const SORTED = '@__sortBy_input__';

/** A list in the order of a key of its elements. */
const sortBy: Macro = (use) => {
  const { make, offset, target } = use;
  if (target.kind === 'literal' || target.kind === 'map' || target.kind === 'struct')
    return make.issue(
      target.offset,
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    );
  const input = (): Expr => make.ident(offset, SORTED);
  const keys = map({ ...use, target: input() });
  return bind(use, SORTED, target, make.call(offset, '@sortByAssociatedKeys', [keys], input()));
};

const MACROS: Readonly<Record<string, Macro>> = {
  'all:2': all(1),
  'all:3': all(2),
  'exists:2': exists(1),
  'exists:3': exists(2),
  'exists_one:2': existsOne(1),
  'exists_one:3': existsOne(2),
  'existsOne:2': existsOne(1),
  'existsOne:3': existsOne(2),
  'filter:2': filter,
  'map:2': map,
  'map:3': filteringMap,
  'transformList:3': transformList,
  'transformList:4': transformList,
  'transformMap:3': transformMap,
  'transformMap:4': transformMap,
  'transformMapEntry:3': transformMapEntry,
  'transformMapEntry:4': transformMapEntry,
  'sortBy:2': sortBy,
  'optMap:2': mappingOptional(({ make, offset }, value) => make.call(offset, 'optional.of', [value]), 'optMap'),
  'optFlatMap:2': mappingOptional((_, value) => value, 'optFlatMap'),
};

/** has(a.b): whether there is such a field. */
function has(make: ExprFactory, offset: number, arg: Expr): Expr {
  if (arg.kind !== 'select' || arg.testOnly) return make.issue(arg.offset, 'invalid argument to has() macro');
  return make.select(offset, arg.operand, arg.field, true);
}

/** What a call stands for, when it is a macro. */
export function expandMacro(
  make: ExprFactory,
  offset: number,
  name: string,
  target: Expr | undefined,
  args: readonly Expr[],
): Expr | undefined {
  if (!target) return name === 'has' && args.length === 1 ? has(make, offset, args[0]!) : undefined;
  const key = `${name}:${args.length}`;
  return Object.hasOwn(MACROS, key) ? MACROS[key]!({ make, offset, target, args }) : undefined;
}
