import { goJson, goValue } from '../go-text.ts';
import { parseJsonPath, type ListNode, type Node } from './parse.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface JsonPathOptions {
  readonly allowMissingKeys?: boolean;
}

/** A parsed template, ready to be evaluated against objects. */
export class JsonPath {
  readonly #root: ListNode;
  readonly #allowMissing: boolean;

  /** Throws an Error with kubectl's words when the template does not parse. */
  constructor(template: string, options: JsonPathOptions = {}) {
    this.#root = parseJsonPath(template);
    this.#allowMissing = options.allowMissingKeys ?? false;
  }

  /** One list of values for each action or text of the template, ranges unrolled. */
  find(data: unknown): unknown[][] {
    const results: unknown[][] = [];
    new Evaluation(this.#allowMissing).run(this.#root.nodes, 0, data, 0, results);
    return results;
  }

  /** The template filled in. */
  execute(data: unknown): string {
    return this.find(data)
      .map((results) => results.map(resultText).join(' '))
      .join('');
  }

  /** `-o jsonpath-as-json`. */
  executeAsJson(data: unknown): string {
    return this.find(data)
      .map((results) => `${goJson(results, { indent: '    ' })}\n`)
      .join('');
  }
}

const resultText = (value: unknown): string => (typeof value === 'object' ? goJson(value) : goValue(value));

class Evaluation {
  readonly #allowMissing: boolean;

  constructor(allowMissing: boolean) {
    this.#allowMissing = allowMissing;
  }

  /** Evaluates nodes from `start` to the end of the range they are in (or the template); returns where they ended. */
  run(nodes: readonly Node[], start: number, data: unknown, ranges: number, into: unknown[][]): number {
    for (let i = start; i < nodes.length; i++) {
      const node = nodes[i]!;
      const keyword = node.type === 'list' ? node.nodes.find((each) => each.type === 'identifier')?.name : undefined;
      if (keyword === 'end') {
        if (ranges === 0) throw new Error('not in range, nothing to end');
        return i;
      }
      const results = this.#walk([data], node);
      if (keyword !== 'range') {
        into.push(results);
        continue;
      }
      let end = i;
      for (const value of results) end = this.run(nodes, i + 1, value, ranges + 1, into);
      if (results.length === 0) end = endOfRange(nodes, i + 1);
      i = end;
    }
    return nodes.length;
  }

  #walk(input: unknown[], node: Node): unknown[] {
    switch (node.type) {
      case 'list':
        return node.nodes.reduce((values, each) => this.#walk(values, each), input);
      case 'text':
        return [node.text];
      case 'constant':
        return input.map(() => node.value);
      case 'field':
        return this.#field(input, node.name);
      case 'array':
        return input.flatMap((value) => slice(value, node.params));
      case 'filter':
        return input.flatMap((value) => this.#filter(value, node));
      case 'wildcard':
        return input.flatMap(children);
      case 'recursive':
        return input.flatMap(descend);
      case 'union':
        return node.lists.flatMap((each) => this.#walk(input, each));
      case 'identifier':
        if (node.name !== 'range') throw new Error(`unrecognized identifier ${node.name}`);
        return input;
    }
  }

  #field(input: unknown[], name: string): unknown[] {
    if (input.length === 0) return [];
    const found: unknown[] = [];
    for (const value of input) if (isObject(value) && Object.hasOwn(value, name)) found.push(value[name]);
    if (found.length === 0 && !this.#allowMissing) throw new Error(`${name} is not found`);
    return found;
  }

  #filter(value: unknown, node: Extract<Node, { type: 'filter' }>): unknown[] {
    if (value === null || value === undefined) return [];
    if (!Array.isArray(value)) throw new Error(`${goValue(value)} is not array or slice and cannot be filtered`);
    return value.filter((item) => {
      let lefts: unknown[] = [];
      try {
        lefts = this.#walk([item], node.left);
      } catch (error) {
        if (node.operator !== 'exists') throw error;
      }
      if (node.operator === 'exists') return lefts.length > 0;
      if (lefts.length !== 1) {
        if (this.#allowMissing && lefts.length === 0) return false;
        throw new Error('can only compare one element at a time');
      }
      const rights = this.#walk([item], node.right);
      if (rights.length !== 1) throw new Error('can only compare one element at a time');
      return compare(lefts[0], rights[0], node.operator);
    });
  }
}

/** The index of the `end` that closes the range whose body starts here. */
const endOfRange = (nodes: readonly Node[], start: number): number => {
  let depth = 0;
  for (let i = start; i < nodes.length; i++) {
    const node = nodes[i]!;
    const keyword = node.type === 'list' ? node.nodes.find((each) => each.type === 'identifier')?.name : undefined;
    if (keyword === 'range') depth++;
    else if (keyword === 'end' && depth-- === 0) return i;
  }
  return nodes.length;
};

const typeName = (value: unknown): string =>
  isObject(value)
    ? 'map[string]interface {}'
    : typeof value === 'string'
      ? 'string'
      : typeof value === 'boolean'
        ? 'bool'
        : 'int64';

const slice = (value: unknown, params: Extract<Node, { type: 'array' }>['params']): unknown[] => {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new Error(`${typeName(value)} is not array or slice`);
  const { length } = value;
  let start = params[0].known ? params[0].value : 0;
  if (start < 0) start += length;
  let end = params[1].known ? params[1].value : length;
  if (end < 0 || (end === 0 && params[1].derived)) end += length;
  if (end !== start) {
    if (start >= length || start < 0) throw new Error(`array index out of bounds: index ${start}, length ${length}`);
    if (end > length) throw new Error(`array index out of bounds: index ${end - 1}, length ${length}`);
  }
  const taken = value.slice(start, end);
  return params[2].known && params[2].value > 1 ? taken.filter((_, i) => i % params[2].value === 0) : taken;
};

const children = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  return isObject(value)
    ? Object.keys(value)
        .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        .map((key) => value[key])
    : [];
};

const descend = (value: unknown): unknown[] => {
  const below = children(value);
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)];
};

const compare = (left: unknown, right: unknown, operator: string): boolean => {
  if (operator === '==' || operator === '!=') {
    if (typeof left !== typeof right) throw new Error('incompatible types for comparison');
    return (left === right) === (operator === '==');
  }
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string'))
    throw new Error('incompatible types for comparison');
  const l = left as number;
  const r = right as number;
  switch (operator) {
    case '<':
      return l < r;
    case '>':
      return l > r;
    case '<=':
      return l <= r;
    case '>=':
      return l >= r;
    default:
      throw new Error(`unrecognized filter operator ${operator}`);
  }
};

/** `metadata.name`, `.metadata.name`, `{metadata.name}` → `{.metadata.name}`. */
export const relaxedJsonPath = (expression: string): string => {
  if (expression === '') return expression;
  const found = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(expression);
  if (!found)
    throw new Error(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  return `{.${found[1] ?? found[2] ?? ''}}`;
};
