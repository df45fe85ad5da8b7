import { at, list, type Obj } from '../../value.ts';

/** Where a kind keeps the Pod spec that `kubectl set` changes; undefined when it has none. */
export const podSpecPath = (object: Obj): readonly string[] | undefined => {
  switch (object['kind']) {
    case 'Pod':
      return ['spec'];
    case 'CronJob':
      return ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
    default:
      return at(object, 'spec', 'template', 'spec') === undefined ? undefined : ['spec', 'template', 'spec'];
  }
};

/** The indexes of the containers whose name fits a pattern (`*` means any). */
export const containersNamed = (podSpec: unknown, field: string, pattern: string): Obj[] =>
  list(podSpec, field).filter((container) => matches(pattern, String(container['name'])));

export const matches = (pattern: string, name: string): boolean =>
  pattern === '*' ||
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(name);
