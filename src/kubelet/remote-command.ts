import { badRequest } from '../api/errors.ts';
import type { Pod } from '../api/types.ts';
import type { HttpResponse } from '../apiserver/request.ts';
import { containersOf } from './names.ts';
import type { ContainerInstance, ContainerRuntime } from './runtime/cri.ts';
import { Terminal } from './terminal.ts';

/** Kubernetes' remote command channels, from the client: 0 stdin; to it: 1 stdout, 2 stderr, 3 the final Status. */
const STDIN = 0;

/** One message of a command's stream. */
export interface ExecChunk {
  readonly channel: 1 | 2 | 3;
  readonly data: string;
}

/** The streams that a client wants, and how they are sent. */
interface Connection {
  send(channel: ExecChunk['channel'], data: string): void;
  /** Sends the final Status and hangs up. */
  finish(status: object): void;
}

/** What is at the other end: a new process, or the container's first. */
interface Remote {
  stdin(text: string | undefined): void;
  stop(): void;
}

/** Both ends of a remote command as an answer that changes protocols. */
function remoteCommand(query: URLSearchParams, start: (connection: Connection, tty: boolean) => Remote): HttpResponse {
  const tty = query.get('tty') === 'true';
  const reads = query.get('stdin') === 'true';
  let remote: Remote | undefined;
  let terminal: Terminal | undefined;
  return {
    status: 101,
    headers: {},
    stream: (sink) => {
      const chunk = (channel: ExecChunk['channel'], data: string): void =>
        sink.chunk({ channel, data } satisfies ExecChunk);
      terminal = tty ? new Terminal((text) => chunk(1, text)) : undefined;
      remote = start(
        {
          send: (channel, data) => (terminal ? terminal.print(data) : chunk(channel, data)),
          finish: (status) => {
            chunk(3, JSON.stringify(status));
            sink.end();
          },
        },
        tty,
      );
      remote.stdin(reads ? '' : undefined);
      return () => remote?.stop();
    },
    receive: (channel, data) => {
      if (channel !== STDIN || !reads) return;
      if (terminal) terminal.type(data, (text) => remote?.stdin(text));
      else remote?.stdin(data);
    },
  };
}

/** Runs a command in a container. */
export function exec(
  runtime: ContainerRuntime,
  name: string,
  instance: ContainerInstance | undefined,
  query: URLSearchParams,
): HttpResponse {
  if (instance?.state !== 'running') {
    throw badRequest(`container not found ("${name}")`);
  }
  return remoteCommand(query, ({ send, finish }, tty) => {
    const handle = runtime.exec(
      instance.id,
      query.getAll('command'),
      { stdout: (text) => send(1, text), stderr: (text) => send(2, text), tty },
      (outcome) => finish('error' in outcome ? failure(outcome.error.message) : exitStatus(outcome.value)),
    );
    return { stdin: (text) => handle.stdin(text), stop: () => handle.kill() };
  });
}

/** Joins the streams of a container's first process. What that writes from now on is shown. */
export function attach(
  runtime: ContainerRuntime,
  pod: Pod,
  name: string,
  instance: ContainerInstance | undefined,
  query: URLSearchParams,
): HttpResponse {
  const log = instance?.state === 'running' ? runtime.log(instance.id) : undefined;
  if (!instance || !log) {
    throw badRequest(`container ${name} not found in pod ${pod.metadata.name}_${pod.metadata.namespace}`);
  }
  const container = containersOf(pod).find((ref) => ref.container.name === name)!.container;
  return remoteCommand(query, ({ send, finish }) => {
    const leave = log.listen((stream, text) => {
      if (stream !== undefined) send(stream === 'stdout' ? 1 : 2, text);
      else finish(exitStatus(0));
    });
    return {
      stdin: (text) => {
        // Only those who once opened it can end it.
        if (container.stdin && (text !== undefined || container.stdinOnce)) runtime.input(instance.id, text);
      },
      stop: leave,
    };
  });
}

const failure = (message: string): object => ({
  metadata: {},
  status: 'Failure',
  message,
  reason: 'InternalError',
  code: 500,
});

/** How remote command streams tell the exit code. */
export const exitStatus = (code: number): object =>
  code === 0
    ? { metadata: {}, status: 'Success' }
    : {
        metadata: {},
        status: 'Failure',
        message: `command terminated with non-zero exit code: error executing command, exit code ${code}`,
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
      };
