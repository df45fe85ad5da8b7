import { describe, expect, test } from 'vitest';
import { formatTime } from '../../src/api/meta.ts';
import type { CoreEvent } from '../../src/api/types.ts';
import { EventCorrelator } from '../../src/client/event-correlator.ts';

let names = 0;
const event = (message: string, nowMs = 0, object = 'web'): CoreEvent => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${object}.${names++}`, namespace: 'default' },
  involvedObject: { apiVersion: 'v1', kind: 'Pod', name: object, namespace: 'default' },
  reason: 'Failed',
  message,
  source: { component: 'test' },
  type: 'Warning',
  count: 1,
  firstTimestamp: formatTime(nowMs),
  lastTimestamp: formatTime(nowMs),
});

describe('EventCorrelator', () => {
  test('counts a repeated event up instead of writing it again', () => {
    const correlator = new EventCorrelator();
    const first = correlator.correlate(event('no'), 0)!;
    const second = correlator.correlate(event('no', 3000), 3000)!;
    expect(first.patch).toBeUndefined();
    expect(second.patch).toEqual({ count: 2, lastTimestamp: formatTime(3000), message: 'no' });
    expect(second.event.metadata.name).toBe(first.event.metadata.name);
  });

  test('combines events that differ only in their message from the tenth on', () => {
    const correlator = new EventCorrelator();
    const written = Array.from({ length: 12 }, (_, i) => correlator.correlate(event(`Created pod: web-${i}`), 0)!);
    expect(written[8]!.event.message).toBe('Created pod: web-8');
    expect(written[9]!.event.message).toBe('(combined from similar events): Created pod: web-9');
    expect(written[9]!.patch).toBeUndefined();
    expect(written[11]!.patch).toMatchObject({
      count: 3,
      message: '(combined from similar events): Created pod: web-11',
    });
  });

  test('stops after 25 events about one object, and allows one more every five minutes', () => {
    const correlator = new EventCorrelator();
    const written = Array.from({ length: 30 }, () => correlator.correlate(event('no'), 0));
    expect(written.filter(Boolean)).toHaveLength(25);
    expect(correlator.correlate(event('no', 0, 'other'), 0)).toBeDefined();
    expect(correlator.correlate(event('no', 301_000), 301_000)).toBeDefined();
    expect(correlator.correlate(event('no', 301_000), 301_000)).toBeUndefined();
  });
});
