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

export function localTime(ms: number, zone: string): LocalTime {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = parts as unknown as LocalTime;
  return { year, month, day, hour, minute, second };
}

/** How far the clocks of the zone are ahead of UTC at a moment, in milliseconds. */
function offsetMs(ms: number, zone: string): number {
  const { year, month, day, hour, minute, second } = localTime(ms, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
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
