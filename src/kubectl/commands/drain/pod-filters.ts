import { isNotFound } from '../../errors.ts';
import type { Session } from '../../session.ts';
import { list, record, text, type Obj } from '../../value.ts';

/** What is to become of a Pod of a node that is drained, and what is said about it. */
interface Verdict {
  readonly goes: boolean;
  readonly warning?: string;
  readonly problem?: string;
}

/** A filter that a Pod passes without a word. */
const FINE: Verdict = { goes: true };

const MIRROR = 'kubernetes.io/config.mirror';

const isFinished = (pod: Obj): boolean => ['Succeeded', 'Failed'].includes(text(pod, 'status', 'phase'));

const controllerOf = (pod: Obj): Obj | undefined =>
  list(pod, 'metadata', 'ownerReferences').find((owner) => owner['controller']);

/** It has been going for longer than one wants to wait. */
export const isGivenUp = (session: Session, pod: Obj): boolean => {
  const seconds = session.flags.int('skip-wait-for-delete-timeout');
  const going = text(pod, 'metadata', 'deletionTimestamp');
  return seconds > 0 && going !== '' && Math.trunc((session.io.now() - Date.parse(going)) / 1000) > seconds;
};

/** Their controller would put them back at once. */
const ofDaemonSet = (session: Session, pod: Obj): Verdict => {
  const owner = controllerOf(pod);
  if (text(owner, 'kind') !== 'DaemonSet' || isFinished(pod)) return FINE;
  try {
    session.rest.get(
      `/apis/apps/v1/namespaces/${text(pod, 'metadata', 'namespace')}/daemonsets/${text(owner, 'name')}`,
    );
  } catch (error) {
    const { message } = error as Error;
    return isNotFound(error) && session.flags.bool('force')
      ? { goes: true, warning: message }
      : { goes: false, problem: message };
  }
  return session.flags.bool('ignore-daemonsets')
    ? { goes: false, warning: 'ignoring DaemonSet-managed Pods' }
    : { goes: false, problem: 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
};

const withLocalStorage = (session: Session, pod: Obj): Verdict => {
  if (isFinished(pod) || !list(pod, 'spec', 'volumes').some((volume) => volume['emptyDir'] !== undefined)) return FINE;
  return session.flags.bool('delete-emptydir-data')
    ? { goes: true, warning: 'deleting Pods with local storage' }
    : { goes: false, problem: 'Pods with local storage (use --delete-emptydir-data to override)' };
};

/** Nobody would put them back. */
const withoutController = (session: Session, pod: Obj): Verdict => {
  if (isFinished(pod) || controllerOf(pod)) return FINE;
  return session.flags.bool('force')
    ? { goes: true, warning: 'deleting Pods that declare no controller' }
    : { goes: false, problem: 'cannot delete Pods that declare no controller (use --force to override)' };
};

/** The first filter that holds a Pod back decides; of those that let it go the last has the word. */
const verdictOn = (session: Session, pod: Obj): Verdict => {
  if (isGivenUp(session, pod)) return { goes: false };
  let verdict = ofDaemonSet(session, pod);
  if (!verdict.goes) return verdict;
  if (MIRROR in record(pod, 'metadata', 'annotations')) return { goes: false };
  for (const filter of [withLocalStorage, withoutController]) {
    verdict = filter(session, pod);
    if (!verdict.goes) return verdict;
  }
  return verdict;
};

/** The Pods of a node that are to go; what is warned of; and why it cannot be done at all. */
export interface PodsToGo {
  readonly pods: readonly Obj[];
  readonly warnings: string;
  readonly problems: readonly Error[];
}

export const podsToGo = (session: Session, node: string): PodsToGo => {
  const found = session.rest.get('/api/v1/pods', {
    query: { fieldSelector: `spec.nodeName=${node}`, labelSelector: session.flags.string('pod-selector') || undefined },
  });
  const pods: Obj[] = [];
  const warnings = new Map<string, string[]>();
  const problems = new Map<string, string[]>();
  for (const pod of list(found, 'items')) {
    const { goes, warning, problem } = verdictOn(session, pod);
    const name = `${text(pod, 'metadata', 'namespace')}/${text(pod, 'metadata', 'name')}`;
    if (goes) pods.push(pod);
    if (warning !== undefined) warnings.set(warning, [...(warnings.get(warning) ?? []), name]);
    if (problem !== undefined) problems.set(problem, [...(problems.get(problem) ?? []), name]);
  }
  const sentences = (said: ReadonlyMap<string, readonly string[]>): string[] =>
    [...said].map(([what, names]) => `${what}: ${names.join(', ')}`);
  return {
    pods,
    warnings: sentences(warnings).join('; '),
    problems: sentences(problems).map(
      (text) => new Error(/^cannot delete/i.test(text) ? text : `cannot delete ${text}`),
    ),
  };
};
