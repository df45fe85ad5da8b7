/** Cron expressions as Kubernetes reads them (five fields, names, descriptors), with its messages. */

/** Text that is no schedule; the message is Kubernetes'. */
export class CronError extends Error {}

/** The values of each field at which a job is due. */
export interface CronFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  /** 1 is January. */
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** Whether the field of days, and of weekdays, was left open: when neither is, either is enough. */
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
}

export type CronSchedule = CronFields | { readonly everyMs: number };

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MINUTES: Bounds = { min: 0, max: 59 };
const HOURS: Bounds = { min: 0, max: 23 };
const DAYS: Bounds = { min: 1, max: 31 };
const MONTHS: Bounds = { min: 1, max: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') };
const WEEKDAYS: Bounds = { min: 0, max: 6, names: 'sun mon tue wed thu fri sat'.split(' ') };
const BOUNDS = [MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new CronError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  const number = Number(text);
  if (number < 0) throw new CronError(`negative number (${number}) not allowed: ${text}`);
  return number;
}

function value(text: string, { min, names }: Bounds): number {
  const index = names?.indexOf(text.toLowerCase()) ?? -1;
  return index >= 0 ? index + min : integer(text);
}

/** One item of a field: `5`, `1-5`, `1-20/5`, `3/10`. Returns whether it is an open one. */
function range(text: string, bounds: Bounds, into: Set<number>): boolean {
  const [part = '', stepText, ...rest] = text.split('/');
  const [low = '', high, ...more] = part.split('-');
  const open = low === '*' || low === '?';
  let start: number;
  let end: number;
  if (open) [start, end] = [bounds.min, bounds.max];
  else {
    start = value(low, bounds);
    if (more.length > 0) throw new CronError(`too many hyphens: ${text}`);
    end = high === undefined ? start : value(high, bounds);
  }
  let step = 1;
  if (rest.length > 0) throw new CronError(`too many slashes: ${text}`);
  if (stepText !== undefined) {
    step = integer(stepText);
    if (high === undefined) end = bounds.max;
  }
  if (start < bounds.min) throw new CronError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (end > bounds.max) throw new CronError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new CronError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`);
  for (let at = start; at <= end; at += step) into.add(at);
  return open && step === 1;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** `1h30m` in milliseconds, as Go's durations. */
function duration(text: string): number {
  const fail = (why: string): never => {
    throw new CronError(`failed to parse duration @every ${text}: time: ${why} ${JSON.stringify(text)}`);
  };
  if (!/^[+-]?(\d+\.?\d*|\.\d+)/.test(text)) return fail('invalid duration');
  let total = 0;
  let rest = text.replace(/^[+-]/, '');
  while (rest) {
    const [all, number, unit] = /^(\d+\.?\d*|\.\d+)([a-zµ]*)/.exec(rest) ?? [];
    if (all === undefined) return fail('invalid duration');
    if (!unit) return fail('missing unit in duration');
    if (UNITS[unit] === undefined) return fail(`unknown unit "${unit}" in duration`);
    total += Number(number) * UNITS[unit];
    rest = rest.slice(all.length);
  }
  // Whole seconds, and no less than one.
  return Math.max(1000, Math.floor(total / 1000) * 1000);
}

/** Reads a schedule; throws CronError. A time zone in the text (`TZ=...`) is skipped. */
export function parseCron(text: string): CronSchedule {
  if (text === '') throw new CronError('empty spec string');
  const spec = text.replace(/^(CRON_)?TZ=\S*\s*/, '').trim();
  if (spec.startsWith('@')) {
    if (spec.startsWith('@every ')) return { everyMs: duration(spec.slice('@every '.length)) };
    const meaning = DESCRIPTORS[spec];
    if (!meaning) throw new CronError(`unrecognized descriptor: ${spec}`);
    return parseCron(meaning);
  }
  const fields = spec.split(/\s+/).filter(Boolean);
  if (fields.length !== 5)
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const open: boolean[] = [];
  const sets = fields.map((field, i) => {
    const into = new Set<number>();
    open.push(
      field
        .split(',')
        .filter(Boolean)
        .map((item) => range(item, BOUNDS[i]!, into))
        .some(Boolean),
    );
    return into;
  });
  const [minutes, hours, days, months, weekdays] = sets as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  return { minutes, hours, days, months, weekdays, anyDay: open[2]!, anyWeekday: open[4]! };
}
