import { parseCron } from '../../api/batch/cron-schedule.ts';
import { parseTime } from '../../api/meta.ts';
import type { CronJob } from '../../api/types.ts';
import { nextDue } from './cron.ts';

/** More missed times than this are remarked upon. */
export const MANY_MISSED = 100;

interface DueTimes {
  /** The latest time that has passed without a Job. */
  readonly missedMs: number | undefined;
  /** How many have passed. */
  readonly missed: number;
  readonly nextMs: number | undefined;
}

/** Which scheduled times have passed since the last Job, or within startingDeadlineSeconds, and which one comes next. */
export function dueTimes({ metadata, spec, status }: CronJob, nowMs: number): DueTimes {
  const schedule = parseCron(spec.schedule);
  const zone = spec.timeZone ?? 'UTC';
  const since = parseTime(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '');
  const deadline = spec.startingDeadlineSeconds;
  const from = deadline === undefined ? since : Math.max(since, nowMs - deadline * 1000);
  const nextMs = nextDue(schedule, nowMs, zone);
  let missedMs: number | undefined;
  let missed = 0;
  let at = nextDue(schedule, from, zone);
  while (at !== undefined && at <= nowMs) {
    missedMs = at;
    missed++;
    // Only the latest counts: a long gap is halved rather than walked through.
    const halfway = missed > MANY_MISSED ? nextDue(schedule, (at + nowMs) / 2, zone) : undefined;
    at = halfway !== undefined && halfway <= nowMs ? halfway : nextDue(schedule, at, zone);
  }
  return { missedMs, missed, nextMs };
}
