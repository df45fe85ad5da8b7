import type { Taint, Toleration } from '../api/types.ts';

/** Whether a toleration covers a taint: an empty key or effect covers all of them. */
export function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return (value ?? '') === (taint.value ?? '');
}
