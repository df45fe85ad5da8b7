import { checkLabelValue } from '../names.ts';

/** Labels of Nodes that have a successor, and what to say of them where they are selected by (pkg/api/node). */
export const DEPRECATED_NODE_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

interface NodeTerm {
  readonly matchExpressions?: readonly { readonly key: string; readonly values?: readonly string[] }[];
}

/** Tells `say` of labels in a term that have a successor and, where asked for, of values that no label can have. */
export function nodeTermWarnings(
  term: NodeTerm,
  checkValues: boolean,
  path: string,
  say: (path: string, message: string) => void,
): void {
  term.matchExpressions?.forEach(({ key, values }, i) => {
    const at = `${path}.matchExpressions[${i}]`;
    const advice = DEPRECATED_NODE_LABELS[key];
    if (advice) say(`${at}.key`, `${key} is ${advice}`);
    if (checkValues)
      values?.forEach((value, j) => {
        for (const message of checkLabelValue(value)) say(`${at}.values[${j}]`, `${value} is invalid, ${message}`);
      });
  });
}
