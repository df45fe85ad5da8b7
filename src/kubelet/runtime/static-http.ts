import type { HttpMessage, HttpReply } from '../cni.ts';
import type { FileSystem } from './file-system.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  svg: 'image/svg+xml',
};

/** What a server of static files answers: the file, a directory's index.html, or the error pages given by status. */
export function staticHttp(
  files: FileSystem,
  root: string,
  message: HttpMessage,
  pages: Readonly<Record<number, string>>,
  headers: Readonly<Record<string, string>> = {},
): HttpReply {
  const answer = (status: number, body: string, type: string): HttpReply => ({
    status,
    headers: { ...headers, 'content-type': type, 'content-length': String(body.length) },
    body: message.method === 'HEAD' ? '' : body,
  });
  const error = (status: number): HttpReply => answer(status, pages[status] ?? `${status}\n`, 'text/html');
  if (message.method !== 'GET' && message.method !== 'HEAD') return error(405);
  const path = `${root}/${decodeURIComponent(message.path.split('?')[0]!)}`;
  const directory = files.isDirectory(path);
  const file = files.read(directory ? `${path}/index.html` : path);
  if (!file) return error(directory ? 403 : 404);
  const name = directory ? 'index.html' : path;
  return answer(200, file.text, TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream');
}
