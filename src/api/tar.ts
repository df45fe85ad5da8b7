/** Archives as tar makes them (ustar). Archives are texts here, as all that simulated processes write: files hold UTF-8. */

const BLOCK = 512;
const REGULAR = '0';
const DIRECTORY = '5';
/** Where the fields of a header begin, and how long they are. */
const NAME = [0, 100] as const;
const MODE = [100, 8] as const;
const OWNER = [108, 8] as const;
const GROUP = [116, 8] as const;
const SIZE = [124, 12] as const;
const MTIME = [136, 12] as const;
const CHECKSUM = [148, 8] as const;
const TYPE = [156, 1] as const;
const MAGIC = [257, 8] as const;
const PREFIX = [345, 155] as const;

type Field = readonly [at: number, length: number];

/** A file or folder of an archive; names of folders end with a slash. */
export interface TarEntry {
  readonly name: string;
  /** Permissions. */
  readonly mode: number;
  /** Empty for folders. */
  readonly text: string;
  /** Seconds since the epoch. */
  readonly mtime: number;
}

/** The end of every archive. */
export const TAR_END = '\0'.repeat(2 * BLOCK);

const octal = (value: number, [, length]: Field): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

/** One entry, as it stands in an archive. */
export function tarEntry({ name, mode, text, mtime }: TarEntry): string {
  const header = new Array<string>(BLOCK).fill('\0');
  const put = (value: string, [at, length]: Field): void => {
    for (let i = 0; i < value.length && i < length; i++) header[at + i] = value[i]!;
  };
  const size = new TextEncoder().encode(text).length;
  put(name, NAME);
  put(octal(mode, MODE), MODE);
  put(octal(0, OWNER), OWNER);
  put(octal(0, GROUP), GROUP);
  put(octal(size, SIZE), SIZE);
  put(octal(mtime, MTIME), MTIME);
  put('        ', CHECKSUM);
  put(name.endsWith('/') ? DIRECTORY : REGULAR, TYPE);
  put('ustar  \0', MAGIC);
  const sum = header.reduce((total, char) => total + char.charCodeAt(0), 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM);
  return header.join('') + text + '\0'.repeat((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The entries of an archive. Sizes count bytes, so that is what it is looked at as. */
export function* tarEntries(archive: string): Generator<TarEntry> {
  const bytes = new TextEncoder().encode(archive);
  const decoder = new TextDecoder();
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const field = ([from, length]: Field): string =>
      decoder.decode(bytes.subarray(at + from, at + from + length)).replace(/\0.*$/s, '');
    const size = parseInt(field(SIZE), 8) || 0;
    const path = (field(PREFIX) ? `${field(PREFIX)}/` : '') + field(NAME);
    const name = field(TYPE) === DIRECTORY && !path.endsWith('/') ? `${path}/` : path;
    const text = decoder.decode(bytes.subarray(at + BLOCK, at + BLOCK + size));
    yield { name, mode: parseInt(field(MODE), 8) || 0, text, mtime: parseInt(field(MTIME), 8) || 0 };
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}
