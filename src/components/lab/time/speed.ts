/** The positions of the speed slider: virtual milliseconds per wall millisecond. The last is as fast as it goes. */
export const SPEEDS: readonly number[] = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, Infinity];

/** The position nearest to a speed. */
export function positionOfSpeed(speed: number): number {
  const last = SPEEDS.length - 1;
  if (speed > SPEEDS[last - 1]! * 10) return last;
  const distance = (position: number): number => Math.abs(Math.log(SPEEDS[position]! / speed));
  let best = 0;
  for (let i = 1; i < last; i++) if (distance(i) < distance(best)) best = i;
  return best;
}
