import type * as Kubectl from '../../kubectl/index.ts';

/** kubectl is a program of its own, large for a lab's worker: it is loaded beside the cluster, not before it. */
export const loadKubectl = (): Promise<typeof Kubectl> => import('../../kubectl/index.ts');
