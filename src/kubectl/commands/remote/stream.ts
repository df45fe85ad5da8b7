import { CliError, Exit, StatusError } from '../../errors.ts';
import type { Session } from '../../session.ts';
import { list, num, text, type Obj } from '../../value.ts';

interface Message {
  /** 1 standard output, 2 standard error, 3 how it ended. */
  readonly channel: number;
  readonly data: string;
}

export interface StreamOptions {
  readonly stdin: boolean;
  readonly tty: boolean;
  /** What is given to the command in place of our standard input. */
  readonly input?: string;
  /** Takes what the command writes in place of our standard output. */
  readonly output?: (text: string) => void;
  /** Takes what the command writes in place of our standard error. */
  readonly errors?: (text: string) => void;
  /** Nothing is said of how it ended. */
  readonly silent?: boolean;
}

/**
 * Runs a remote command: prints what it says, gives it our standard input, and ends as it ends. Throws what the server
 * refuses.
 */
export const remote = async (
  session: Session,
  path: string,
  query: readonly (readonly [string, string])[],
  options: StreamOptions,
): Promise<void> => {
  const { io, rest } = session;
  const { stdin, tty, input = io.stdin, silent = false } = options;
  const { output = (text: string) => io.stdout(text), errors = (text: string) => io.stderr(text) } = options;
  const parameters = [
    ...query,
    ...(stdin ? ([['stdin', 'true']] as const) : []),
    ['stdout', 'true'] as const,
    ...(tty ? ([['tty', 'true']] as const) : ([['stderr', 'true']] as const)),
  ];
  const url = `${path}?${parameters.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}`;
  const response = upgraded(() => rest.send('GET', url, {}));
  let ended: Obj | undefined;
  await new Promise<void>((resolve) => {
    const stop = response.stream?.({
      chunk: (data) => {
        const { channel, data: said } = data as Message;
        if (channel === 1) output(said);
        else if (channel === 2) errors(said);
        else if (channel === 3) ended = JSON.parse(said) as Obj;
      },
      end: resolve,
    });
    io.signal?.addEventListener(
      'abort',
      () => {
        stop?.();
        resolve();
      },
      { once: true },
    );
    if (stdin && input !== undefined) response.receive?.(0, input);
    if (!stdin || input !== undefined) response.receive?.(0, undefined);
    if (!stop) resolve();
  });
  if (io.signal?.aborted) throw new Exit(130);
  finish(session, ended, silent);
};

/** What a server says that does not switch protocols. */
const upgraded = <T>(send: () => T): T => {
  try {
    return send();
  } catch (error) {
    if (!(error instanceof StatusError) || error.status.reason !== 'BadRequest') throw error;
    throw new CliError(`unable to upgrade connection: ${error.message}`);
  }
};

const finish = ({ io }: Session, status: Obj | undefined, silent: boolean): void => {
  if (!status || text(status, 'status') === 'Success') return;
  if (text(status, 'reason') === 'NonZeroExitCode') {
    const cause = list(status, 'details', 'causes').find(({ reason }) => reason === 'ExitCode');
    const code = Number(text(cause, 'message')) || num(status, 'code') || 1;
    if (!silent) io.stderr(`command terminated with exit code ${code}\n`);
    throw new Exit(code);
  }
  throw new CliError(text(status, 'message'));
};
