/** Groups that belong to Kubernetes need its approval (https://github.com/kubernetes/enhancements/pull/1111). */
import { quote } from '../../api/field-error.ts';
import { withCondition, type Definition } from './definition.ts';

const ANNOTATION = 'api-approved.kubernetes.io';
const TYPE = 'KubernetesAPIApprovalPolicyConformant';

/** Whether only Kubernetes may define kinds in a group. */
const isProtected = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group);

/** A definition in a protected group with the condition that tells of its approval; others as they are. */
export function withApproval(definition: Definition, now: string): Definition {
  if (!isProtected(definition.spec.group)) return definition;
  const approval = definition.metadata.annotations?.[ANNOTATION];
  const [status, reason, message] = !approval
    ? [
        'False',
        'MissingAnnotation',
        `protected groups must have approval annotation ${quote(ANNOTATION)}, see https://github.com/kubernetes/enhancements/pull/1111`,
      ]
    : approval.startsWith('unapproved')
      ? ['False', 'UnapprovedAnnotation', `not approved: ${quote(approval)}`]
      : ['True', 'ApprovedAnnotation', `approved in ${approval}`];
  const before = definition.status?.conditions?.find(({ type }) => type === TYPE);
  if (before?.status === status && before.reason === reason && before.message === message) return definition;
  return withCondition(definition, { type: TYPE, status, reason, message }, now);
}
