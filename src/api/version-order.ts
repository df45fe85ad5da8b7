const KUBE_LIKE = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;

const STAGES = ['alpha', 'beta', undefined];

/**
 * Orders API versions as Kubernetes prefers them: v2, v1, v1beta2, v1beta1, v1alpha1, and what is not like that last, by
 * name (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority).
 */
export function byMaturity(a: string, b: string): number {
  const left = KUBE_LIKE.exec(a);
  const right = KUBE_LIKE.exec(b);
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0;
  return (
    STAGES.indexOf(right[2]) - STAGES.indexOf(left[2]) ||
    Number(right[1]) - Number(left[1]) ||
    Number(right[3] ?? 0) - Number(left[3] ?? 0)
  );
}
