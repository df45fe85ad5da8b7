import { ACCOUNT_ATTEMPTS, ACCOUNT_WAIT_MS, lacksDefaultAccount } from '../apiserver/http/default-account.ts';
import type { HttpRequest, HttpResponse } from '../apiserver/request.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { ADMIN } from '../cluster/identities.ts';
import type { Input, InputEntry } from './protocol.ts';

const decoder = new TextDecoder();

const bodyText = (body: HttpRequest['body']): string | undefined => {
  if (body === undefined || typeof body === 'string') return body;
  return body instanceof Uint8Array ? decoder.decode(body) : JSON.stringify(body);
};

/** A command of the reader: what it asks of the cluster is recorded, and the cause of what follows. */
export interface Command {
  request(request: HttpRequest): HttpResponse;
  /** Virtual time. Never settles when the run is over. */
  sleep(ms: number): Promise<void>;
  end(code: number): void;
}

/**
 * One run of a cluster and the log of everything that came to it from outside. The cluster is deterministic, so the
 * log is the history: `replay` of the same entries into a fresh cluster of the same seed gives the same etcd
 * revisions and the same spans.
 */
export class Run {
  readonly cluster: Cluster;
  readonly log: InputEntry[] = [];
  /** Called with what an event threw. */
  failed: (error: unknown) => void = () => undefined;
  readonly #beforeInput: () => void;
  readonly #commands = new Map<number, number>();
  readonly #streams = new Map<number, NonNullable<HttpResponse['stream']>>();
  readonly #stops = new Map<number, () => void>();
  #lastCommand = 0;
  #lastRequest = 0;

  /** `beforeInput` is called before every input, to bring the clock up to date. */
  constructor(cluster: Cluster, beforeInput: () => void = () => undefined) {
    this.cluster = cluster;
    this.#beforeInput = beforeInput;
  }

  command(line: string): Command {
    const command = ++this.#lastCommand;
    this.#take({ type: 'command', command, line });
    return {
      request: ({ method, url, headers, body }) =>
        this.#request(command, { method, url, headers, body: bodyText(body) }),
      sleep: (ms) => this.sleep(ms, command),
      end: (code) => void this.#take({ type: 'command-end', command, code }),
    };
  }

  /** Waits in virtual time, on behalf of a command (0: of none). Never settles when the run is given up. */
  sleep(ms: number, command = 0): Promise<void> {
    return new Promise((resolve) => {
      this.#take({ type: 'sleep', command, ms }, resolve);
    });
  }

  /** Switches a component of the cluster on or off. */
  component(name: string, power: 'on' | 'off'): void {
    this.#take({ type: 'component', name, power });
  }

  /** Ends every stream still open, as when their commands are interrupted. */
  endStreams(): void {
    for (const request of this.#stops.keys()) this.#take({ type: 'stream-end', request });
  }

  /** Runs the kernel to the moment of a recorded input and repeats it. */
  repeat({ executed, now, input }: InputEntry): void {
    this.advance(executed, now);
    if (input.type === 'command' || input.type === 'request') {
      this.#lastCommand = Math.max(this.#lastCommand, input.command);
      if (input.type === 'request') this.#lastRequest = Math.max(this.#lastRequest, input.request);
    }
    this.log.push({ executed, now, input });
    this.#perform(input);
  }

  /** Runs the kernel until so many events have run, then lets its clock stand at `now`. */
  advance(executed: number, now: number): void {
    const { kernel } = this.cluster;
    while (kernel.executed < executed && this.step());
    kernel.idleUntil(now);
  }

  /**
   * Runs the next event. One that throws (a component's own mistake) is done with and reported: the cluster goes
   * on, as a real one does when a process of it fails.
   */
  step(): { readonly owner: string; readonly due: number } | undefined {
    const { kernel } = this.cluster;
    const due = kernel.nextDue ?? kernel.now;
    try {
      return kernel.step();
    } catch (error) {
      this.failed(error);
      return { owner: 'unknown', due };
    }
  }

  #request(
    command: number,
    parts: { method: string; url: string; headers: HttpRequest['headers']; body: string | undefined },
  ): HttpResponse {
    const request = ++this.#lastRequest;
    const { body, ...rest } = parts;
    const response = this.#take({
      type: 'request',
      command,
      request,
      ...rest,
      ...(body === undefined ? {} : { body }),
    });
    if (!response) throw new Error('the cluster gave no answer to a request');
    if (!response.stream) return response;
    return {
      ...response,
      stream: (sink) => {
        this.#take({ type: 'stream', request }, undefined, sink);
        return () => {
          if (this.#stops.has(request)) this.#take({ type: 'stream-end', request });
        };
      },
    };
  }

  #take(input: Input, awaken?: () => void, sink?: StreamSink): HttpResponse | undefined {
    this.#beforeInput();
    const { kernel } = this.cluster;
    this.log.push({ executed: kernel.executed, now: kernel.now, input });
    return this.#perform(input, awaken, sink);
  }

  /** The answer; to a Pod that comes before the account of its new namespace, the one after the wait for it. */
  #answer(request: HttpRequest): HttpResponse {
    const { kernel, apiserver } = this.cluster;
    const [waitMs] = ACCOUNT_WAIT_MS;
    for (let attempt = 1; ; attempt++) {
      const response = apiserver.http(request);
      if (attempt === ACCOUNT_ATTEMPTS || !lacksDefaultAccount(response)) return response;
      const until = kernel.now + waitMs;
      while ((kernel.nextDue ?? Infinity) <= until) this.step();
      kernel.idleUntil(until);
    }
  }

  /** What an input does to the cluster; the same for the first time and for a replay. */
  #perform(input: Input, awaken: () => void = () => undefined, sink: StreamSink = DROP): HttpResponse | undefined {
    const { kernel } = this.cluster;
    const within = <T>(command: number, body: () => T): T =>
      kernel.trace.within(this.#commands.get(command) ?? 0, body);
    switch (input.type) {
      case 'command':
        this.#commands.set(input.command, kernel.trace.start('kubectl', input.line, {}, 0));
        return undefined;
      case 'command-end':
        kernel.trace.end(this.#commands.get(input.command) ?? 0, { code: input.code });
        this.#commands.delete(input.command);
        return undefined;
      case 'request': {
        const { command, method, url, headers, body } = input;
        const http = { method, url, headers, user: ADMIN, ...(body === undefined ? {} : { body }) };
        const response = within(command, () => this.#answer(http));
        if (response.stream) this.#streams.set(input.request, response.stream);
        return response;
      }
      case 'stream': {
        const stream = this.#streams.get(input.request);
        this.#streams.delete(input.request);
        if (stream) this.#stops.set(input.request, stream(sink));
        return undefined;
      }
      case 'stream-end': {
        const stop = this.#stops.get(input.request);
        this.#stops.delete(input.request);
        stop?.();
        return undefined;
      }
      case 'sleep':
        within(input.command, () => kernel.after(input.ms, 'kubectl', awaken));
        return undefined;
      case 'component': {
        const { name, power } = input;
        const verb = power === 'on' ? 'start' : 'stop';
        kernel.trace.span('kubectl', `${verb} ${name}`, {}, () => this.cluster[verb](name));
        return undefined;
      }
    }
  }
}

type StreamSink = Parameters<NonNullable<HttpResponse['stream']>>[0];

const DROP: StreamSink = { chunk: () => undefined, end: () => undefined };
