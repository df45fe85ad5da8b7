/**
 * A set of field paths, in the form that metadata.managedFields shows (FieldsV1): a tree whose keys are path elements,
 * `f:spec` for fields, `k:{"name":"app"}` for items of a list that is a map, `v:"a"` for items of a list that is a set.
 * A leaf is a member; an inner node is one when it holds `.`. Sets are never changed, and share what is alike.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** Of a whole set: nothing. Of a node within one: a member without members below it. */
export const EMPTY: FieldSet = Object.freeze({});

const SELF = '.';

const hasKeys = (node: FieldSet): boolean => {
  for (const _ in node) return true;
  return false;
};

export const isEmpty = (set: FieldSet): boolean => !hasKeys(set);

/** Whether the node itself is in the set, as opposed to only what lies below it. */
const isMember = (node: FieldSet): boolean => SELF in node || !hasKeys(node);

/** A node from its parts; undefined when there is nothing to say. */
export function fieldNode(member: boolean, children: FieldSet | undefined): FieldSet | undefined {
  if (!children || isEmpty(children)) return member ? EMPTY : undefined;
  return member ? { [SELF]: EMPTY, ...children } : children;
}

type Combine = (a: FieldSet | undefined, b: FieldSet | undefined) => FieldSet | undefined;

/** Combines two nodes: whether it is a member, and its children, each by a rule. Returns `a` where that is what comes of it. */
function combine(a: FieldSet, b: FieldSet, member: boolean, child: Combine): FieldSet | undefined {
  const children: Record<string, FieldSet> = {};
  let same = member === isMember(a);
  for (const key in a) {
    if (key === SELF) continue;
    const node = child(a[key], b[key]);
    if (node) children[key] = node;
    if (node !== a[key]) same = false;
  }
  for (const key in b) {
    if (key === SELF || key in a) continue;
    const node = child(undefined, b[key]);
    if (!node) continue;
    children[key] = node;
    same = false;
  }
  return same ? a : fieldNode(member, children);
}

const unionOf: Combine = (a, b) => {
  if (!a) return b;
  if (!b || a === b) return a;
  return combine(a, b, isMember(a) || isMember(b), unionOf);
};

const differenceOf: Combine = (a, b) => {
  if (!a || !b) return a;
  return combine(a, b, isMember(a) && !isMember(b), differenceOf);
};

const intersectionOf: Combine = (a, b) => {
  if (!a || !b) return undefined;
  return combine(a, b, isMember(a) && isMember(b), intersectionOf);
};

/** What is in either set. */
export const union = (a: FieldSet, b: FieldSet): FieldSet =>
  isEmpty(a) ? b : isEmpty(b) ? a : (combine(a, b, false, unionOf) ?? EMPTY);

/** What is in `a` and not in `b`; members below a member of `b` stay. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet =>
  isEmpty(a) || isEmpty(b) ? a : (combine(a, b, false, differenceOf) ?? EMPTY);

/** What is in both. */
export const intersection = (a: FieldSet, b: FieldSet): FieldSet =>
  isEmpty(a) || isEmpty(b) ? EMPTY : (combine(a, b, false, intersectionOf) ?? EMPTY);

/** What lies below one path element, and whether the element itself is in the set. */
export function below(set: FieldSet, element: string): { readonly member: boolean; readonly rest: FieldSet } {
  const node = set[element];
  return node ? { member: isMember(node), rest: node } : { member: false, rest: EMPTY };
}

/** The set with the fields of structs around each member as members too; `isField` knows which elements are such. */
export function withNamedFields(set: FieldSet, isField: (path: readonly string[]) => boolean): FieldSet {
  const walk = (node: FieldSet, path: string[]): FieldSet => {
    const out: Record<string, FieldSet> = {};
    for (const key in node) {
      if (key === SELF) {
        out[key] = EMPTY;
        continue;
      }
      const child = node[key]!;
      path.push(key);
      const inner = walk(child, path);
      out[key] = hasKeys(child) && !(SELF in child) && isField(path) ? { [SELF]: EMPTY, ...inner } : inner;
      path.pop();
    }
    return out;
  };
  return walk(set, []);
}

/** The paths of all members, in order. */
export function pathsOf(set: FieldSet): string[][] {
  const paths: string[][] = [];
  const walk = (node: FieldSet, path: readonly string[]): void => {
    for (const key of Object.keys(node).sort()) {
      if (key === SELF) continue;
      const child = node[key]!;
      const here = [...path, key];
      if (isMember(child)) paths.push(here);
      walk(child, here);
    }
  };
  walk(set, []);
  return paths;
}

/** The set with its elements in the order in which the real server writes them. */
export function sorted(set: FieldSet): FieldSet {
  const keys = Object.keys(set).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(set[key]!)]));
}

/** `.spec.containers[name="app"].args`: a path as conflicts and errors name it. */
export const pathText = (path: readonly string[]): string => path.map(elementText).join('');

function elementText(element: string): string {
  const value = element.slice(2);
  if (element.startsWith('f:')) return `.${value}`;
  if (element.startsWith('v:')) return `[=${value}]`;
  if (element.startsWith('i:')) return `[${value}]`;
  const keys = Object.entries(JSON.parse(value) as Record<string, unknown>);
  return `[${keys.map(([key, item]) => `${key}=${JSON.stringify(item)}`).join(',')}]`;
}
