import { Unzlib } from 'fflate';
import { HEADER_DICTIONARY } from './dictionary.ts';

/** Types of SPDY/3's control frames, as far as port forwarding uses them. */
const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;

const VERSION = 3;
const HEAD_BYTES = 8;
const FIN = 1;

/** What a client sends. */
export type Frame =
  | {
      readonly type: 'open';
      readonly stream: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly fin: boolean;
    }
  | { readonly type: 'data'; readonly stream: number; readonly bytes: Uint8Array; readonly fin: boolean }
  | { readonly type: 'reset'; readonly stream: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway' };

/** Reads frames out of bytes that come in pieces. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #inflated: Buffer = Buffer.alloc(0);
  // One stream of compression for the headers of the whole session.
  readonly #inflate = new Unzlib({ dictionary: HEADER_DICTIONARY }, (chunk) => {
    this.#inflated = Buffer.concat([this.#inflated, chunk]);
  });

  /** The frames that are complete with these bytes. */
  *read(bytes: Uint8Array): Generator<Frame> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + this.#rest.readUIntBE(5, 3);
      if (this.#rest.length < end) return;
      const frame = this.#frame(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
      if (frame) yield frame;
    }
  }

  #frame(frame: Buffer): Frame | undefined {
    const word = frame.readUInt32BE(0);
    const fin = (frame[4]! & FIN) !== 0;
    const body = frame.subarray(HEAD_BYTES);
    if (word < 0x8000_0000) return { type: 'data', stream: word, bytes: body, fin };
    switch (word & 0xffff) {
      case SYN_STREAM:
        return { type: 'open', stream: body.readUInt32BE(0), headers: this.#headers(body.subarray(10)), fin };
      case RST_STREAM:
        return { type: 'reset', stream: body.readUInt32BE(0) };
      case PING:
        return { type: 'ping', id: body.readUInt32BE(0) };
      case GOAWAY:
        return { type: 'goaway' };
      default:
        return undefined;
    }
  }

  #headers(block: Buffer): Record<string, string> {
    this.#inflated = Buffer.alloc(0);
    this.#inflate.push(Uint8Array.from(block), false);
    const plain = this.#inflated;
    let at = 4;
    const text = (): string => {
      const from = at + 4;
      at = from + plain.readUInt32BE(at);
      return plain.toString('utf8', from, at);
    };
    const headers: Record<string, string> = {};
    for (let count = plain.readUInt32BE(0); count > 0; count--) {
      const name = text().toLowerCase();
      headers[name] = text();
    }
    return headers;
  }
}

function control(type: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The beginning of a zlib stream that presumes the dictionary: deflate, and the dictionary's Adler-32. */
const ZLIB_HEAD = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);
/**
 * No headers, as a stored block of four zero bytes: nothing is compressed, and nothing needs to be. The empty block after
 * it is a flush, before which some readers hand nothing on.
 */
const NO_HEADERS = Buffer.from([0x00, 0x04, 0x00, 0xfb, 0xff, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0xff, 0xff]);

/** Writes the frames of one session. */
export class FrameWriter {
  #begun = false;

  /** Accepts a stream. */
  reply(stream: number): Buffer {
    const headers = this.#begun ? NO_HEADERS : Buffer.concat([ZLIB_HEAD, NO_HEADERS]);
    this.#begun = true;
    return control(SYN_REPLY, Buffer.concat([word(stream), headers]));
  }

  data(stream: number, bytes: Uint8Array, fin: boolean): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32BE(stream, 0);
    head[4] = fin ? FIN : 0;
    head.writeUIntBE(bytes.length, 5, 3);
    return Buffer.concat([head, bytes]);
  }

  pong(id: number): Buffer {
    return control(PING, word(id));
  }
}
