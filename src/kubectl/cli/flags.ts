import { CliError } from '../errors.ts';
import { goQuote } from '../go-format.ts';

export type FlagType = 'string' | 'bool' | 'int' | 'duration' | 'list' | 'array';

/** One flag of a command. `list` splits values at commas, `array` takes each as it is. */
export interface Flag {
  readonly type: FlagType;
  readonly short?: string;
  readonly default?: string | boolean | number | readonly string[];
  /** The value of the flag given bare, without `=`. */
  readonly bare?: string;
  /** Printed to stderr when it is used. */
  readonly deprecated?: string;
}

export type FlagSet = Readonly<Record<string, Flag>>;

/** The flags of one invocation. */
export class Flags {
  readonly #values = new Map<string, string | boolean | number | string[]>();
  readonly #set: FlagSet;
  readonly #changed = new Set<string>();

  constructor(set: FlagSet) {
    this.#set = set;
  }

  changed(name: string): boolean {
    return this.#changed.has(name);
  }

  string(name: string): string {
    return (this.#values.get(name) ?? this.#set[name]?.default ?? '') as string;
  }

  bool(name: string): boolean {
    return (this.#values.get(name) ?? this.#set[name]?.default ?? false) as boolean;
  }

  int(name: string): number {
    return (this.#values.get(name) ?? this.#set[name]?.default ?? 0) as number;
  }

  list(name: string): readonly string[] {
    return (this.#values.get(name) ?? this.#set[name]?.default ?? []) as readonly string[];
  }

  set(name: string, value: string | boolean | number | string[]): void {
    this.#changed.add(name);
    this.#values.set(name, value);
  }
}

/** A flag that cannot be read; the command says how to get help. */
export class FlagError extends CliError {}

const truths: Record<string, boolean> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

const durationPattern = /^[-+]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/;
const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go's time.ParseDuration in milliseconds; undefined when it does not parse. */
export const parseDuration = (text: string): number | undefined => {
  if (text === '0') return 0;
  if (!durationPattern.test(text)) return undefined;
  let ms = 0;
  for (const [, value, , unit] of text.matchAll(/(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    ms += Number(value) * unitMs[unit!]!;
  return text.startsWith('-') ? -ms : ms;
};

/** Splits a command line into flags and arguments as pflag does; `dash` is how many arguments came before `--`. */
export const parseFlags = (
  argv: readonly string[],
  set: FlagSet,
  onDeprecated: (text: string) => void,
): { flags: Flags; args: string[]; dash: number } => {
  const flags = new Flags(set);
  const args: string[] = [];
  let dash = -1;
  const shorts = new Map(
    Object.entries(set).flatMap(([name, flag]) => (flag.short ? [[flag.short, name] as const] : [])),
  );
  const assign = (name: string, value: string, label: string): void => {
    const flag = set[name]!;
    setFlag(flags, name, flag, value, label);
    if (flag.deprecated) onDeprecated(`Flag --${name} has been deprecated, ${flag.deprecated}\n`);
  };
  const label = (name: string): string => (set[name]!.short ? `-${set[name]!.short}, --${name}` : `--${name}`);
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') {
      dash = args.length;
      args.push(...argv.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=');
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      if (name === '' || name.startsWith('-')) throw new FlagError(`bad flag syntax: ${arg}`);
      const flag = set[name];
      if (!flag) throw new FlagError(`unknown flag: --${name}`);
      if (equals >= 0) assign(name, arg.slice(equals + 1), label(name));
      else if (bareValue(flag) !== undefined) assign(name, bareValue(flag)!, label(name));
      else if (i + 1 < argv.length) assign(name, argv[++i]!, label(name));
      else throw new FlagError(`flag needs an argument: --${name}`);
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let j = 1; j < arg.length; j++) {
        const short = arg[j]!;
        const name = shorts.get(short);
        if (name === undefined) throw new FlagError(`unknown shorthand flag: '${short}' in ${arg}`);
        const flag = set[name]!;
        const rest = arg.slice(j + 1);
        if (rest.startsWith('=')) {
          assign(name, rest.slice(1), label(name));
          break;
        }
        if (bareValue(flag) !== undefined) {
          assign(name, bareValue(flag)!, label(name));
          continue;
        }
        if (rest !== '') assign(name, rest, label(name));
        else if (i + 1 < argv.length) assign(name, argv[++i]!, label(name));
        else throw new FlagError(`flag needs an argument: '${short}' in ${arg}`);
        break;
      }
    } else args.push(arg);
  }
  return { flags, args, dash };
};

const bareValue = (flag: Flag): string | undefined => flag.bare ?? (flag.type === 'bool' ? 'true' : undefined);

const setFlag = (flags: Flags, name: string, flag: Flag, value: string, label: string): void => {
  const refuse = (reason: string): never => {
    throw new FlagError(`invalid argument ${goQuote(value)} for ${goQuote(label)} flag: ${reason}`);
  };
  switch (flag.type) {
    case 'string':
      flags.set(name, value);
      return;
    case 'bool':
      flags.set(name, truths[value] ?? refuse(`strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax`));
      return;
    case 'int':
      flags.set(
        name,
        /^[-+]?\d+$/.test(value)
          ? Number(value)
          : refuse(`strconv.ParseInt: parsing ${goQuote(value)}: invalid syntax`),
      );
      return;
    case 'duration': {
      const ms = parseDuration(value);
      flags.set(name, ms ?? refuse(durationError(value)));
      return;
    }
    case 'list':
    case 'array': {
      const values = flag.type === 'array' ? [value] : value === '' ? [] : splitCsv(value);
      flags.set(name, flags.changed(name) ? [...flags.list(name), ...values] : values);
    }
  }
};

const durationError = (value: string): string =>
  /^[-+]?[\d.]+$/.test(value)
    ? `time: missing unit in duration ${goQuote(value)}`
    : `time: invalid duration ${goQuote(value)}`;

const splitCsv = (value: string): string[] =>
  (value.match(/("(?:[^"]|"")*"|[^,]*)(,|$)/g) ?? [])
    .slice(0, value === '' ? 0 : undefined)
    .map((part) => part.replace(/,$/, ''))
    .slice(0, value.split(',').length)
    .map((part) => (/^".*"$/.test(part) ? part.slice(1, -1).replaceAll('""', '"') : part));
