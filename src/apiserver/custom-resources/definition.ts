import type { PropsSchema } from '../../api/apiextensions/schema-checks.ts';
import type { CustomResourceDefinition } from '../../api/types.ts';

export type Definition = CustomResourceDefinition;
export type DefinitionVersion = Definition['spec']['versions'][number];
export type DefinitionNames = Definition['spec']['names'];
type Status = NonNullable<Definition['status']>;
export type Condition = NonNullable<Status['conditions']>[number];

/** The finalizer that holds a definition until its instances are gone. */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

export const conditionOf = ({ status }: Definition, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

export const isTrue = (definition: Definition, type: string): boolean =>
  conditionOf(definition, type)?.status === 'True';

/** A definition with a condition set; the time of its last transition is `now` where its status is another. */
export function withCondition(
  definition: Definition,
  condition: { readonly type: string; readonly status: string; readonly reason: string; readonly message: string },
  now: string,
): Definition {
  const conditions = definition.status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === condition.type);
  const same = before?.status === condition.status && before.lastTransitionTime;
  const next: Condition = { ...condition, lastTransitionTime: same ? before.lastTransitionTime! : now };
  const others = before ? conditions.map((each) => (each === before ? next : each)) : [...conditions, next];
  return { ...definition, status: { ...definition.status, conditions: others } as Status };
}

/** The schema of a version, as the checks of it know it. */
export const schemaOfVersion = ({ schema }: DefinitionVersion): PropsSchema =>
  (schema?.openAPIV3Schema ?? {}) as PropsSchema;
