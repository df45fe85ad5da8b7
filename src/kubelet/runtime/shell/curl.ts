import { fetchUrl, headText, parseUrl, type Fetched, type Url } from '../http-client.ts';
import type { Program } from '../process.ts';
import { pathOf, type Applet, type Command } from './command.ts';

interface Options {
  readonly headers: Record<string, string>;
  readonly flags: Set<string>;
  readonly values: Map<string, string>;
  readonly urls: string[];
}

const LONG: Readonly<Record<string, string>> = {
  '--silent': 's',
  '--show-error': 'S',
  '--include': 'i',
  '--head': 'I',
  '--fail': 'f',
  '--location': 'L',
  '--verbose': 'v',
  '--insecure': 'k',
  '--output': 'o',
  '--write-out': 'w',
  '--max-time': 'm',
  '--connect-timeout': 'C',
  '--header': 'H',
  '--request': 'X',
  '--data': 'd',
  '--user-agent': 'A',
  '--user': 'u',
};
const WITH_VALUE = 'owmCHXdAu';

function parseArguments(args: readonly string[]): Options {
  const options: Options = { headers: {}, flags: new Set(), values: new Map(), urls: [] };
  const take = (flag: string, value: string): void => {
    if (flag === 'H') {
      const at = value.indexOf(':');
      options.headers[value.slice(0, at).trim().toLowerCase()] = value.slice(at + 1).trim();
    } else
      options.values.set(flag, flag === 'd' && options.values.has('d') ? `${options.values.get('d')}&${value}` : value);
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg.startsWith('--')) {
      const [name = '', inline] = arg.split(/=(.*)/s, 2);
      const flag = LONG[name];
      if (flag && WITH_VALUE.includes(flag)) take(flag, inline ?? args[++i] ?? '');
      else if (flag) options.flags.add(flag);
      continue;
    }
    if (!arg.startsWith('-') || arg === '-') {
      options.urls.push(arg);
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const flag = arg[at]!;
      if (!WITH_VALUE.includes(flag)) {
        options.flags.add(flag);
        continue;
      }
      take(flag, arg.slice(at + 1) || (args[++i] ?? ''));
      break;
    }
  }
  return options;
}

const MOST_REDIRECTS = 10;
const CONNECT_TIMEOUT_MS = 130_000;

/** curl's exit code and message for what went wrong. */
function problem({ fault, host, port, elapsedMs }: Fetched & { fault: string }): [number, string] {
  const ms = Math.round(elapsedMs);
  switch (fault) {
    case 'unresolved':
      return [6, `Could not resolve host: ${host}`];
    case 'timeout':
      return [28, `Connection timed out after ${ms} milliseconds`];
    case 'reset':
      return [52, 'Empty reply from server'];
    default:
      return [7, `Failed to connect to ${host} port ${port} after ${ms} ms: Could not connect to server`];
  }
}

function* transfer(command: Command, text: string, { flags, values, headers }: Options): Program {
  const { process } = command;
  const first = parseUrl(text);
  if (!first) {
    command.err('curl: (3) URL rejected: No host part in the URL\n');
    return 3;
  }
  let url: Url = first;
  const limit = values.get('m') ?? values.get('C');
  const data = values.get('d');
  const method = values.get('X') ?? (flags.has('I') ? 'HEAD' : data === undefined ? 'GET' : 'POST');
  for (let hops = 0; ; hops++) {
    if (flags.has('v'))
      command.err(
        `*   Trying ${url.host}:${url.port}...\n> ${method} ${url.path} HTTP/1.1\r\n> Host: ${url.host}\r\n> \r\n`,
      );
    const fetched: Fetched = yield* fetchUrl(process, url, {
      method,
      headers: { ...(data === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
      body: data ?? '',
      userAgent: values.get('A') ?? 'curl/8.14.1',
      timeoutMs: limit === undefined ? CONNECT_TIMEOUT_MS : Number(limit) * 1000,
    });
    if (!('reply' in fetched)) {
      const [code, message] = problem(fetched);
      if (!flags.has('s') || flags.has('S')) command.err(`curl: (${code}) ${message}\n`);
      if (values.has('w')) command.out(written(values.get('w')!, 0, fetched.elapsedMs, 0));
      return code;
    }
    const { reply } = fetched;
    const location = reply.headers.location;
    if (flags.has('L') && location && reply.status >= 300 && reply.status < 400 && hops < MOST_REDIRECTS) {
      const next = location.startsWith('/') ? { ...url, path: location } : parseUrl(location);
      if (next) {
        url = next;
        continue;
      }
    }
    const failed = flags.has('f') && reply.status >= 400;
    const head = flags.has('i') || flags.has('I') ? headText(reply) : '';
    const shown = failed ? '' : head + reply.body;
    const target = values.get('o');
    if (target && target !== '-' && target !== '/dev/null') process.machine.files.write(pathOf(command, target), shown);
    else if (target !== '/dev/null') command.out(shown);
    if (flags.has('v')) command.err(headText(reply).replace(/^/gm, '< '));
    if (values.has('w')) command.out(written(values.get('w')!, reply.status, fetched.elapsedMs, reply.body.length));
    if (!failed) return 0;
    if (!flags.has('s') || flags.has('S'))
      command.err(`curl: (22) The requested URL returned error: ${reply.status}\n`);
    return 22;
  }
}

const written = (format: string, status: number, elapsedMs: number, size: number): string =>
  format
    .replaceAll('%{http_code}', String(status).padStart(3, '0'))
    .replaceAll('%{response_code}', String(status).padStart(3, '0'))
    .replaceAll('%{time_total}', (elapsedMs / 1000).toFixed(6))
    .replaceAll('%{size_download}', String(size))
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t');

/** curl, as far as talking HTTP to Services goes. */
export const curl: Applet = function* (command) {
  const options = parseArguments(command.args);
  if (options.urls.length === 0) {
    command.err("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n");
    return 2;
  }
  let code = 0;
  for (const url of options.urls) code = yield* transfer(command, url, options);
  return code;
};
