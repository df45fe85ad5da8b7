import { ValidatingAdmissionPolicyKind } from '../../api/admissionregistration/validating-admission-policy.ts';
import { apiVersionOf } from '../../api/kind.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { checkTypes } from './type-checker.ts';

const MANAGER = 'validatingadmissionpolicy-status';

/** Checks the types of ValidatingAdmissionPolicies that have changed, and says in their status what it found. */
export function startPolicyStatus(context: ControllerContext): Controller {
  const policies = context.informers.for(ValidatingAdmissionPolicyKind);
  const loop = new ControlLoop({
    context,
    name: 'validatingadmissionpolicy-status-controller',
    reconcile: (key) => {
      const policy = policies.getByKey(key);
      if (!policy || (policy.metadata.generation ?? 0) <= (policy.status?.observedGeneration ?? 0)) return;
      const expressionWarnings = checkTypes(policy, context.kinds);
      const configuration = {
        apiVersion: apiVersionOf(ValidatingAdmissionPolicyKind),
        kind: ValidatingAdmissionPolicyKind.kind,
        metadata: { name: key },
        status: {
          observedGeneration: policy.metadata.generation,
          typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
        },
      };
      const options = { subresource: 'status', fieldManager: MANAGER, force: true };
      loop.client.resource(ValidatingAdmissionPolicyKind).patch(key, undefined, 'apply', configuration, options);
    },
  });
  const enqueue = ({ metadata }: { metadata: { name: string } }): void => loop.queue.add(metadata.name);
  loop.on(policies, { add: enqueue, update: enqueue });
  return loop;
}
