import { CliError, Exit } from '../../errors.ts';
import type { Session } from '../../session.ts';
import { at, list, text, type Obj } from '../../value.ts';
import { attachTo } from '../remote/attach.ts';
import { podPath } from '../remote/pod-of.ts';

const POLL_MS = 500;

const statusOf = (pod: Obj, name: string): Obj | undefined =>
  ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']
    .flatMap((field) => list(pod, 'status', field))
    .find((each) => each['name'] === name);

/** Attaches to a container once it runs; one that has ended by then shows what it said. */
export const attachStarted = async (session: Session, pod: Obj, container: string): Promise<void> => {
  const { io, rest } = session;
  const path = `/api/v1/namespaces/${text(pod, 'metadata', 'namespace')}/pods/${text(pod, 'metadata', 'name')}`;
  const warned = new Set<string>();
  for (;;) {
    const now = rest.get(path);
    const status = statusOf(now, container);
    const showLog = (): void =>
      io.stdout(String(rest.request('GET', podPath(now, 'log'), { query: { container } }) ?? ''));
    if (at(status, 'state', 'terminated')) return showLog();
    if (at(status, 'state', 'running')) {
      try {
        return await attachTo(session, now, container);
      } catch (error) {
        if (error instanceof Exit) throw error;
        const name = text(now, 'metadata', 'name');
        io.stderr(
          `warning: couldn't attach to pod/${name}, falling back to streaming logs: ${(error as Error).message}\n`,
        );
        return showLog();
      }
    }
    const message = text(status, 'state', 'waiting', 'message');
    if (message && !session.flags.bool('quiet') && !warned.has(message)) {
      warned.add(message);
      io.stderr(`Warning: container ${container}: ${message}\n`);
    }
    if (io.signal?.aborted) throw new CliError('timed out waiting for the condition');
    await io.sleep(POLL_MS);
  }
};
