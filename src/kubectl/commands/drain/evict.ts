import { goDuration } from '../../../api/duration.ts';
import { dryRunOf, dryRunQuery } from '../../dry-run.ts';
import { AggregateFailure, isNotFound, StatusError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import type { Session } from '../../session.ts';
import { text, type Obj } from '../../value.ts';
import { isGivenUp } from './pod-filters.ts';

const POLL_MS = 1000;
const RETRY_MS = 5000;

const place = (pod: Obj): { readonly namespace: string; readonly name: string; readonly path: string } => {
  const namespace = text(pod, 'metadata', 'namespace');
  const name = text(pod, 'metadata', 'name');
  return { namespace, name, path: `/api/v1/namespaces/${namespace}/pods/${name}` };
};

const deleteOptions = ({ flags }: Session): Obj => {
  const seconds = flags.int('grace-period');
  return seconds >= 0 ? { gracePeriodSeconds: seconds } : {};
};

const isBlocked = (error: unknown): boolean => error instanceof StatusError && error.status.code === 429;

const aggregate = (errors: readonly Error[]): Error | undefined =>
  errors.length > 0 ? new AggregateFailure(errors) : undefined;

/** Waits until all of these Pods are gone, or others have taken their names. */
const untilGone = async (session: Session, pods: readonly Obj[], end: number, done: string): Promise<void> => {
  const { io, rest, flags } = session;
  let left = pods;
  for (;;) {
    left = left.filter((pod) => {
      const { name, path } = place(pod);
      let now: Obj | undefined;
      try {
        now = rest.get(path);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      if (!now || text(now, 'metadata', 'uid') !== text(pod, 'metadata', 'uid')) {
        io.stdout(`pod/${name} ${done}\n`);
        return false;
      }
      if (!isGivenUp(session, now)) return true;
      const seconds = flags.int('skip-wait-for-delete-timeout');
      io.stdout(`pod ${goQuote(name)} has DeletionTimestamp older than ${seconds} seconds, skipping\n`);
      return false;
    });
    if (left.length === 0) return;
    if (io.now() >= end) throw new Error('context deadline exceeded');
    await io.sleep(Math.min(POLL_MS, Math.max(1, end - io.now())));
    if (io.now() >= end) throw new Error('context deadline exceeded');
  }
};

/** What went wrong, and when. */
interface Failed {
  readonly error: Error;
  readonly atMs: number;
}

/** Evicts one Pod, again and again while its budget forbids it; returns what went wrong. */
const evict = async (session: Session, pod: Obj, end: number): Promise<Failed | undefined> => {
  const { io, rest, flags } = session;
  const { namespace, name, path } = place(pod);
  const dryRun = dryRunOf(session);
  const what = `pods/${goQuote(name)} -n ${goQuote(namespace)}`;
  const body = {
    kind: 'Eviction',
    apiVersion: 'policy/v1',
    metadata: { name, namespace },
    deleteOptions: deleteOptions(session),
  };
  let atMs = io.now();
  const failed = (text: string): Failed => ({ error: new Error(text), atMs });
  for (;;) {
    io.stdout(`evicting pod ${namespace}/${name}${dryRun === 'server' ? ' (server dry run)' : ''}\n`);
    if (io.now() >= end)
      return failed(`error when evicting ${what}: global timeout reached: ${goDuration(flags.int('timeout'))}`);
    try {
      rest.post(`${path}/eviction`, body, { query: dryRunQuery(dryRun) });
      break;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      const { message } = error as Error;
      if (!isBlocked(error)) return failed(`error when evicting ${what}: ${message}`);
      io.stderr(`error when evicting ${what} (will retry after 5s): ${message}\n`);
    }
    atMs += RETRY_MS;
    await io.sleep(atMs - io.now());
  }
  if (dryRun === 'server') return undefined;
  try {
    await untilGone(session, [pod], end, 'evicted');
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    atMs = Math.min(io.now(), end);
    return failed(
      `error when waiting for pod ${goQuote(name)} in namespace ${goQuote(namespace)} to terminate: ${message}`,
    );
  }
};

/** Makes Pods go: by evictions, or past all budgets. Returns what went wrong. */
export const removePods = async (session: Session, pods: readonly Obj[]): Promise<Error | undefined> => {
  const { io, flags } = session;
  const timeoutMs = flags.int('timeout');
  const end = timeoutMs > 0 ? io.now() + timeoutMs : Infinity;
  if (!flags.bool('disable-eviction')) {
    const failures = await Promise.all(pods.map((pod) => evict(session, pod, end)));
    const errors = failures.filter((each) => each !== undefined).sort((a, b) => a.atMs - b.atMs);
    return aggregate(errors.map(({ error }) => error));
  }
  try {
    for (const pod of pods) {
      try {
        const query = dryRunQuery(dryRunOf(session));
        session.rest.delete(
          place(pod).path,
          { kind: 'DeleteOptions', apiVersion: 'v1', ...deleteOptions(session) },
          { query },
        );
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    await untilGone(session, pods, end, 'deleted');
    return undefined;
  } catch (error) {
    return error as Error;
  }
};
