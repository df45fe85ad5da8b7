import type { Image } from '../image.ts';
import type { Main } from '../process.ts';
import { formatDate } from '../shell/system-applets.ts';
import { staticHttp } from '../static-http.ts';
import { CORE_APPLETS, executablesOf } from './executables.ts';

/** What answering a request takes. */
const REQUEST_CPU_MS = 0.3;

const ROOT = '/usr/local/apache2/htdocs';

const httpd: Main = function* (process) {
  const { files, ip } = process.machine;
  const stamp = (): string => formatDate('%a %b %d %T.000000 %Y', process.now);
  process.err(
    `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${ip}. Set the 'ServerName' directive globally to suppress this message\n`,
  );
  const opened = process.listen(80, {
    http: (message, peer, reply) => {
      process.spend(REQUEST_CPU_MS);
      const made = staticHttp(files, ROOT, message, { 404: NOT_FOUND }, { server: 'Apache/2.4.65 (Unix)' });
      process.out(
        `${peer.ip} - - [${formatDate('%d/%b/%Y:%T +0000', process.now)}] "${message.method} ${message.path} HTTP/1.1" ${made.status} ${made.headers['content-length'] ?? '-'}\n`,
      );
      reply(made);
    },
  });
  if (!opened) {
    process.err('(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80\n');
    return 1;
  }
  process.err(
    `[${stamp()}] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.65 (Unix) configured -- resuming normal operations\n`,
  );
  process.handle('SIGTERM', 'SIGWINCH', 'SIGINT');
  const signal = yield* process.signal();
  process.err(
    `[${stamp()}] [mpm_event:notice] [pid 1:tid 1] ${signal === 'SIGWINCH' ? 'AH00492: caught SIGWINCH, shutting down gracefully' : 'AH00491: caught SIGTERM, shutting down'}\n`,
  );
  return 0;
};

const NOT_FOUND =
  '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n';

export const HTTPD: Image = {
  repository: 'docker.io/library/httpd',
  tags: /^(latest|alpine|bookworm|2(\.4(\.\d+)?)?(-(alpine|bookworm))?)$/,
  cmd: ['httpd-foreground'],
  workingDir: '/usr/local/apache2',
  stopSignal: 'SIGWINCH',
  files: new Map([[`${ROOT.slice(1)}/index.html`, { text: '<html><body><h1>It works!</h1></body></html>\n' }]]),
  sizeBytes: (tag) => (tag.includes('alpine') ? 20_903_117 : 45_243_900),
  memoryBytes: 8 * 1024 ** 2,
  executables: executablesOf(CORE_APPLETS, { httpd, 'httpd-foreground': httpd }),
};
