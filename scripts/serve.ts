import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { createGzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
  '.webmanifest': 'application/manifest+json',
};

/** Answers that any static host should give for every file. The content policy itself is in each page. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'SAMEORIGIN',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

function fileFor(root: string, path: string): string | undefined {
  const file = normalize(join(root, path));
  if (file !== root && !file.startsWith(root + sep)) return undefined;
  for (const candidate of [file, join(file, 'index.html')]) {
    if (existsSync(candidate) && statSync(candidate).isFile()) return candidate;
  }
  return undefined;
}

function send(response: ServerResponse, file: string, status: number, path: string, gzip: boolean): void {
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  const compress = gzip && /text|json|javascript|xml|svg|wasm/.test(type);
  response.writeHead(status, {
    ...HEADERS,
    'content-type': type,
    vary: 'accept-encoding',
    // Astro puts a content hash into the names of these.
    'cache-control': path.startsWith('/_astro/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...(compress ? { 'content-encoding': 'gzip' } : { 'content-length': statSync(file).size }),
  });
  const stream = createReadStream(file);
  if (compress) stream.pipe(createGzip({ level: 6 })).pipe(response);
  else stream.pipe(response);
}

/** Serves a built site as a static host would. Resolves when it listens; `port` 0 takes any free one. */
export function serve(root: string, port: number, host?: string): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    let path: string;
    try {
      path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    } catch {
      response.writeHead(400).end();
      return;
    }
    const gzip = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
    const file = fileFor(root, path);
    if (file?.endsWith('index.html') && !path.endsWith('/') && !path.endsWith('.html')) {
      response.writeHead(301, { location: `${path}/` }).end();
    } else if (file) {
      send(response, file, 200, path, gzip);
    } else {
      const missing = fileFor(root, '404.html');
      if (missing) send(response, missing, 404, path, gzip);
      else response.writeHead(404).end('Not found');
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve({ server, port: (server.address() as AddressInfo).port }));
  });
}
