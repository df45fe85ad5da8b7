/** What one level may have, and what it would like to have. */
export interface SeatClaim {
  readonly least: number;
  readonly most: number;
  readonly target: number;
}

/** Targets of nothing count as next to nothing. */
const SMALLEST_TARGET = 0.001;
const ROUNDS = 100;

/**
 * Divides seats so that each level gets the same fraction of its target, but no less than its least and no more than
 * its most (max-min fairness, KEP-1040). Answers what each gets, and the fraction.
 */
export function allocateSeats(seats: number, claims: readonly SeatClaim[]): { seats: number[]; fraction: number } {
  const given = (fraction: number): number[] =>
    claims.map(({ least, most, target }) =>
      Math.max(least, Math.min(most, fraction * Math.max(target, SMALLEST_TARGET))),
    );
  const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);
  const highest = claims.reduce(
    (most, claim) => Math.max(most, claim.most / Math.max(claim.target, SMALLEST_TARGET)),
    0,
  );
  // What is given grows with the fraction: halve the interval in which the right one lies.
  let low = 0;
  let high = Math.max(highest, 1);
  if (sum(given(high)) <= seats) return { seats: given(high), fraction: high };
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2;
    if (sum(given(middle)) > seats) high = middle;
    else low = middle;
  }
  return { seats: given(low), fraction: low };
}
