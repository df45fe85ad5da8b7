import type { Column } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { matcherOf, type LabelSelectorLike } from '../selector.ts';
import type { PodTemplateSpec } from '../types.ts';

interface Workload extends KubeObject {
  spec: { template?: PodTemplateSpec; selector?: LabelSelectorLike };
}

const templateOf = (object: KubeObject): PodTemplateSpec | undefined => (object as Workload).spec.template;

const containersOf = (template: PodTemplateSpec | undefined): readonly { name: string; image?: string }[] =>
  template?.spec?.containers ?? [];

/** The columns, wide ones unless told otherwise, of everything that has a pod template. */
export const templateColumns = <T extends KubeObject>(
  template: (object: T) => PodTemplateSpec | undefined = templateOf,
  priority = 1,
): readonly Column<T>[] => [
  {
    name: 'Containers',
    type: 'string',
    description: 'Names of each container in the template.',
    priority,
    cell: (object) =>
      containersOf(template(object))
        .map(({ name }) => name)
        .join(','),
  },
  {
    name: 'Images',
    type: 'string',
    description: 'Images referenced by each container in the template.',
    priority,
    cell: (object) =>
      containersOf(template(object))
        .map(({ image }) => image ?? '')
        .join(','),
  },
];

export const selectorText = (selector: LabelSelectorLike | undefined): string =>
  (selector && matcherOf(selector).toString()) || '<none>';

export const selectorColumn = <T extends Workload>(): Column<T> => ({
  name: 'Selector',
  type: 'string',
  description: 'Label selector for pods.',
  priority: 1,
  cell: (object) => selectorText(object.spec.selector),
});
