import type { Image } from '../image.ts';
import type { Main } from '../process.ts';
import { formatDate } from '../shell/system-applets.ts';

/** The value of a Go-style flag: `-text=x`, `--text x`. */
export function flagValue(args: readonly string[], name: string): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(args[i]!);
    if (match?.[1] === name) return match[2] ?? args[i + 1];
  }
  return undefined;
}

const httpEcho: Main = function* (process) {
  const args = process.argv.slice(1);
  const stamp = (): string => formatDate('%Y/%m/%d %T', process.now);
  const text = flagValue(args, 'text') ?? process.env.ECHO_TEXT;
  if (text === undefined) {
    process.err('Missing -text option or ECHO_TEXT env var!\n');
    return 127;
  }
  const listen = flagValue(args, 'listen') ?? ':5678';
  const status = Number(flagValue(args, 'status-code') ?? 200);
  const opened = process.listen(Number(listen.split(':').pop()), {
    http: (message, peer, reply) => {
      const health = message.path === '/health';
      const body = health ? '{"status":"ok"}\n' : `${text}\n`;
      const headers = {
        'x-app-name': 'http-echo',
        'x-app-version': '1.0.0',
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(body.length),
      };
      if (!health)
        process.out(
          `${stamp()} ${message.headers.host} ${peer.ip}:${peer.port} "${message.method} ${message.path} HTTP/1.1" ${status} ${body.length} "${message.headers['user-agent'] ?? ''}" 12.3µs\n`,
        );
      reply({ status: health ? 200 : status, headers, body });
    },
  });
  if (!opened) {
    process.err(`${stamp()} [ERR] http-echo: bind: address already in use\n`);
    return 1;
  }
  process.out(`${stamp()} [INFO] server is listening on ${listen}\n`);
  process.handle('SIGTERM', 'SIGINT');
  yield* process.signal();
  process.out(`${stamp()} [INFO] server shutdown complete\n`);
  return 0;
};

export const HTTP_ECHO: Image = {
  repository: 'docker.io/hashicorp/http-echo',
  tags: /^(latest|\d+(\.\d+){0,2})$/,
  entrypoint: ['/http-echo'],
  user: 65532,
  sizeBytes: () => 3_100_000,
  executables: { 'http-echo': httpEcho },
};
