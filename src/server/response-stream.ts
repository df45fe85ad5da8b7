import type { ServerResponse } from 'node:http';
import type { HttpResponse } from '../apiserver/index.ts';
import { jsonLine } from './encoding.ts';

/** A client that leaves more than this unread is too slow for what it watches, and has to begin anew. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;

/** Sends a stream: objects one a line, text (logs) as it is. `arrives` is called when the client goes. */
export function sendStream(
  response: HttpResponse,
  headers: Readonly<Record<string, string>>,
  outgoing: ServerResponse,
  arrives: () => void,
): void {
  outgoing.writeHead(response.status, headers);
  outgoing.flushHeaders();
  const stop = response.stream!({
    chunk(data) {
      if (outgoing.destroyed) return;
      // What is written in one go Node itself sends in one packet.
      outgoing.write(typeof data === 'string' || data instanceof Uint8Array ? data : jsonLine(data));
      if (outgoing.writableLength > MOST_UNREAD_BYTES) outgoing.destroy();
    },
    end: () => void outgoing.end(),
  });
  outgoing.on('close', () => {
    arrives();
    stop();
  });
}
