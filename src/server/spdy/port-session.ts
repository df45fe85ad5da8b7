import type { PortConnection, PortPeer } from '../../apiserver/index.ts';
import { FrameReader, FrameWriter, type Frame } from './frames.ts';

/** Opens a connection to a port of the Pod. */
export type Connect = (port: number, peer: PortPeer) => PortConnection;

const NOTHING = new Uint8Array();
/** Longest data frame that is sent. */
const MOST_BYTES = 64 * 1024;

/**
 * One session of Kubernetes' port forwarding (portforward.k8s.io) over SPDY/3.1: for every connection the client opens a
 * stream for errors and one for data, tied together by a request id.
 */
export class PortSession {
  readonly #connect: Connect;
  readonly #send: (bytes: Buffer) => void;
  readonly #reader = new FrameReader();
  readonly #writer = new FrameWriter();
  /** Error streams by request id. */
  readonly #errors = new Map<string, number>();
  readonly #connections = new Map<number, PortConnection>();

  /** `send` takes bytes for the client. */
  constructor(connect: Connect, send: (bytes: Buffer) => void) {
    this.#connect = connect;
    this.#send = send;
  }

  /** Bytes from the client. Throws when they are no SPDY. */
  receive(bytes: Uint8Array): void {
    for (const frame of this.#reader.read(bytes)) this.#take(frame);
  }

  /** The client is gone. */
  close(): void {
    for (const connection of this.#connections.values()) connection.end();
    this.#connections.clear();
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case 'open':
        this.#open(frame.stream, frame.headers);
        break;
      case 'data': {
        const connection = this.#connections.get(frame.stream);
        if (frame.bytes.length > 0) connection?.write(frame.bytes);
        if (frame.fin) connection?.end();
        break;
      }
      case 'reset':
        this.#connections.get(frame.stream)?.end();
        this.#connections.delete(frame.stream);
        break;
      case 'ping':
        this.#send(this.#writer.pong(frame.id));
        break;
      case 'goaway':
        this.close();
    }
  }

  #open(stream: number, headers: Readonly<Record<string, string>>): void {
    this.#send(this.#writer.reply(stream));
    const request = headers['requestid'] ?? headers['port'] ?? '';
    if (headers['streamtype'] === 'error') {
      this.#errors.set(request, stream);
      return;
    }
    const errors = this.#errors.get(request);
    this.#errors.delete(request);
    let over = false;
    const finish = (message = ''): void => {
      over = true;
      this.#connections.delete(stream);
      this.#send(this.#writer.data(stream, NOTHING, true));
      if (errors !== undefined) this.#send(this.#writer.data(errors, Buffer.from(message), true));
    };
    const connection = this.#connect(Number(headers['port']), {
      data: (bytes) => {
        for (let at = 0; at < bytes.length; at += MOST_BYTES)
          this.#send(this.#writer.data(stream, bytes.subarray(at, at + MOST_BYTES), false));
      },
      end: () => finish(),
      fail: finish,
    });
    if (!over) this.#connections.set(stream, connection);
  }
}
