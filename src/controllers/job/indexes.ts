import type { Pod } from '../../api/types.ts';

export const INDEX = 'batch.kubernetes.io/job-completion-index';

/** The completion index of a Pod, -1 when it has none. */
export function indexOf({ metadata: { annotations } }: Pod): number {
  const text = annotations?.[INDEX];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : -1;
}

/** `0,2-4` as a set; numbers from `completions` on are left out. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of text ? text.split(',') : []) {
    const [first = 0, last = first] = part.split('-').map(Number);
    for (let i = first; i <= Math.min(last, completions - 1); i++) indexes.add(i);
  }
  return indexes;
}

/** A set as `0,2-4`; two neighbours are listed, three or more are a range. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length;) {
    const first = sorted[i]!;
    let last = first;
    while (sorted[++i] === last + 1) last++;
    if (last > first + 1) parts.push(`${first}-${last}`);
    else parts.push(...(last > first ? [String(first), String(last)] : [String(first)]));
  }
  return parts.join(',');
}
