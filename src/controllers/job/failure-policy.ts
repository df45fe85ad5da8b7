import type { Job, Pod } from '../../api/types.ts';

type Rule = NonNullable<Job['spec']['podFailurePolicy']>['rules'][number];

/** What spec.podFailurePolicy makes of a failed Pod. */
interface Verdict {
  readonly action: Rule['action'];
  /** Why the Job fails, for FailJob. */
  readonly message: string;
}

function matchingContainer(
  { containerName, operator, values }: NonNullable<Rule['onExitCodes']>,
  pod: Pod,
): { readonly name: string; readonly code: number } | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  for (const { name, state } of [...containerStatuses, ...initContainerStatuses]) {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (containerName && containerName !== name)) continue;
    if (values.includes(code) === (operator === 'In')) return { name, code };
  }
  return undefined;
}

/** The first rule that fits a failed Pod decides; undefined when none does and the failure just counts. */
export function judge(policy: Job['spec']['podFailurePolicy'], pod: Pod): Verdict | undefined {
  const { namespace, name } = pod.metadata;
  for (const [i, { action, onExitCodes, onPodConditions = [] }] of (policy?.rules ?? []).entries()) {
    const container = onExitCodes && matchingContainer(onExitCodes, pod);
    const suffix = `matching ${action} rule at index ${i}`;
    if (container) {
      const what = `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${container.code}`;
      return { action, message: `${what} ${suffix}` };
    }
    const met = pod.status?.conditions?.find((condition) =>
      onPodConditions.some(({ type, status }) => condition.type === type && condition.status === status),
    );
    if (met) return { action, message: `Pod ${namespace}/${name} has condition ${met.type} ${suffix}` };
  }
  return undefined;
}
