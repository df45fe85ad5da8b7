import { milliValue } from '../../api/quantity.ts';
import type { Pod, RuntimeClass, Toleration } from '../../api/types.ts';
import {
  refuse,
  type AdmissionContext,
  type AdmissionRequest,
  type MutatingPlugin,
  type ValidatingPlugin,
} from './admission.ts';

type Overhead = Readonly<Record<string, string | number>>;

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
const UNDEFINED = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';

const concerns = ({ kind, subresource, operation, object }: AdmissionRequest): boolean =>
  kind.kind === 'Pod' && !subresource && operation === 'CREATE' && object !== undefined;

/** The class that a Pod names; undefined when it names none. */
function classOf(request: AdmissionRequest, context: AdmissionContext): RuntimeClass | undefined {
  const { runtimeClassName } = (request.object as unknown as Pod).spec;
  if (runtimeClassName === undefined) return undefined;
  const found = context.get('node.k8s.io', 'runtimeclasses', undefined, runtimeClassName);
  if (!found) throw refuse(request, `pod rejected: RuntimeClass ${JSON.stringify(runtimeClassName)} not found`);
  return found as unknown as RuntimeClass;
}

const sameAmounts = (a: Overhead, b: Overhead): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.keys(a).every((key) => b[key] !== undefined && milliValue(a[key]!) === milliValue(b[key]));

const same = (a: Toleration, b: Toleration): boolean =>
  a.key === b.key &&
  a.operator === b.operator &&
  a.value === b.value &&
  a.effect === b.effect &&
  a.tolerationSeconds === b.tolerationSeconds;

/** What running a Pod under a runtime costs, and where that runtime is: its class's overhead and node selection. */
export const runtimeClass: MutatingPlugin & ValidatingPlugin = {
  name: 'RuntimeClass',
  admit(request, context) {
    if (!concerns(request)) return;
    const found = classOf(request, context);
    const { spec } = request.object as unknown as Pod;
    const fixed = found?.overhead?.podFixed as Overhead | undefined;
    if (fixed) {
      if (spec.overhead && !sameAmounts(spec.overhead as Overhead, fixed)) throw refuse(request, MISMATCH);
      spec.overhead = fixed;
    }
    const { nodeSelector, tolerations } = found?.scheduling ?? {};
    for (const [key, value] of Object.entries(nodeSelector ?? {})) {
      const own = spec.nodeSelector?.[key];
      if (own === undefined || own === value) continue;
      const [wanted, has] = [`runtimeClass.scheduling.nodeSelector[${key}]`, `pod.spec.nodeSelector[${key}]`];
      throw refuse(request, `conflict: ${wanted} = ${value}; ${has} = ${own}`);
    }
    if (nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
    const missing = (tolerations ?? []).filter((each) => !spec.tolerations?.some((own) => same(own, each)));
    if (missing.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...missing];
  },
  validate(request, context) {
    if (!concerns(request)) return;
    const { overhead } = (request.object as unknown as Pod).spec;
    const fixed = classOf(request, context)?.overhead?.podFixed as Overhead | undefined;
    if (fixed && !sameAmounts((overhead ?? {}) as Overhead, fixed)) throw refuse(request, MISMATCH);
    if (!fixed && overhead && Object.keys(overhead).length > 0) throw refuse(request, UNDEFINED);
  },
};
