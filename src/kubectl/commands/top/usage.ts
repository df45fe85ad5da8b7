import { milliValue, intValue } from '../../../api/quantity.ts';
import { alignTabs, TABLE } from '../../cli/tabwriter.ts';
import type { FlagSet } from '../../cli/flags.ts';
import { selectorFlags } from '../../cli/flag-sets.ts';
import { CliError } from '../../errors.ts';
import type { Session } from '../../session.ts';
import { record } from '../../value.ts';

/** What both `kubectl top node` and `kubectl top pod` take. */
export const topFlags: FlagSet = {
  ...selectorFlags,
  'no-headers': { type: 'bool' },
  'show-swap': { type: 'bool' },
  'sort-by': { type: 'string' },
  'use-protocol-buffers': { type: 'bool', default: true },
};

/** What is used of each resource: thousandths of cores, bytes. */
export interface Amounts {
  readonly cpu: number;
  readonly memory: number;
  readonly swap: number | undefined;
}

const MEBIBYTE = 1024 * 1024;

export const NO_METRICS = 'metrics not available yet';

/** Refuses before anything is asked: how things may be sorted, and whether anybody serves metrics. */
export const checkTop = (session: Session): void => {
  const by = session.flags.string('sort-by');
  if (by !== '' && by !== 'cpu' && by !== 'memory') throw new CliError('--sort-by accepts only cpu or memory');
};

export const checkMetricsApi = (session: Session): void => {
  const served = session.discovery.mappings.some(
    ({ group, version }) => group === 'metrics.k8s.io' && version === 'v1beta1',
  );
  if (!served) throw new CliError('Metrics API not available');
};

export const amountsOf = (...usages: readonly unknown[]): Amounts => {
  let cpu = 0;
  let memory = 0;
  let swap: number | undefined;
  for (const usage of usages) {
    const amounts = record(usage);
    cpu += milliValue(amounts['cpu']);
    memory += intValue(amounts['memory']);
    if (amounts['swap'] !== undefined) swap = (swap ?? 0) + intValue(amounts['swap']);
  }
  return { cpu, memory, swap };
};

export const cpuText = (milli: number): string => `${milli}m`;
export const memoryText = (bytes: number): string => `${Math.floor(bytes / MEBIBYTE)}Mi`;

/** Sorts as --sort-by says, the largest first; by name without it. */
export const sorted = <T>(
  session: Session,
  items: readonly T[],
  amounts: (item: T) => Amounts,
  name: (item: T) => string,
): T[] => {
  const by = session.flags.string('sort-by') as '' | 'cpu' | 'memory';
  return [...items].sort((a, b) =>
    by === '' ? (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0) : amounts(b)[by] - amounts(a)[by],
  );
};

/** Every cell ends with a tab, the last one too. */
export const printRows = (session: Session, headers: readonly string[], rows: readonly (readonly string[])[]): void => {
  const all = session.flags.bool('no-headers') ? rows : [headers, ...rows];
  session.io.stdout(alignTabs(all.map((cells) => `${cells.map((cell) => `${cell}\t`).join('')}\n`).join(''), TABLE));
};
