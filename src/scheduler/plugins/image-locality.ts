import type { ImageState } from '../cache/image-states.ts';
import { MAX_NODE_SCORE, type Plugin } from '../framework/plugin.ts';

const MB = 1024 * 1024;
/** Images below the first size do not matter; each container's share of the score is full at the second. */
const MIN_BYTES = 23 * MB;
const FULL_BYTES_PER_CONTAINER = 1000 * MB;

/** Prefers nodes that already have the Pod's images, large ones above all, unless few nodes have them. */
export const imageLocality = (): Plugin => ({
  name: 'ImageLocality',
  score({ pod: { pod }, snapshot }, nodes, scores) {
    const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    const present: ImageState[] = [];
    for (const { image } of containers) {
      const state = image === undefined ? undefined : snapshot.images.get(image);
      if (state) present.push(state);
    }
    if (present.length === 0) {
      scores.fill(0, 0, nodes.length);
      return;
    }
    const full = FULL_BYTES_PER_CONTAINER * containers.length;
    for (let i = 0; i < nodes.length; i++) {
      let bytes = 0;
      for (const image of present) {
        if (!image.nodes.has(nodes[i]!.name)) continue;
        // An image that few nodes have counts for less: the Pods that need it should not all go there.
        bytes += Math.floor((image.sizeBytes * image.nodes.size) / snapshot.nodes.length);
      }
      const clamped = Math.min(Math.max(bytes, MIN_BYTES), full);
      scores[i] = Math.floor((MAX_NODE_SCORE * (clamped - MIN_BYTES)) / (full - MIN_BYTES));
    }
  },
});
