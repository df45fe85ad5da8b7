/** Ranges of sizes and costs, which stop growing at the largest number that Go has for them. */

export interface Range {
  readonly min: number;
  readonly max: number;
}

const MAX = 2 ** 64;
const capped = (value: number): number => (Number.isNaN(value) ? 0 : Math.min(value, MAX));

export const fixed = (value: number): Range => ({ min: value, max: value });
export const UNKNOWN: Range = { min: 0, max: MAX };
export const NOTHING: Range = fixed(0);
/** What a union starts from. */
export const EMPTY: Range = { min: MAX, max: 0 };

export const plus = (...ranges: readonly Range[]): Range => ({
  min: capped(ranges.reduce((sum, { min }) => sum + min, 0)),
  max: capped(ranges.reduce((sum, { max }) => sum + max, 0)),
});
export const times = (a: Range, b: Range): Range => ({ min: capped(a.min * b.min), max: capped(a.max * b.max) });
/** A multiple, rounded up. */
export const scaled = ({ min, max }: Range, factor: number): Range => ({
  min: capped(Math.ceil(min * factor)),
  max: capped(Math.ceil(max * factor)),
});
export const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });
