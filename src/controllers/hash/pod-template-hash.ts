import type { PodTemplateSpec } from '../../api/types.ts';
import { fnv1a, safeEncode } from './fnv.ts';
import { dump } from './go-dump.ts';

/** The hash of each template before collisions: templates do not change. */
const hashes = new WeakMap<PodTemplateSpec, number>();

function hashOf(template: PodTemplateSpec): number {
  let hash = hashes.get(template);
  if (hash === undefined) hashes.set(template, (hash = fnv1a(dump(template, 'PodTemplateSpec'))));
  return hash;
}

/**
 * The pod-template-hash of a template, as kube-controller-manager computes it: of the template as Go's spew prints it.
 * `collisionCount` gives another one when a hash is already taken (controller.ComputeHash).
 */
export function podTemplateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const hash = hashOf(template);
  if (collisionCount === undefined) return safeEncode(hash);
  const count = new Uint8Array(8);
  new DataView(count.buffer).setUint32(0, collisionCount, true);
  return safeEncode(fnv1a(count, hash));
}
