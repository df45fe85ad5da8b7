/** The end of a generated name. */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]{5}';

/** Replaces what differs from run to run by numbered names, as tests/recordings/README.md says. */
export class Normaliser {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  /** Pod template hashes and revision hashes that exist in the cluster. */
  readonly #hashes = new Set<string>();
  /** Random name endings, and what stands before each. */
  readonly #randoms = new Map<string, Set<string>>();

  addHash(hash: string): void {
    if (hash.length >= 6) this.#hashes.add(hash);
  }

  /** A generated name, and the prefix that it was generated from. */
  addGenerated(prefix: string, name: string): void {
    if (!name.startsWith(prefix) || name.length !== prefix.length + 5) return;
    const random = name.slice(prefix.length);
    let prefixes = this.#randoms.get(random);
    if (!prefixes) this.#randoms.set(random, (prefixes = new Set()));
    prefixes.add(prefix);
  }

  #name(kind: string, value: string): string {
    const key = `${kind}:${value}`;
    let name = this.#names.get(key);
    if (!name) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      this.#names.set(key, (name = `<${kind}-${count}>`));
    }
    return name;
  }

  text(given: string): string {
    let text = given
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, (uid) => this.#name('uid', uid))
      .replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, '<time>')
      .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [-+]\d{4}/g, '<time>')
      .replace(/(resourceVersion"?: ?)"\d+"/g, '$1"<rv>"')
      .replace(/^(\s*Resource Version: +)\d+$/gm, '$1<rv>')
      .replace(/^([IWEF])\d{4} [\d:.]+ +\d+ (\w+\.go):\d+\]/gm, '$1<klog> $2]');
    text = this.#generated(text);
    return text
      .replace(/\b10\.96\.\d+\.\d+\b/g, (ip) => this.#name('clusterIP', ip))
      .replace(/\b(10\.244\.\d+\.\d+|192\.168\.192\.168)\b/g, (ip) => this.#name('podIP', ip))
      .replace(
        /(?<=[nN]odePort"?: *|[:\s])(?<=[nN]odePort"?: *|.)3[0-2]\d{3}(?=\/(TCP|UDP|SCTP)|(?<=[nN]odePort"?: *\d{5})(?!\d))/g,
        (port) => (Number(port) >= 30000 && Number(port) <= 32767 ? this.#name('nodePort', port) : port),
      )
      .replace(
        // Hundreds of m are milli-CPUs, not minutes.
        /(?<=^|\s{2}|\()(\d+[shdy]|\d{1,2}m)(\d+[smhd])?(?=$|\s{2}| ago\)| \(x\d+ over)/gm,
        '<age>',
      )
      .replace(/\(x\d+ over \d+[smhdy](\d+[smhd])?\)/g, '(xN over <age>)')
      .replace(/ {2,}/g, '  ');
  }

  /** Hashes and random endings in the order in which they stand in the text. */
  #generated(text: string): string {
    const parts = [
      ...[...this.#hashes].map(escape),
      ...[...this.#randoms.keys()].map((random) => `(?<=-)${escape(random)}`),
      '(?<=-)(?=[a-z]*\\d)[2456789bcdfghkmt]{10}',
      `(?<=kube-api-access-)${RANDOM}`,
      // Pods that were refused, of which only messages tell.
      ...[...this.#hashes].map((hash) => `(?<=-${escape(hash)}-)${RANDOM}`),
    ];
    return text.replace(
      new RegExp(`(?<![A-Za-z0-9])(${parts.join('|')})(?![A-Za-z0-9])`, 'g'),
      (found, _, offset: number) => {
        const before = text.slice(0, offset);
        const generated = before.endsWith('kube-api-access-') || this.#hashes.has(/([^-]+)-$/.exec(before)?.[1] ?? '');
        if (generated && found.length === 5) return this.#name('rand', found);
        if ([...(this.#randoms.get(found) ?? [])].some((prefix) => before.endsWith(prefix)))
          return this.#name('rand', found);
        return this.#hashes.has(found) || found.length === 10 ? this.#name('hash', found) : found;
      },
    );
  }
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The recording's own text in the same form. */
export const recorded = (text: string): string => text.replace(/ {2,}/g, '  ');
