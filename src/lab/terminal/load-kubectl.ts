/** kubectl is a program of its own, larger than the rest of a lab's worker: it is loaded beside the cluster, not before it. */
export const loadKubectl = (): Promise<typeof import('../../kubectl/index.ts')> => import('../../kubectl/index.ts');
