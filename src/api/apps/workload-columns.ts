import type { Column } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { matcherOf, type LabelSelectorLike } from '../selector.ts';
import type { PodTemplateSpec } from '../types.ts';

interface Workload extends KubeObject {
  spec: { template?: PodTemplateSpec; selector?: LabelSelectorLike };
}

/** The wide columns of everything that has a pod template. */
export const templateColumns = <T extends Workload>(): readonly Column<T>[] => [
  {
    name: 'Containers',
    type: 'string',
    description: 'Names of each container in the template.',
    priority: 1,
    cell: (object) => (object.spec.template?.spec?.containers ?? []).map((container) => container.name).join(','),
  },
  {
    name: 'Images',
    type: 'string',
    description: 'Images referenced by each container in the template.',
    priority: 1,
    cell: (object) =>
      (object.spec.template?.spec?.containers ?? []).map((container) => container.image ?? '').join(','),
  },
];

export const selectorColumn = <T extends Workload>(): Column<T> => ({
  name: 'Selector',
  type: 'string',
  description: 'Label selector for pods.',
  priority: 1,
  cell: (object) => {
    const { selector } = object.spec;
    if (!selector) return '<none>';
    return matcherOf(selector).toString() || '<none>';
  },
});
