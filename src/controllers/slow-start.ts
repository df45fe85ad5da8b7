/**
 * Does something `count` times in batches of 1, 2, 4, …; the batch in which it fails is the last one, so that a full
 * quota is not asked 500 times. Says how often it was attempted, and the first failure.
 */
export function slowStart(
  count: number,
  attempt: (index: number) => void,
): { readonly attempted: number; readonly failure: unknown } {
  let attempted = 0;
  let failure: unknown;
  for (let batch = 1; attempted < count && failure === undefined; batch *= 2) {
    for (const end = Math.min(attempted + batch, count); attempted < end; attempted++) {
      try {
        attempt(attempted);
      } catch (error) {
        failure ??= error;
      }
    }
  }
  return { attempted, failure };
}
