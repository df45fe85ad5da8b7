import { describe, expect, test } from 'vitest';
import type { PortPeer } from '../../src/apiserver/index.ts';
import { FrameReader, FrameWriter } from '../../src/server/spdy/frames.ts';
import { PortSession } from '../../src/server/spdy/port-session.ts';

/** Two streams as a client opens them, their headers compressed by Go's zlib: one for errors, one for data. */
const OPENED = Buffer.from(
  '800300010000003c0000000100000000000078f9e3c6a7c202253a703a2b294a4dcc851625aca9a0808614cb45a024cc6461' +
    '0024398b209198094adc8c0600000000ffff800300010000001800000003000000000000c2aa15540a2512d209000000ffff',
  'hex',
);

const data = (stream: number, text: string, fin = false): Buffer =>
  new FrameWriter().data(stream, Buffer.from(text), fin);

describe('frames', () => {
  test('are read from bytes that come in any pieces', () => {
    const reader = new FrameReader();
    const frames = [...OPENED].flatMap((byte) => [...reader.read(Uint8Array.of(byte))]);
    const headers = { port: '80', requestid: '0' };
    expect(frames).toEqual([
      { type: 'open', stream: 1, headers: { ...headers, streamtype: 'error' }, fin: false },
      { type: 'open', stream: 3, headers: { ...headers, streamtype: 'data' }, fin: false },
    ]);
  });
});

describe('a session of forwarded ports', () => {
  /** A session whose one connection the test answers itself. */
  const opened = () => {
    const sent: Buffer[] = [];
    const heard: string[] = [];
    let peer: PortPeer | undefined;
    const session = new PortSession(
      (port, other) => {
        peer = other;
        heard.push(`connect ${port}`);
        return { write: (bytes) => heard.push(Buffer.from(bytes).toString()), end: () => heard.push('end') };
      },
      (bytes) => sent.push(bytes),
    );
    session.receive(OPENED);
    sent.length = 0;
    return { session, sent, heard, peer: peer! };
  };

  test('carries bytes both ways', () => {
    const { session, sent, heard, peer } = opened();
    session.receive(Buffer.concat([data(3, 'GET'), data(3, ' /', true)]));
    expect(heard).toEqual(['connect 80', 'GET', ' /', 'end']);
    peer.data(Buffer.from('hello'));
    peer.end();
    expect(Buffer.concat(sent)).toEqual(Buffer.concat([data(3, 'hello'), data(3, '', true), data(1, '', true)]));
  });

  test('says on the stream for errors why nothing comes', () => {
    const { sent, peer } = opened();
    peer.fail('connection refused');
    expect(Buffer.concat(sent)).toEqual(Buffer.concat([data(3, '', true), data(1, 'connection refused', true)]));
  });

  test('ends its connections when the client goes', () => {
    const { session, heard } = opened();
    session.close();
    expect(heard).toEqual(['connect 80', 'end']);
  });

  test('refuses what is no SPDY', () => {
    expect(() =>
      opened().session.receive(Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 12, ...new Array<number>(12).fill(255)])),
    ).toThrow();
  });
});
