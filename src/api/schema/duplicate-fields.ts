/** A field of a JSON text: where it is in the object (`spec.replicas`), and where its name begins in the text. */
export interface FieldPlace {
  readonly path: string;
  readonly key: string;
  /** Whether its object had it before. */
  readonly again: boolean;
  readonly index: number;
}

/**
 * The paths of fields that a JSON text has more than once (`spec.replicas`), in document order. JSON.parse keeps
 * the last of them silently. The text must be valid JSON.
 */
export function duplicateFields(text: string): string[] {
  const duplicates: string[] = [];
  visitFields(text, ({ path, again }) => {
    if (again) duplicates.push(path);
  });
  return duplicates;
}

/** Where in the text a field is met that is unknown, or one that is there again: Go complains in this order. */
export function problemPlaces(text: string): (path: string, again: boolean) => number {
  const first = new Map<string, number>();
  const second = new Map<string, number>();
  visitFields(text, ({ path, again, index }) => {
    const places = again ? second : first;
    if (!places.has(path)) places.set(path, index);
  });
  return (path, again) => (again ? second : first).get(path) ?? text.length;
}

/** Visits the fields of a JSON text in document order. The text must be valid JSON. */
export function visitFields(text: string, visit: (field: FieldPlace) => void): void {
  let i = 0;

  const string = (): string => {
    const start = i++;
    while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
    i++;
    return text.slice(start, i);
  };
  const blank = (): void => {
    while (i < text.length && ' \t\r\n'.includes(text[i]!)) i++;
  };
  const value = (path: string): void => {
    blank();
    const c = text[i];
    if (c === '{') {
      i++;
      const seen = new Set<string>();
      for (blank(); text[i] !== '}'; blank()) {
        if (text[i] === ',') i++;
        blank();
        const index = i;
        const key = JSON.parse(string()) as string;
        const field = path === '' ? key : `${path}.${key}`;
        visit({ path: field, key, again: seen.has(key), index });
        seen.add(key);
        blank();
        i++;
        value(field);
      }
      i++;
    } else if (c === '[') {
      i++;
      let index = 0;
      for (blank(); text[i] !== ']'; blank()) {
        if (text[i] === ',') i++;
        value(`${path}[${index++}]`);
      }
      i++;
    } else if (c === '"') {
      string();
    } else {
      while (i < text.length && !' \t\r\n,]}'.includes(text[i]!)) i++;
    }
  };
  value('');
}
