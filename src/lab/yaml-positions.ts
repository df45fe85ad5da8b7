import {
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  getScalarValue,
  parseEvents,
} from 'js-yaml';

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One node of a YAML document with the offset where a reader would look for it: its key, or the value of an item. */
export interface YamlNode {
  readonly offset: number;
  /** The decoded text of a scalar. */
  readonly scalar?: string;
  /** Fields by name, items by index. */
  readonly children: ReadonlyMap<string | number, YamlNode>;
}

export const positionAt = (text: string, offset: number): Position => {
  const before = text.slice(0, Math.max(0, offset));
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - lineStart + 1 };
};

/** The documents of a YAML text as trees of positions. Throws js-yaml's YAMLException when it does not parse. */
export function yamlDocuments(text: string): YamlNode[] {
  const events = parseEvents(text, {});
  let next = 0;

  const node = (keyOffset: number | undefined): YamlNode => {
    const event = events[next++]!;
    const children = new Map<string | number, YamlNode>();
    if (event.type === EVENT_SCALAR) {
      return { offset: keyOffset ?? event.valueStart, scalar: getScalarValue(text, event), children };
    }
    if (event.type === EVENT_ALIAS) return { offset: keyOffset ?? event.anchorStart, children };
    if (event.type === EVENT_SEQUENCE) {
      for (let i = 0; events[next]!.type !== EVENT_POP; i++) children.set(i, node(undefined));
      next++;
      return { offset: keyOffset ?? event.start, children };
    }
    if (event.type === EVENT_MAPPING) {
      while (events[next]!.type !== EVENT_POP) {
        const key = node(undefined);
        children.set(key.scalar ?? '', node(key.offset));
      }
      next++;
      return { offset: keyOffset ?? event.start, children };
    }
    throw new Error(`js-yaml gave event ${event.type} where a value was due`);
  };

  const documents: YamlNode[] = [];
  while (next < events.length) {
    const event = events[next++]!;
    if (event.type !== EVENT_DOCUMENT) continue;
    if (events[next]?.type === EVENT_POP) documents.push({ offset: 0, children: new Map() });
    else documents.push(node(undefined));
  }
  return documents;
}

/** The deepest node on the way along `path`: what is missing is reported where it would belong. */
export function deepest(root: YamlNode, path: readonly (string | number)[]): YamlNode {
  let at = root;
  for (const part of path) {
    const child = at.children.get(part) ?? (typeof part === 'number' ? undefined : at.children.get(Number(part)));
    if (!child) break;
    at = child;
  }
  return at;
}

/**
 * The parts of a field path as the API writes it: `spec.template.spec.containers[0].image`,
 * `metadata.labels[app.kubernetes.io/name]`, `spec.containers{web}`.
 */
export function fieldPath(path: string): (string | number)[] {
  const parts: (string | number)[] = [];
  for (const match of path.matchAll(/\[([^\]]*)\]|\{([^}]*)\}|([^.[\]{}]+)/g)) {
    const inner = match[1] ?? match[2] ?? match[3]!;
    const bare = inner.replace(/^"(.*)"$/, '$1');
    parts.push(match[1] !== undefined && /^\d+$/.test(inner) ? Number(inner) : bare);
  }
  return parts;
}
