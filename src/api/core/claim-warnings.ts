import { parseQuantity } from '../quantity.ts';
import type { PersistentVolumeClaim } from '../types.ts';

const WHOLE = 10n ** 9n;

/** Storage is counted in whole bytes (pkg/api/persistentvolumeclaim). Path is that of the claim's spec. */
export function claimSpecWarnings({ resources }: PersistentVolumeClaim['spec'], path: string): string[] {
  const warnings: string[] = [];
  for (const list of ['requests', 'limits'] as const) {
    const amount = resources?.[list]?.['storage'];
    if (amount === undefined) continue;
    const quantity = parseQuantity(amount);
    if (quantity.nano % WHOLE !== 0n)
      warnings.push(
        `${path}.resources.${list}[storage]: fractional byte value "${quantity.toString()}" is invalid, must be an integer`,
      );
  }
  return warnings;
}
