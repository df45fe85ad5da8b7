import type { HttpMessage, HttpReply, Peer } from '../../cni.ts';
import type { Image } from '../image.ts';
import type { Main, Process, Program } from '../process.ts';
import { curl } from '../shell/curl.ts';
import { formatDate } from '../shell/system-applets.ts';
import { conversionWebhook } from './agnhost-conversion.ts';
import { webhook } from './agnhost-webhook.ts';
import { BUSYBOX_APPLETS, executablesOf } from './executables.ts';
import { flagValue } from './http-echo.ts';

/** Go programs that leave SIGTERM alone end with this code as the first process of a container. */
const GO_KILLED = 2;
/** What answering a request takes. */
const REQUEST_CPU_MS = 0.1;
/** How long the liveness server says that it is well. */
const WELL_MS = 10_000;

const text = (status: number, body: string, headers: Record<string, string> = {}): HttpReply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(body.length), ...headers },
  body,
});

function* untilKilled(process: Process, code: number): Program {
  process.handle('SIGTERM', 'SIGINT');
  yield* process.signal();
  process.closePorts();
  return code;
}

function netexecAnswer(process: Process, message: HttpMessage, peer: Peer, exit: (code: number) => void): HttpReply {
  const [path = '/', search = ''] = message.path.split('?');
  const query = new URLSearchParams(search);
  switch (path) {
    case '/':
      return text(200, `NOW: ${formatDate('%F %T +0000 UTC', process.now)}`);
    case '/hostname':
    case '/hostName':
      return text(200, process.machine.hostname);
    case '/healthz':
      return text(200, '');
    case '/clientip':
      return text(200, `${peer.ip}:${peer.port}`);
    case '/echo':
      return text(Number(query.get('code') ?? 200), query.get('msg') ?? '');
    case '/header':
      return text(200, message.headers[(query.get('key') ?? '').toLowerCase()] ?? '');
    case '/redirect':
      return text(Number(query.get('code') ?? 302), '', { location: query.get('location') ?? '/' });
    case '/exit':
      exit(Number(query.get('code') ?? 0));
      return text(200, '');
    default:
      return text(200, `NOW: ${formatDate('%F %T +0000 UTC', process.now)}`);
  }
}

function* netexec(process: Process, args: readonly string[]): Program {
  let code: number | undefined;
  const exit = (wanted: number): void => {
    code = wanted;
    process.notify();
  };
  const stamp = (): string => formatDate('%Y/%m/%d %T', process.now);
  const port = Number(flagValue(args, 'http-port') ?? 8080);
  const udpPort = Number(flagValue(args, 'udp-port') ?? 8081);
  process.err(`${stamp()} Started HTTP server on port ${port}\n`);
  process.listen(port, {
    http: (message, peer, reply) => {
      process.spend(REQUEST_CPU_MS);
      process.err(`${stamp()} ${message.method} ${message.path}\n`);
      reply(netexecAnswer(process, message, peer, exit));
    },
  });
  process.listen(
    udpPort,
    { text: (data) => (data.trim() === 'hostname' ? process.machine.hostname : undefined) },
    'UDP',
  );
  process.handle('SIGTERM', 'SIGINT');
  while (code === undefined && !process.takeSignal()) yield* process.pause();
  return code ?? 0;
}

function* liveness(process: Process): Program {
  const started = process.now;
  process.listen(8080, {
    http: (message, _, reply) => {
      if (message.path !== '/healthz') reply(text(200, formatDate('%F %T', started)));
      else if (process.now - started > WELL_MS)
        reply(text(500, `error: ${((process.now - started) / 1000).toFixed(6)}`));
      else reply(text(200, 'ok'));
    },
  });
  return yield* untilKilled(process, GO_KILLED);
}

function* serveHostname(process: Process, args: readonly string[]): Program {
  const port = Number(flagValue(args, 'port') ?? 9376);
  process.listen(port, {
    http: (_, __, reply) => reply(text(200, `${process.machine.hostname}\n`)),
    text: () => process.machine.hostname,
  });
  return yield* untilKilled(process, 0);
}

function* grpcHealthChecking(process: Process, args: readonly string[]): Program {
  const port = Number(flagValue(args, 'port') ?? 5000);
  process.listen(port, { health: () => 'SERVING' });
  process.listen(Number(flagValue(args, 'http-port') ?? 8080), { http: (_, __, reply) => reply(text(200, '')) });
  return yield* untilKilled(process, GO_KILLED);
}

const agnhost: Main = function* (process) {
  const [, command = 'help', ...args] = process.argv;
  switch (command) {
    case 'netexec':
      return yield* netexec(process, args);
    case 'liveness':
      return yield* liveness(process);
    case 'serve-hostname':
      return yield* serveHostname(process, args);
    case 'grpc-health-checking':
      return yield* grpcHealthChecking(process, args);
    case 'crd-conversion-webhook':
      return yield* conversionWebhook(process, args);
    case 'webhook':
      return yield* webhook(process, args);
    case 'pause':
      process.out('Paused\n');
      return yield* untilKilled(process, 0);
    default:
      process.err(`Error: unknown command "${command}" for "app"\nRun 'app --help' for usage.\n`);
      return 1;
  }
};

export const AGNHOST: Image = {
  repository: 'registry.k8s.io/e2e-test-images/agnhost',
  tags: /^(2\.\d+(\.\d+)?|latest)$/,
  entrypoint: ['/agnhost'],
  cmd: ['pause'],
  sizeBytes: () => 53_021_000,
  executables: executablesOf({ ...BUSYBOX_APPLETS, curl }, { agnhost }),
};
