/** JSON Patch (RFC 6902), with the leniencies of the library that Kubernetes uses (evanphx/json-patch). */
import { equal, own } from '../draft.ts';

/** A patch that cannot be applied to this document. */
export class PatchError extends Error {}

interface Operation {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly from?: unknown;
  readonly value?: unknown;
}

type Container = Record<string, unknown> | unknown[];

const decodeToken = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');

/** The tokens of a pointer. What comes before the first slash does not count: "data/a" names the root's "a". */
function tokens(pointer: unknown, what: string): string[] {
  const path = typeof pointer === 'string' ? pointer.split('/').slice(1).map(decodeToken) : [];
  if (path.length === 0) throw new PatchError(`${what} operation does not apply: doc is missing path`);
  return path;
}

function arrayIndex(list: readonly unknown[], token: string, insert: boolean): number {
  if (insert && token === '-') return list.length;
  if (!/^-?\d+$/.test(token)) throw new PatchError(`invalid array index ${token}`);
  const index = Number(token);
  const size = list.length + (insert ? 1 : 0);
  const at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) throw new PatchError(`Unable to access invalid index: ${index}`);
  return at;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

const child = (container: Container, token: string): unknown =>
  Array.isArray(container) ? container[arrayIndex(container, token, false)] : own(container, token);

/** Copies the containers along a path, changes the last one, and leaves everything else shared. */
function changeAt(
  document: unknown,
  path: readonly string[],
  what: string,
  change: (container: Container, token: string) => void,
  depth = 0,
): unknown {
  if (!isContainer(document))
    throw new PatchError(`${what} operation does not apply: doc is missing path: ${path.join('/')}`);
  const copy: Container = Array.isArray(document) ? document.slice() : { ...document };
  const token = path[depth]!;
  if (depth === path.length - 1) {
    change(copy, token);
  } else {
    const changed = changeAt(child(copy, token), path, what, change, depth + 1);
    if (Array.isArray(copy)) copy[arrayIndex(copy, token, false)] = changed;
    else copy[token] = changed;
  }
  return copy;
}

function valueAt(document: unknown, path: readonly string[], what: string): unknown {
  let value = document;
  for (const token of path) {
    if (!isContainer(value)) throw new PatchError(`${what} operation does not apply: doc is missing path`);
    value = child(value, token);
  }
  return value;
}

function add(container: Container, token: string, value: unknown): void {
  if (Array.isArray(container)) container.splice(arrayIndex(container, token, true), 0, value);
  else container[token] = value;
}

function replace(container: Container, token: string, value: unknown): void {
  // Replacing a member that an object does not have adds it.
  if (Array.isArray(container)) container[arrayIndex(container, token, false)] = value;
  else container[token] = value;
}

function remove(container: Container, token: string): void {
  if (Array.isArray(container)) container.splice(arrayIndex(container, token, false), 1);
  else if (!Object.hasOwn(container, token)) throw new PatchError(`Unable to remove nonexistent key: ${token}`);
  else delete container[token];
}

function apply(document: unknown, operation: Operation): unknown {
  const what = String(operation.op);
  const at = (): string[] => tokens(operation.path, what);
  switch (operation.op) {
    case 'add':
      return changeAt(document, at(), what, (container, token) => add(container, token, operation.value));
    case 'replace':
      return changeAt(document, at(), what, (container, token) => replace(container, token, operation.value));
    case 'remove':
      return changeAt(document, at(), what, remove);
    case 'move':
    case 'copy': {
      const from = tokens(operation.from, what);
      const value = valueAt(document, from, what);
      if (value === undefined)
        throw new PatchError(`${what} operation does not apply: missing value at ${String(operation.from)}`);
      const without = operation.op === 'move' ? changeAt(document, from, what, remove) : document;
      return changeAt(without, at(), what, (container, token) => add(container, token, value));
    }
    case 'test': {
      const path = at();
      let value: unknown;
      try {
        value = valueAt(document, path, what);
      } catch (error) {
        if (!(error instanceof PatchError)) throw error;
      }
      if (!equal(value ?? null, operation.value ?? null))
        throw new PatchError(`testing value ${String(operation.path)} failed: test failed`);
      return document;
    }
    default:
      throw new PatchError(`Unexpected kind: ${what}`);
  }
}

/** Applies the operations in order. The document is not changed; the result shares what stayed. */
export function applyJsonPatch(document: unknown, operations: readonly unknown[]): unknown {
  return operations.reduce<unknown>((result, operation) => apply(result, operation as Operation), document);
}
