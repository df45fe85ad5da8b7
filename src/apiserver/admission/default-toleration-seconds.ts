import type { Pod, Toleration } from '../../api/types.ts';
import type { MutatingPlugin } from './admission.ts';

/** --default-not-ready-toleration-seconds and --default-unreachable-toleration-seconds */
const TOLERATION_SECONDS = 300;

const tolerationOf = (key: string): Toleration =>
  Object.freeze({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: TOLERATION_SECONDS });

/** Shared by all Pods. */
const DEFAULTS: readonly Toleration[] = [
  tolerationOf('node.kubernetes.io/not-ready'),
  tolerationOf('node.kubernetes.io/unreachable'),
];

/** What a Pod without tolerations of its own gets; one list for all. */
const ALONE = [...DEFAULTS];

const tolerates = ({ key, effect }: Toleration, taint: Toleration): boolean =>
  (!key || key === taint.key) && (!effect || effect === 'NoExecute');

/** Pods stay for five minutes on a node that is not ready or cannot be reached, unless they say otherwise. */
export const defaultTolerationSeconds: MutatingPlugin = {
  name: 'DefaultTolerationSeconds',
  admit: ({ kind, operation, subresource, object }) => {
    if (kind.kind !== 'Pod' || subresource || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const { spec } = object as unknown as Pod;
    const own = spec.tolerations ?? [];
    if (own.length === 0) {
      spec.tolerations = ALONE;
      return;
    }
    const missing = DEFAULTS.filter((taint) => !own.some((toleration) => tolerates(toleration, taint)));
    if (missing.length > 0) spec.tolerations = [...own, ...missing];
  },
};
