/** The parts of times and durations (CEL specification, "Standard Definitions"). */
import { member, type Library, type Overload } from '../functions.ts';
import { DURATION, INT, STRING, TIMESTAMP } from '../types.ts';
import { Failure, type CelValue, type Duration, type Result, type Timestamp } from '../values.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a time zone is from UTC at a moment, milliseconds; undefined when there is no such zone. */
function offsetOf(zone: string, ms: number): number | undefined {
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (fixed) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3]);
    return (fixed[1] === '-' ? -minutes : minutes) * 60_000;
  }
  try {
    let format = formats.get(zone);
    if (!format) {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
      formats.set(zone, format);
    }
    const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')!.value;
    const [, sign, hours = '0', minutes = '0'] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
    return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  } catch {
    return undefined;
  }
}

const DAY_MS = 86_400_000;

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / DAY_MS);
}

const PARTS: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDayOfYear: dayOfYear,
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

const UNITS: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
  getMilliseconds: 1_000_000n,
};

const overloadsOf = (name: string, part: (date: Date) => number): Overload[] => {
  const at = ({ milliseconds }: Timestamp, zone: string): Result => {
    const offset = offsetOf(zone, milliseconds);
    if (offset === undefined) return new Failure(`unknown time zone ${zone}`);
    return BigInt(part(new Date(milliseconds + offset)));
  };
  const overloads = [
    member(`timestamp_${name}`, [TIMESTAMP], INT, (moment: Timestamp) => at(moment, '+00:00')),
    member(`timestamp_${name}_with_tz`, [TIMESTAMP, STRING], INT, at),
  ];
  const unit = UNITS[name];
  if (unit === undefined) return overloads;
  const ofDuration = (value: CelValue): Result => {
    const { nanoseconds } = value as Duration;
    return (name === 'getMilliseconds' ? nanoseconds % 1_000_000_000n : nanoseconds) / unit;
  };
  return [...overloads, member(`duration_${name}`, [DURATION], INT, ofDuration)];
};

export const times: Library = Object.entries(PARTS).map(([name, part]) => [name, ...overloadsOf(name, part)] as const);
