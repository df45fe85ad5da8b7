import { describe, expect, test } from 'vitest';
import { parseCron } from '../../src/api/batch/cron-schedule.ts';
import { nextDue } from '../../src/controllers/cronjob/cron.ts';

/** The next `count` times after a moment, as UTC. */
function due(schedule: string, after: string, zone: string, count: number): string[] {
  const cron = parseCron(schedule);
  const times: string[] = [];
  let ms: number | undefined = Date.parse(after);
  while (times.length < count && (ms = nextDue(cron, ms, zone)) !== undefined) {
    times.push(new Date(ms).toISOString().slice(0, 16));
  }
  return times;
}

describe('schedules', () => {
  test.each([
    ['*/20 * * * *', '2026-01-01T00:00:00Z', ['2026-01-01T00:20', '2026-01-01T00:40', '2026-01-01T01:00']],
    ['0 0 1 * *', '2026-01-15T00:00:00Z', ['2026-02-01T00:00', '2026-03-01T00:00']],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', ['2028-02-29T00:00']],
    ['0 12 1 * mon', '2026-01-01T13:00:00Z', ['2026-01-05T12:00', '2026-01-12T12:00']],
    ['@every 90m', '2026-01-01T00:00:00Z', ['2026-01-01T01:30', '2026-01-01T03:00']],
  ])('%s', (schedule, after, expected) => {
    expect(due(schedule, after, 'UTC', expected.length)).toEqual(expected);
  });

  test('days that never come', () => expect(due('0 0 30 2 *', '2026-01-01T00:00:00Z', 'UTC', 1)).toEqual([]));

  test('are those of the time zone', () => {
    expect(due('0 3 * * *', '2026-01-01T00:00:00Z', 'Europe/Berlin', 1)).toEqual(['2026-01-01T02:00']);
    expect(due('0 3 * * *', '2026-07-01T02:00:00Z', 'Asia/Kolkata', 1)).toEqual(['2026-07-01T21:30']);
  });

  test('leave out what the clocks leave out in spring', () => {
    expect(due('30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin', 2)).toEqual([
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ]);
  });

  test('come twice in the hour that the clocks show twice in autumn', () => {
    expect(due('30 2 * * *', '2026-10-24T12:00:00Z', 'Europe/Berlin', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-26T01:30',
    ]);
  });

  test('find the day whose midnight the clocks leave out', () => {
    // 6 September 2026 begins at 1:00 in Santiago.
    expect(due('0 5 6 9 *', '2026-09-01T00:00:00Z', 'America/Santiago', 1)).toEqual(['2026-09-06T08:00']);
  });
});
