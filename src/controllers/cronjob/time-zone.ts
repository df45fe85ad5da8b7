/** The calendar and clock of a place at a moment. */
export interface LocalTime {
  readonly year: number;
  /** 1 is January. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const DAY_MS = 24 * 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Clocks are set at whole quarters of an hour, so that what they are ahead of UTC holds for one. */
const QUARTER_MS = 15 * 60_000;

let last = { zone: '', quarter: NaN, offsetMs: 0 };

/** How far the clocks of the zone are ahead of UTC at a moment, in milliseconds. */
function offsetMs(ms: number, zone: string): number {
  const quarter = Math.floor(ms / QUARTER_MS);
  if (last.quarter !== quarter || last.zone !== zone) last = { zone, quarter, offsetMs: shownAhead(ms, zone) };
  return last.offsetMs;
}

function shownAhead(ms: number, zone: string): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = parts as unknown as LocalTime;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

export function localTime(ms: number, zone: string): LocalTime {
  const shown = new Date(ms + offsetMs(ms, zone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  };
}

/**
 * The moment of a local date and hour, numbers out of range carried on. A time that the clocks leave out is read by
 * the offset before the change.
 */
export function momentOf(zone: string, year: number, month: number, day: number, hour: number): number {
  const local = Date.UTC(year, month - 1, day, hour);
  const before = local - offsetMs(local - DAY_MS, zone);
  const after = local - offsetMs(before, zone);
  return offsetMs(after, zone) === local - after ? after : before;
}
