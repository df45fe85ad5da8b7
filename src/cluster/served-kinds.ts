import { groupResource, type Kind } from '../api/kind.ts';
import { byMaturity } from '../api/version-order.ts';
import type { ApiServer } from '../apiserver/index.ts';

/**
 * The kinds on which controllers work that work on every kind: those that can be deleted, each custom one in its most
 * mature version. The same list as long as what is served stays the same.
 */
export function servedKinds(builtIn: readonly Kind[], { endpoints }: ApiServer): () => readonly Kind[] {
  const fixed = builtIn.filter(({ verbs }) => !verbs || verbs.includes('delete'));
  let generation = -1;
  let known: readonly Kind[] = fixed;
  return () => {
    if (generation === endpoints.generation) return known;
    generation = endpoints.generation;
    const custom = new Map<string, Kind>();
    for (const { kind } of endpoints) {
      if (!kind.custom) continue;
      const other = custom.get(groupResource(kind));
      if (!other || byMaturity(kind.version, other.version) < 0) custom.set(groupResource(kind), kind);
    }
    known = custom.size === 0 ? fixed : [...fixed, ...custom.values()];
    return known;
  };
}
