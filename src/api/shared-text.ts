/** How many texts are kept at most. */
const LIMIT = 512;

const known = new Map<string, string>();

/**
 * The same text for the same words, however often they are put together, and in one piece: what a thousand Pods say
 * in the same words is kept once.
 */
export function sharedText(words: string): string {
  const text = known.get(words);
  if (text !== undefined) return text;
  if (known.size === LIMIT) known.clear();
  known.set(words, words);
  return words;
}
