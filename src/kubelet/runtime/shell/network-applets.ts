import { fetchUrl, headText, parseUrl, reasonPhrase, type Fetched } from '../http-client.ts';
import type { Process, Program } from '../process.ts';
import { resolve } from '../resolver.ts';
import { staticHttp } from '../static-http.ts';
import { fail, options, pathOf, type Applets, type Command } from './command.ts';

function* wget(command: Command): Program {
  const args = command.args.map(
    (arg) =>
      ({ '--spider': '-s', '--quiet': '-q' })[arg] ??
      arg
        .replace(/^--timeout=/, '-T')
        .replace(/^--header=/, '-H')
        .replace(/^--post-data=/, '-B'),
  );
  const { flags, rest } = options(args, 'OTtUPHB');
  // Options may also follow the URL.
  const late = options(rest.slice(1), 'OTtUPHB');
  for (const [flag, value] of late.flags) flags.set(flag, value);
  const url = parseUrl(rest[0] ?? '');
  if (!url) return fail(command, 'missing URL');
  const header = /^([^:]+):\s*(.*)$/.exec(flags.get('H') ?? '');
  const fetched = yield* fetchUrl(command.process, url, {
    userAgent: 'Wget',
    ...(flags.has('B') ? { method: 'POST', body: flags.get('B')! } : {}),
    ...(header ? { headers: { [header[1]!.toLowerCase()]: header[2]! } } : {}),
    timeoutMs: flags.has('T') ? Number(flags.get('T')) * 1000 : 900_000,
  });
  if (!('reply' in fetched)) return fail(command, wgetProblem(fetched));
  const quiet = flags.has('q');
  if (!quiet) command.err(`Connecting to ${url.host}:${url.port} (${fetched.ip}:${url.port})\n`);
  const { status, body } = fetched.reply;
  if (status >= 400) return fail(command, `server returned error: HTTP/1.1 ${status} ${reasonPhrase(status)}`);
  if (flags.has('S')) command.err(headText(fetched.reply));
  if (flags.has('s')) return 0;
  const target = flags.get('O') ?? (url.path.split('/').pop()!.split('?')[0] || 'index.html');
  if (target === '-') {
    command.out(body);
    if (!quiet) command.err('written to stdout\n');
    return 0;
  }
  if (!quiet) command.err(`saving to '${target}'\n`);
  if (target !== '/dev/null') {
    const fault = command.process.machine.files.write(pathOf(command, target), body);
    if (fault) return fail(command, `can't open '${target}': ${fault}`);
  }
  if (!quiet) command.err(`'${target}' saved\n`);
  return 0;
}

function wgetProblem(fetched: Fetched & { fault: string }): string {
  const { fault, host, ip } = fetched;
  if (fault === 'unresolved') return `bad address '${host}'`;
  if (fault === 'timeout') return 'download timed out';
  if (fault === 'reset') return 'error getting response: Connection reset by peer';
  return `can't connect to remote host (${ip}): ${fault === 'refused' ? 'Connection refused' : 'No route to host'}`;
}

function* nslookup(command: Command): Program {
  const { rest } = options(command.args);
  const [name = '', asked] = rest;
  const server = asked ?? command.process.machine.dns.servers[0] ?? '127.0.0.1';
  command.out(`Server:\t\t${server}\nAddress:\t${server}:53\n\n`);
  const found = yield* resolve(command.process, name);
  if ('addresses' in found) {
    for (const address of found.addresses) command.out(`Name:\t${found.name}\nAddress: ${address}\n`);
    command.out('\n');
    return 0;
  }
  if (found.problem === 'try-again') {
    command.out(';; connection timed out; no servers could be reached\n\n');
    return 1;
  }
  command.out(`** server can't find ${found.name}: NXDOMAIN\n\n`);
  return 1;
}

const NC_TIMEOUT_MS = 130_000;

