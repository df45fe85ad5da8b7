import type { Container, Pod } from '../api/types.ts';
import { isSidecar, type ContainerRef } from './names.ts';
import type { ContainerInstance } from './runtime/cri.ts';

type Rule = { action: string; exitCodes?: { operator: string; values?: number[] } };

/** A container's own restart policy, and the rules that override it by exit code (ContainerRestartRules). */
type RestartFields = Container & { restartPolicy?: string; restartPolicyRules?: Rule[] };

const matches = (rule: Rule, exitCode: number): boolean => {
  const listed = rule.exitCodes?.values?.includes(exitCode) ?? false;
  return rule.exitCodes?.operator === 'In' ? listed : rule.exitCodes?.operator === 'NotIn' && !listed;
};

/** Whether an exit with this code is followed by a restart. */
export function restartsAfter(pod: Pod, ref: ContainerRef, exitCode: number): boolean {
  if (ref.list === 'ephemeralContainers') return false;
  if (isSidecar(ref)) return true;
  const { restartPolicy, restartPolicyRules } = ref.container as RestartFields;
  for (const rule of restartPolicyRules ?? []) if (matches(rule, exitCode)) return rule.action === 'Restart';
  switch (restartPolicy ?? pod.spec.restartPolicy ?? 'Always') {
    case 'Never':
      return false;
    case 'OnFailure':
      return exitCode !== 0;
    default:
      // An init container that did its work is done.
      return ref.list !== 'initContainers' || exitCode !== 0;
  }
}

/** Whether the next sync starts the container: it never ran, or it ended and is to be restarted. */
export function shouldStart(pod: Pod, ref: ContainerRef, newest: ContainerInstance | undefined): boolean {
  if (pod.metadata.deletionTimestamp) return false;
  if (!newest) return true;
  if (newest.state === 'running') return false;
  if (newest.state === 'created') return true;
  return restartsAfter(pod, ref, newest.exitCode);
}
