import type { Job } from '../../api/types.ts';
import { parseIndexes } from './indexes.ts';

/** Which rule of spec.successPolicy the succeeded indexes meet, as the message of the condition. */
export function metSuccessPolicy({ spec }: Job, succeeded: ReadonlySet<number>): string | undefined {
  for (const [i, { succeededIndexes, succeededCount }] of (spec.successPolicy?.rules ?? []).entries()) {
    const wanted = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, spec.completions ?? 0);
    const matched = wanted ? wanted.intersection(succeeded).size : succeeded.size;
    const enough = succeededCount ?? wanted?.size ?? Infinity;
    if (matched >= enough) return `Matched rules at index ${i}`;
  }
  return undefined;
}
