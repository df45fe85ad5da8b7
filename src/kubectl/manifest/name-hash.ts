import { goJson } from '../../api/go-text.ts';
import { text, type Obj } from '../value.ts';

/**
 * The hash that `--append-hash` and Kustomize put behind the name of a generated object: SHA-256 of its content,
 * written so that it spells no words.
 */
export const configMapHash = (object: Obj): string => {
  const content = goJson({
    kind: 'ConfigMap',
    name: text(object, 'metadata', 'name'),
    data: object['data'] ?? '',
    ...(object['binaryData'] ? { binaryData: object['binaryData'] } : {}),
  });
  return encode(sha256(content));
};

export const secretHash = (object: Obj): string =>
  encode(
    sha256(
      goJson({
        kind: 'Secret',
        type: object['type'] ?? '',
        name: text(object, 'metadata', 'name'),
        data: object['data'] ?? '',
      }),
    ),
  );

const safe: Record<string, string> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };
const encode = (hex: string): string => [...hex.slice(0, 10)].map((c) => safe[c] ?? c).join('');

const K = Array.from({ length: 64 }, (_, i) => fraction(Math.cbrt(prime(i))));
function prime(n: number): number {
  let found = -1;
  for (let candidate = 2; ; candidate++) {
    let divides = false;
    for (let d = 2; d * d <= candidate; d++) if (candidate % d === 0) divides = true;
    if (!divides && ++found === n) return candidate;
  }
}
function fraction(x: number): number {
  return ((x - Math.floor(x)) * 0x1_0000_0000) | 0;
}

/** SHA-256 as hexadecimal: synchronous, which WebCrypto's is not. */
export const sha256 = (content: string): string => {
  const bytes = new TextEncoder().encode(content);
  const padded = new Uint8Array((((bytes.length + 8) >> 6) << 6) + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length << 3);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x2000_0000));
  const h = Array.from({ length: 8 }, (_, i) => fraction(Math.sqrt(prime(i))));
  const w = new Int32Array(64);
  const rotate = (x: number, n: number): number => (x >>> n) | (x << (32 - n));
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(block + i * 4);
    for (let i = 16; i < 64; i++) {
      const a = w[i - 15]!;
      const b = w[i - 2]!;
      w[i] =
        (w[i - 16]! +
          (rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)) +
          w[i - 7]! +
          (rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10))) |
        0;
    }
    let [a, b, c, d, e, f, g, x] = h as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const t1 = (x + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
      const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [x, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, x].forEach((value, i) => (h[i] = (h[i]! + value) | 0));
  }
  return h.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
};
