import { podTotals } from '../../api/core/pod-totals.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { Node, Pod } from '../../api/types.ts';
import { refuse, type ValidatingPlugin } from './admission.ts';

const OS_LABEL = 'kubernetes.io/os';
/** Billionths in a unit, and in a thousandth of one. */
const UNIT = 1_000_000_000n;
const MILLI = 1_000_000n;

const roundedUp = (nano: bigint, unit: bigint): bigint => (nano + unit - 1n) / unit;

/** What a Pod asks for that its node could not give it even if it were alone there. */
function tooMuch(pod: Pod, node: Node): readonly string[] {
  const requests = podTotals(pod, 'requests');
  return (['cpu', 'memory'] as const).flatMap((name) => {
    const requested = requests[name];
    const allocatable = parseQuantity(node.status?.allocatable?.[name] ?? '0');
    if (!requested || requested.compare(allocatable) <= 0) return [];
    const unit = name === 'cpu' ? MILLI : UNIT;
    const text = (nano: bigint): string => String(roundedUp(nano, unit));
    return [`${name}, requested: ${text(requested.nano)}, allocatable: ${text(allocatable.nano)}`];
  });
}

/** Refuses to resize a Pod beyond what its node has, or on a node that is none of Linux. */
export const podResize: ValidatingPlugin = {
  name: 'PodResizeValidator',
  validate: (request, context) => {
    const { kind, operation, subresource, object, old } = request;
    if (subresource !== 'resize' || operation !== 'UPDATE' || kind.group !== '' || kind.resource !== 'pods') return;
    const pod = object as unknown as Pod;
    const { nodeName } = pod.spec;
    if (!nodeName || pod.metadata.generation === old?.metadata.generation) return;
    const node = context.get('', 'nodes', undefined, nodeName) as Node | undefined;
    if (!node) throw refuse(request, `node ${JSON.stringify(nodeName)} not found`);
    const os = node.metadata.labels?.[OS_LABEL];
    if (os !== undefined && os !== 'linux')
      throw refuse(
        request,
        `pod resize is only supported on linux nodes, node ${JSON.stringify(nodeName)} is ${JSON.stringify(os)}`,
      );
    const lacks = tooMuch(pod, node);
    if (lacks.length > 0) throw refuse(request, `node didn't have enough allocatable resources: ${lacks.join('; ')}`);
  },
};
