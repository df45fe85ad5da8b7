import { column } from '../table.ts';
import type { Column } from '../kind.ts';
import { parseQuantity } from '../quantity.ts';

/** Amounts by resource: `cpu` as `1234567n`, `memory` as `20480Ki`. */
export type Usage = Readonly<Record<string, string>>;

/** What the metrics server says of when it measured. */
export interface Measured {
  /** End of the measurement, RFC 3339. */
  readonly timestamp: string;
  /** How long it took, as Go prints durations: `15.02s`. */
  readonly window: string;
}

/** Milliseconds of a metric's window; it is given in seconds and minutes. */
export function windowMs(window: string): number {
  const [, minutes = '0', seconds = '0'] = /^(?:(\d+)m)?(?:([\d.]+)s)?$/.exec(window) ?? [];
  return Number(minutes) * 60_000 + Number(seconds) * 1000;
}

/** The columns of measured things (metrics-server's tables): what they use, and over which time. */
export const usageColumns = <T extends Measured>(usageOf: (object: T) => readonly Usage[]): readonly Column<T>[] => [
  ...['cpu', 'memory'].map((resource) => ({
    ...column<T>(resource, (object) =>
      usageOf(object)
        .map((usage) => parseQuantity(usage[resource] ?? '0'))
        .reduce((sum, amount) => sum.add(amount))
        .toString(),
    ),
    format: 'quantity',
  })),
  { ...column<T>('Window', ({ window }) => window), format: 'duration' },
];
