import { milliValue } from '../api/quantity.ts';
import type { Container } from '../api/types.ts';
import type { ContainerLimits } from './runtime/cri.ts';

/** What a container may have at most, as its runtime is told. */
export function limitsOf({ resources }: Container): ContainerLimits {
  const { memory, cpu } = (resources?.limits ?? {}) as Record<string, string | number>;
  return {
    ...(memory === undefined ? {} : { memoryLimit: milliValue(memory) / 1000 }),
    ...(cpu === undefined ? {} : { cpuLimit: milliValue(cpu) / 1000 }),
  };
}
