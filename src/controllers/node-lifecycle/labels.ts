import type { Node } from '../../api/types.ts';

/** Labels that are still kept under their old names. */
const COPIES: readonly (readonly [from: string, to: string])[] = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
];

/** The old names of a Node's labels that it lacks or that say something else; undefined when there are none. */
export function missingLabels({ metadata: { labels = {} } }: Node): Record<string, string> | undefined {
  const missing = COPIES.flatMap(([from, to]) => {
    const value = labels[from];
    return value === undefined || labels[to] === value ? [] : [[to, value] as const];
  });
  return missing.length > 0 ? Object.fromEntries(missing) : undefined;
}
