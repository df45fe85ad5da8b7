import { humanDuration } from '../../api/duration.ts';
import { alignTabs, DESCRIBE } from '../cli/tabwriter.ts';
import { record, sortedKeys, text, type Obj } from '../value.ts';
import { LAST_APPLIED } from '../last-applied.ts';

/** Collects lines with tabs at levels of two spaces, and aligns them in the end. */
export class DescribeWriter {
  #out = '';
  #block = '';

  /** Writes text at a level; it brings its own line ends. */
  write(level: number, content: string): void {
    this.#block += '  '.repeat(level) + content;
  }

  line(level: number, ...cells: readonly (string | number | boolean)[]): void {
    this.write(level, `${cells.join('\t')}\n`);
  }

  /** Ends a block: what follows is aligned on its own. */
  flush(): void {
    this.#out += alignTabs(this.#block, DESCRIBE);
    this.#block = '';
  }

  toString(): string {
    this.flush();
    return this.#out;
  }

  /** As written, tabs and all. */
  get raw(): string {
    return this.#block;
  }
}

const MAX_ANNOTATION = 140;

/** `Labels:\ta=b` and further lines under it. */
export const labelsOf = (w: DescribeWriter, title: string, labels: Readonly<Record<string, string>>): void => {
  const keys = sortedKeys(labels);
  w.write(0, `${title}:\t`);
  if (keys.length === 0) w.write(0, '<none>\n');
  keys.forEach((key, i) => w.write(0, `${i > 0 ? '\t' : ''}${key}=${labels[key]}\n`));
};

export const annotationsOf = (
  w: DescribeWriter,
  title: string,
  annotations: Readonly<Record<string, string>>,
): void => {
  const keys = sortedKeys(annotations).filter((key) => key !== LAST_APPLIED);
  w.write(0, `${title}:\t`);
  if (keys.length === 0) w.write(0, '<none>\n');
  keys.forEach((key, i) => {
    if (i > 0) w.write(0, '\t');
    const value = annotations[key]!.replace(/\n$/, '');
    if (value.length + key.length + 2 <= MAX_ANNOTATION && !value.includes('\n'))
      return w.write(0, `${key}: ${value}\n`);
    w.write(0, `${key}:\n`);
    for (const line of value.split('\n'))
      w.write(0, `\t  ${line.length > MAX_ANNOTATION - 2 ? `${line.slice(0, MAX_ANNOTATION - 2)}...` : line}\n`);
  });
};

/** Labels and annotations, as nearly every kind shows them. */
export const metadataOf = (w: DescribeWriter, object: Obj): void => {
  labelsOf(w, 'Labels', record(object, 'metadata', 'labels'));
  annotationsOf(w, 'Annotations', record(object, 'metadata', 'annotations'));
};

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Thu, 01 Jan 2026 00:00:00 +0000`; of no time, Go's year one. */
export const rfc1123 = (time: unknown): string => {
  const ms = typeof time === 'string' ? Date.parse(time) : NaN;
  if (Number.isNaN(ms)) return 'Mon, 01 Jan 0001 00:00:00 +0000';
  const d = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${DAYS[d.getUTCDay()]!}, ${two(d.getUTCDate())} ${MONTHS[d.getUTCMonth()]!} ${d.getUTCFullYear()} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000`;
};

/** How long ago a time was. */
export const since = (now: number, time: unknown): string =>
  typeof time === 'string' && time !== '' ? humanDuration(now - Date.parse(time)) : '<unknown>';

/** The owner that controls an object: `ReplicaSet/web-1`. */
export const controllerText = (object: Obj): string => {
  const owners = (object['metadata'] as Obj | undefined)?.['ownerReferences'] as Obj[] | undefined;
  const controller = owners?.find((owner) => owner['controller']);
  return controller ? `${text(controller, 'kind')}/${text(controller, 'name')}` : '';
};
