import { CliError } from './errors.ts';
import { goQuote } from './go-format.ts';
import type { Session } from './session.ts';
import { list, record, text, type Obj } from './value.ts';

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

const named = (pod: Obj, field: string): string[] => list(pod, 'spec', field).map((each) => text(each, 'name'));

export const initContainerNames = (pod: Obj): string[] => named(pod, 'initContainers');

/** Every container of a Pod, in the order in which kubectl tells of them. */
export const containerNames = (pod: Obj): string[] => [
  ...named(pod, 'containers'),
  ...initContainerNames(pod),
  ...named(pod, 'ephemeralContainers'),
];

/**
 * The container of a Pod that is meant: the one asked for, the Pod's default, or the first one, which is said unless
 * `quiet`.
 */
export const chosenContainer = (session: Session, pod: Obj, wanted: string, quiet = false): string => {
  const names = containerNames(pod);
  const inits = new Set(initContainerNames(pod));
  const ephemeral = new Set(named(pod, 'ephemeralContainers'));
  const kindOf = (name: string): string => (inits.has(name) ? ' (init)' : ephemeral.has(name) ? ' (ephem)' : '');
  const shown = names.map((name) => `${name}${kindOf(name)}`).join(', ');
  if (wanted) {
    if (names.includes(wanted)) return wanted;
    throw new CliError(`container ${wanted} is not valid for pod ${text(pod, 'metadata', 'name')} out of: ${shown}`);
  }
  const preferred = record(pod, 'metadata', 'annotations')[DEFAULT_CONTAINER];
  if (preferred && names.includes(preferred)) return preferred;
  if (names.length > 1 && !quiet) session.io.stderr(`Defaulted container ${goQuote(names[0]!)} out of: ${shown}\n`);
  return names[0]!;
};
