type Labels = Readonly<Record<string, string>>;

/** What Prometheus' text format says of one metric (exposition format 0.0.4). */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Lines without the name: what follows it, its labels and its value. */
  samples(): Iterable<readonly [suffix: string, labels: Labels, value: number]>;
}

const escaped = (text: string): string =>
  text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));

function labelText(labels: Labels): string {
  const names = Object.keys(labels).sort((a, b) => (a === 'le' ? 1 : b === 'le' || a < b ? -1 : 1));
  const parts = names
    .map((name) => [name, labels[name]!] as const)
    .map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length > 0 ? `{${parts.join(',')}}` : '';
}

/** Metrics as Prometheus reads them, sorted by name. */
export function exposition(families: readonly MetricFamily[]): string {
  const sorted = [...families].sort((a, b) => (a.name < b.name ? -1 : 1));
  let text = '';
  for (const family of sorted) {
    const samples = [...family.samples()];
    if (samples.length === 0) continue;
    text += `# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n`;
    for (const [suffix, labels, value] of samples) text += `${family.name}${suffix}${labelText(labels)} ${value}\n`;
  }
  return text;
}

/** A number for each set of labels, which are given in the order of `names`. */
export class Counter implements MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly #names: readonly string[];
  readonly #values = new Map<string, { readonly labels: readonly string[]; value: number }>();

  constructor(name: string, help: string, names: readonly string[], type: 'counter' | 'gauge' = 'counter') {
    this.name = name;
    this.help = help;
    this.type = type;
    this.#names = names;
  }

  add(amount: number, ...labels: readonly string[]): void {
    const key = labels.join('\n');
    const known = this.#values.get(key);
    if (known) known.value += amount;
    else this.#values.set(key, { labels, value: amount });
  }

  *samples(): Generator<readonly [string, Labels, number]> {
    const keys = [...this.#values.keys()].sort();
    for (const key of keys) {
      const { labels, value } = this.#values.get(key)!;
      yield ['', Object.fromEntries(this.#names.map((name, i) => [name, labels[i] ?? ''])), value];
    }
  }
}

/** How often a value fell below each of some bounds, for each set of labels. */
export class Histogram implements MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #names: readonly string[];
  readonly #bounds: readonly number[];
  readonly #values = new Map<string, { readonly labels: readonly string[]; sum: number; readonly counts: number[] }>();

  constructor(name: string, help: string, names: readonly string[], bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#names = names;
    this.#bounds = bounds;
  }

  observe(value: number, ...labels: readonly string[]): void {
    const key = labels.join('\n');
    let known = this.#values.get(key);
    if (!known) {
      known = { labels, sum: 0, counts: new Array<number>(this.#bounds.length + 1).fill(0) };
      this.#values.set(key, known);
    }
    known.sum += value;
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    known.counts[bucket < 0 ? this.#bounds.length : bucket]!++;
  }

  *samples(): Generator<readonly [string, Labels, number]> {
    const keys = [...this.#values.keys()].sort();
    for (const key of keys) {
      const { labels, sum, counts } = this.#values.get(key)!;
      const named = Object.fromEntries(this.#names.map((name, i) => [name, labels[i] ?? '']));
      let total = 0;
      for (const [i, count] of counts.entries()) {
        total += count;
        yield ['_bucket', { ...named, le: i < this.#bounds.length ? String(this.#bounds[i]) : '+Inf' }, total];
      }
      yield ['_sum', named, sum];
      yield ['_count', named, total];
    }
  }
}

/** Numbers that are counted when they are asked for. */
export const computed = (
  name: string,
  help: string,
  type: 'counter' | 'gauge',
  compute: () => Iterable<readonly [Labels, number]>,
): MetricFamily => ({
  name,
  help,
  type,
  *samples() {
    for (const [labels, value] of compute()) yield ['', labels, value] as const;
  },
});
