import type { IncomingMessage } from 'node:http';

/** The longest body that is kept: as the real server's. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** The body of a request; undefined when it is longer than the server keeps: the rest is read and forgotten. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length <= MAX_BODY_BYTES) chunks.push(bytes);
    else chunks.length = 0;
  }
  return length > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks, length);
}
