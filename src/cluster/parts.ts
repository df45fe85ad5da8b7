import { kinds } from '../api/kinds.ts';
import { IMAGES } from '../kubelet/runtime/images/index.ts';
import type { ClusterParts } from './cluster.ts';

/** Every kind and every image there is. */
export const everything: ClusterParts = { kinds, images: IMAGES };
