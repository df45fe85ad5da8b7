/** Which names a definition may have: those that no other of its group has (apiextensions-apiserver's naming controller). */
import { quote } from '../../api/field-error.ts';
import { semanticallyEqual } from '../../api/draft.ts';
import { conditionOf, withCondition, type Definition, type DefinitionNames } from './definition.ts';

interface Taken {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/** The names that definitions of a group have been given. */
function takenIn(group: string, definitions: readonly Definition[]): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { spec, status } of definitions) {
    const names = status?.acceptedNames;
    if (spec.group !== group || !names) continue;
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) if (name) resources.add(name);
    for (const kind of [names.kind, names.listKind]) if (kind) kinds.add(kind);
  }
  return { resources, kinds };
}

/** What keeps a name from being given: `"x" is already in use`. */
const conflict = (wanted: string, accepted: string, taken: ReadonlySet<string>): string | undefined =>
  wanted === accepted || !taken.has(wanted) ? undefined : `${quote(wanted)} is already in use`;

/** Several messages as Go's aggregate of errors prints them. */
const together = (messages: readonly string[]): string =>
  messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`;

/**
 * A definition with the names it is given and the conditions that tell of it: what conflicts stays as it was. `all` are
 * the definitions there are; the same definition when nothing changes.
 */
export function withAcceptedNames(definition: Definition, all: readonly Definition[], now: string): Definition {
  const wanted = definition.spec.names;
  const accepted = (definition.status?.acceptedNames ?? { plural: '', kind: '' }) as DefinitionNames;
  if (semanticallyEqual(wanted, accepted)) return definition;
  const { resources, kinds } = takenIn(definition.spec.group, all);
  const names: DefinitionNames = { ...accepted };
  let reason = 'NoConflicts';
  let message = 'no conflicts found';
  const give = (field: 'plural' | 'singular' | 'kind' | 'listKind', why: string, taken: ReadonlySet<string>): void => {
    const problem = conflict(wanted[field] ?? '', accepted[field] ?? '', taken);
    if (problem) [reason, message] = [why, problem];
    else if (wanted[field]) names[field] = wanted[field];
  };
  give('plural', 'PluralConflict', resources);
  give('singular', 'SingularConflict', resources);
  if (!semanticallyEqual(wanted.shortNames, accepted.shortNames)) {
    const problems = (wanted.shortNames ?? [])
      .filter((name) => !accepted.shortNames?.includes(name) && name !== accepted.plural && name !== accepted.singular)
      .map((name) => conflict(name, '', resources))
      .filter((problem) => problem !== undefined);
    if (problems.length > 0) [reason, message] = ['ShortNamesConflict', together(problems)];
    else if (wanted.shortNames) names.shortNames = wanted.shortNames;
    else delete names.shortNames;
  }
  give('kind', 'KindConflict', kinds);
  give('listKind', 'ListKindConflict', kinds);
  if (wanted.categories) names.categories = wanted.categories;
  else delete names.categories;
  const free = reason === 'NoConflicts';
  const was = conditionOf(definition, 'NamesAccepted');
  if (semanticallyEqual(names, accepted) && was?.reason === reason && was.message === message) return definition;
  const status = { ...definition.status, acceptedNames: names } as NonNullable<Definition['status']>;
  let next = withCondition(
    { ...definition, status },
    { type: 'NamesAccepted', status: free ? 'True' : 'False', reason, message },
    now,
  );
  if (conditionOf(definition, 'Established')?.status !== 'True') {
    next = withCondition(
      next,
      free
        ? {
            type: 'Established',
            status: 'False',
            reason: 'Installing',
            message: 'the initial names have been accepted',
          }
        : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
      now,
    );
  }
  return next;
}
