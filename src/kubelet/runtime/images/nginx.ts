import { formatTime } from '../../../api/meta.ts';
import type { HttpMessage, HttpReply, Peer } from '../../cni.ts';
import type { Image } from '../image.ts';
import type { Main, Process, Program } from '../process.ts';
import type { Signal } from '../signal.ts';
import { formatDate } from '../shell/system-applets.ts';
import { staticHttp } from '../static-http.ts';
import { curl } from '../shell/curl.ts';
import { CORE_APPLETS, executablesOf } from './executables.ts';

const INDEX = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

const CONFIGURATION = `server {
    listen       80;
    listen  [::]:80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`;

const ENTRYPOINT_TEXT = `/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration
/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/
/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh
/docker-entrypoint.sh: Configuration complete; ready for start up
`;

const errorPage = (title: string, version: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`;

/** What answering a request takes. */
const REQUEST_CPU_MS = 0.2;

const KNOWN_CONFIGURATIONS = 64;

/** What of a server block is understood: its ports, its root, and locations that return a text. */
interface ServerBlock {
  readonly ports: readonly number[];
  readonly root: string;
  readonly returns: readonly { readonly path: string; readonly status: number; readonly text: string }[];
}

export function parseConfiguration(text: string): ServerBlock {
  const ports = [...text.matchAll(/^\s*listen\s+(?:[\d.]+:)?(\d+)/gm)].map(([, port]) => Number(port));
  const returns = [
    ...text.matchAll(/location\s+(?:=\s*)?(\S+)\s*\{[^}]*?return\s+(\d+)\s*(?:'([^']*)'|"([^"]*)"|([^;]*))?;/g),
  ].map(([, path, status, single, double, bare]) => ({
    path: path!,
    status: Number(status),
    text: (single ?? double ?? bare ?? '').replaceAll('\\n', '\n'),
  }));
  return {
    ports: ports.length > 0 ? [...new Set(ports)] : [80],
    root: /^\s*root\s+([^;]+);/m.exec(text)?.[1] ?? '/usr/share/nginx/html',
    returns,
  };
}

/** Configurations read before: most servers have the one that came with the image. */
const configurations = new Map<string, ServerBlock>();

function configurationOf(text: string): ServerBlock {
  let block = configurations.get(text);
  if (!block) {
    if (configurations.size === KNOWN_CONFIGURATIONS) configurations.clear();
    configurations.set(text, (block = parseConfiguration(text)));
  }
  return block;
}

function answer(process: Process, { root, returns }: ServerBlock, message: HttpMessage, version: string): HttpReply {
  const headers = {
    server: `nginx/${version}`,
    date: formatDate('%a, %d %b %Y %T GMT', process.now),
    connection: 'keep-alive',
  };
  const path = message.path.split('?')[0]!;
  const fixed = returns
    .filter((one) => path === one.path || path.startsWith(one.path.endsWith('/') ? one.path : `${one.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (fixed) {
    const location: Record<string, string> = fixed.status >= 300 && fixed.status < 400 ? { location: fixed.text } : {};
    return {
      status: fixed.status,
      headers: { ...headers, ...location, 'content-type': 'text/plain' },
      body: fixed.text,
    };
  }
  const pages = {
    403: errorPage('403 Forbidden', version),
    404: errorPage('404 Not Found', version),
    405: errorPage('405 Not Allowed', version),
  };
  return staticHttp(process.machine.files, root, message, pages, headers);
}

const accessLine = (process: Process, message: HttpMessage, peer: Peer, { status, headers }: HttpReply): string =>
  `${peer.ip} - - [${formatDate('%d/%b/%Y:%T +0000', process.now)}] "${message.method} ${message.path} HTTP/1.1" ${status} ` +
  `${headers['content-length'] ?? 0} "-" "${message.headers['user-agent'] ?? '-'}" "-"\n`;

/** `2026/01/01 00:00:00`: the time in nginx's error log. */
const stampOf = ({ now }: Process): string => formatTime(now).replaceAll('-', '/').replace('T', ' ').slice(0, -1);

/** Reads the configuration and opens the ports. Returns the exit code when that is all it comes to. */
function begin(process: Process): number | undefined {
  const version = process.env.NGINX_VERSION ?? '1.29.3';
  if (process.argv.includes('-v')) {
    process.err(`nginx version: nginx/${version}\n`);
    return 0;
  }
  if (process.user !== 0) {
    process.err(
      `${stampOf(process)} [emerg] 1#1: mkdir() "/var/cache/nginx/client_temp" failed (13: Permission denied)\n`,
    );
    return 1;
  }
  const { files } = process.machine;
  const names = files.list('/etc/nginx/conf.d').filter((name) => name.endsWith('.conf'));
  const blocks = names.map((name) => configurationOf(files.read(`/etc/nginx/conf.d/${name}`)!.text));
  for (const block of blocks) {
    for (const port of block.ports) {
      const opened = process.listen(port, {
        http: (message, peer, reply) => {
          process.spend(REQUEST_CPU_MS);
          const made = answer(process, block, message, version);
          process.out(accessLine(process, message, peer, made));
          reply(made);
        },
      });
      if (!opened) {
        process.err(`${stampOf(process)} [emerg] 1#1: bind() to 0.0.0.0:${port} failed (98: Address already in use)\n`);
        return 1;
      }
    }
  }
  const stamp = stampOf(process);
  process.err(`${stamp} [notice] 1#1: nginx/${version}\n${stamp} [notice] 1#1: start worker processes\n`);
  process.handle('SIGQUIT', 'SIGTERM', 'SIGINT', 'SIGHUP');
  return undefined;
}

function end(process: Process, signal: Signal): void {
  const stamp = stampOf(process);
  const [number, manner] = signal === 'SIGQUIT' ? [3, 'shutting down'] : [15, 'exiting'];
  process.err(`${stamp} [notice] 1#1: signal ${number} (${signal}) received, ${manner}\n`);
  process.closePorts();
  process.err(`${stamp} [notice] 1#1: exit\n`);
}

// As few variables as can be: each of them waits with every nginx there is.
const nginx: Main = function* (process) {
  const failed = begin(process);
  if (failed !== undefined) return failed;
  let signal = yield* process.signal();
  while (signal === 'SIGHUP') signal = yield* process.signal();
  end(process, signal);
  return 0;
};

function* exit(code: number): Program {
  return code;
}

/** The image's entry point: prepares nginx's configuration, then becomes the command. */
const entrypoint: Main = (process) => {
  const { argv } = process;
  const name = argv[1] ?? 'nginx';
  if (name === 'nginx') process.out(ENTRYPOINT_TEXT);
  const main = process.machine.executable(name);
  if (main) return process.become(main, argv.length > 1 ? argv.slice(1) : [name]);
  process.err(`/docker-entrypoint.sh: 47: exec: ${name}: not found\n`);
  return exit(127);
};

/** Newest patch release of each minor version. */
const RELEASES: Readonly<Record<string, string>> = {
  '1.25': '1.25.5',
  '1.26': '1.26.3',
  '1.27': '1.27.5',
  '1.28': '1.28.0',
  '1.29': '1.29.3',
};

/** `1.27-alpine`, `1.27.3`, `stable`, `latest` → the version inside. */
function versionOf(tag: string): string {
  const [, number] = /^(\d+\.\d+(?:\.\d+)?)/.exec(tag) ?? [];
  if (number) return RELEASES[number] ?? number;
  return tag.startsWith('stable') ? '1.28.0' : '1.29.3';
}

export const NGINX: Image = {
  repository: 'docker.io/library/nginx',
  tags: /^(latest|alpine|perl|bookworm|(stable|mainline|1\.2[5-9](\.[0-9])?)(-(alpine(-slim|-perl)?|alpine3\.\d+|bookworm|perl|otel))?)$/,
  entrypoint: ['/docker-entrypoint.sh'],
  cmd: ['nginx', '-g', 'daemon off;'],
  env: (tag) => ({ NGINX_VERSION: versionOf(tag), PKG_RELEASE: '1' }),
  stopSignal: 'SIGQUIT',
  files: new Map([
    ['usr/share/nginx/html/index.html', { text: INDEX }],
    ['usr/share/nginx/html/50x.html', { text: errorPage('Error', versionOf('latest')) }],
    ['etc/nginx/conf.d/default.conf', { text: CONFIGURATION }],
    [
      'etc/nginx/nginx.conf',
      { text: 'user  nginx;\nworker_processes  auto;\n\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n}\n' },
    ],
  ]),
  sizeBytes: (tag) =>
    (tag.includes('alpine') ? 22_631_814 : 72_404_038) + Number(versionOf(tag).replaceAll('.', '')) * 97,
  memoryBytes: 5 * 1024 ** 2,
  executables: executablesOf({ ...CORE_APPLETS, curl }, { nginx, 'docker-entrypoint.sh': entrypoint }),
};
