import type { CronFields, CronSchedule } from '../../api/batch/cron-schedule.ts';
import { localTime, momentOf, type LocalTime } from './time-zone.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Schedules like the 30th of February are never due. */
const MAX_YEARS = 5;

function isDay({ days, weekdays, anyDay, anyWeekday }: CronFields, { year, month, day }: LocalTime): boolean {
  const inMonth = days.has(day);
  const inWeek = weekdays.has(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
  return anyDay || anyWeekday ? inMonth && inWeek : inMonth || inWeek;
}

/**
 * When a schedule is due next after a moment, in a time zone; undefined when it never is. Hours are walked in real
 * time, as robfig/cron does it: what falls into the hour that the clocks leave out in spring is left out, and what
 * falls into the hour that they show twice in autumn is due twice.
 */
export function nextDue(schedule: CronSchedule, afterMs: number, zone: string): number | undefined {
  if ('everyMs' in schedule) return Math.floor(afterMs / SECOND_MS) * SECOND_MS + schedule.everyMs;
  let ms = Math.floor(afterMs / SECOND_MS) * SECOND_MS + SECOND_MS;
  // Whole minutes: the seconds of five fields are 0.
  ms = Math.ceil(ms / MINUTE_MS) * MINUTE_MS;
  const lastYear = localTime(ms, zone).year + MAX_YEARS;
  for (;;) {
    const local = localTime(ms, zone);
    const { year, month } = local;
    if (year > lastYear) return undefined;
    if (!schedule.months.has(month)) ms = momentOf(zone, year, month + 1, 1, 0);
    else if (!isDay(schedule, local)) ms = momentOf(zone, year, month, local.day + 1, 0);
    else if (!schedule.hours.has(local.hour)) ms += HOUR_MS - (local.minute * MINUTE_MS + local.second * SECOND_MS);
    else if (!schedule.minutes.has(local.minute)) ms += MINUTE_MS;
    else return ms;
  }
}