function* nc(command: Command): Program {
  const { flags, rest } = options(command.args, 'pwe');
  const { process } = command;
  if (flags.has('l')) return yield* listenOnce(command, process, Number(flags.get('p') ?? rest.at(-1)), flags.has('k'));
  const [host = '', port = ''] = rest;
  const found = yield* resolve(process, host);
  if (!('addresses' in found)) return fail(command, `bad address '${host}'`);
  const ip = found.addresses[0]!;
  const text = flags.has('z') ? undefined : yield* command.input.all();
  const timeoutMs = flags.has('w') ? Number(flags.get('w')) * 1000 : NC_TIMEOUT_MS;
  const outcome = yield* process.exchange({ ip, port: Number(port) }, text, timeoutMs, flags.has('u') ? 'UDP' : 'TCP');
  if ('value' in outcome) {
    command.out(outcome.value);
    if (flags.has('v')) command.err(`${host} (${ip}:${port}) open\n`);
    return 0;
  }
  if (outcome.fault === 'timeout') return fail(command, 'timed out');
  return fail(
    command,
    `${host} (${ip}:${port}): ${outcome.fault === 'refused' ? 'Connection refused' : 'No route to host'}`,
  );
}

/** Serves standard input to the first who connects, or with -k to all, and prints what they send. */
function* listenOnce(command: Command, process: Process, port: number, keep: boolean): Program {
  const answer = yield* command.input.all();
  let served = 0;
  const server = {
    text: (data: string): string => {
      command.out(data);
      served++;
      process.notify();
      return answer;
    },
    http: (
      _: unknown,
      __: unknown,
      reply: (answer: { status: number; headers: Record<string, string>; body: string }) => void,
    ): void => {
      served++;
      process.notify();
      const [head = '', ...body] = answer.split(/\r?\n\r?\n/);
      const status = Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1] ?? 200);
      reply({ status, headers: {}, body: /^HTTP\//.test(head) ? body.join('\n\n') : answer });
    },
  };
  if (!process.listen(port, server)) return fail(command, 'bind: Address already in use');
  do {
    const before = served;
    while (served === before) yield* process.pause();
  } while (keep);
  process.closePorts();
  return 0;
}

function* ping(command: Command): Program {
  const { flags, rest } = options(command.args, 'cwWi');
  const [host = ''] = rest;
  const found = yield* resolve(command.process, host);
  if (!('addresses' in found)) return fail(command, `bad address '${host}'`);
  const ip = found.addresses[0]!;
  command.out(`PING ${host} (${ip}): 56 data bytes\n`);
  const count = Number(flags.get('c') ?? Infinity);
  let received = 0;
  let sent = 0;
  for (; sent < count; sent++) {
    if (sent > 0) yield* command.process.sleep(1000);
    const begun = command.process.now;
    // Port 0 stands for ICMP: nothing listens there, and a refusal is as good as an echo.
    const outcome = yield* command.process.exchange({ ip, port: 0 }, undefined, 1000);
    if ('fault' in outcome && outcome.fault !== 'refused') continue;
    received++;
    command.out(`64 bytes from ${ip}: seq=${sent} ttl=62 time=${(command.process.now - begun).toFixed(3)} ms\n`);
  }
  command.out(
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${received} packets received, ${Math.round(((sent - received) / sent) * 100)}% packet loss\n`,
  );
  return received > 0 ? 0 : 1;
}

/** busybox httpd: files of a directory over HTTP, in the foreground with -f. */
function* httpd(command: Command): Program {
  const { flags } = options(command.args, 'phuc');
  const { process } = command;
  const root = flags.get('h') ?? process.cwd;
  const port = Number((flags.get('p') ?? '80').split(':').pop());
  const listening = process.listen(port, {
    http: (message, peer, reply) => {
      const answer = staticHttp(process.machine.files, root, message, {});
      if (flags.has('v')) command.err(`[::ffff:${peer.ip}]:${peer.port}: response:${answer.status}\n`);
      reply(answer);
    },
  });
  if (!listening) return fail(command, 'bind: Address already in use');
  yield* process.sleep(Infinity);
  return 0;
}

function* ip({ args, process: { machine }, out }: Command): Program {
  const brief = args.filter((arg) => !arg.startsWith('-'))[0];
  if (brief?.startsWith('r')) out(`default via ${machine.ip.replace(/\d+$/, '1')} dev eth0 \n`);
  else {
    out(
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n',
    );
    out(
      `2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue \n    inet ${machine.ip}/24 scope global eth0\n       valid_lft forever preferred_lft forever\n`,
    );
  }
  return 0;
}

/** Network clients and small servers of busybox. */
export const NETWORK_APPLETS: Applets = { wget, nslookup, nc, ping, httpd, ip };
