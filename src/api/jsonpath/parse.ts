import { GO_ESCAPES } from '../go-escapes.ts';

/** kubectl's JSONPath dialect: text with `{...}` actions, ranges, filters, unions, recursive descent. */
export type Node =
  | { readonly type: 'list'; readonly nodes: Node[] }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'array'; readonly params: readonly [Param, Param, Param] }
  | { readonly type: 'filter'; readonly left: ListNode; readonly right: ListNode; readonly operator: string }
  | { readonly type: 'constant'; readonly value: number | boolean }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' }
  | { readonly type: 'union'; readonly lists: readonly ListNode[] }
  | { readonly type: 'identifier'; readonly name: string };

export type ListNode = Extract<Node, { type: 'list' }>;

export interface Param {
  readonly known: boolean;
  readonly value: number;
  /** The end of `[n]`, which is n+1. */
  readonly derived?: boolean;
}

export const parseJsonPath = (template: string): ListNode => new Parser(template).parse();

const terminator = (c: string | undefined): boolean => c === undefined || ' \t\r\n.,[]$@{}'.includes(c);
const alphaNumeric = (c: string | undefined): boolean => c !== undefined && /[\p{L}\p{Nd}_]/u.test(c);

class Parser {
  readonly #input: string;
  readonly #root: ListNode = { type: 'list', nodes: [] };
  #pos = 0;

  constructor(input: string) {
    this.#input = input;
  }

  parse(): ListNode {
    while (this.#pos < this.#input.length) {
      const open = this.#input.indexOf('{', this.#pos);
      const end = open < 0 ? this.#input.length : open;
      if (end > this.#pos) this.#root.nodes.push({ type: 'text', text: this.#input.slice(this.#pos, end) });
      this.#pos = end;
      if (open < 0) break;
      this.#pos++;
      const action: ListNode = { type: 'list', nodes: [] };
      this.#root.nodes.push(action);
      this.#action(action);
    }
    return this.#root;
  }

  /** Parses up to and including the closing brace. */
  #action(current: ListNode): void {
    for (;;) {
      if (this.#input.startsWith('}', this.#pos)) {
        this.#pos++;
        return;
      }
      if (this.#input.startsWith('[?(', this.#pos)) this.#filter(current);
      else if (this.#input.startsWith('..', this.#pos)) this.#recursive(current);
      else this.#step(current);
    }
  }

  #step(current: ListNode): void {
    const c = this.#input[this.#pos];
    if (c === undefined || c === '\n' || c === '\r') throw new Error('unclosed action');
    if (c === ' ' || c === '@' || c === '$') this.#pos++;
    else if (c === '[') this.#array(current);
    else if (c === '"' || c === "'") this.#quote(current, c);
    else if (c === '.') {
      this.#pos++;
      this.#field(current);
    } else if (/[-+0-9]/.test(c)) this.#number(current);
    else if (alphaNumeric(c)) this.#identifier(current);
    else
      throw new Error(
        `unrecognized character in action: U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} '${c}'`,
      );
  }

  #identifier(current: ListNode): void {
    const start = this.#pos;
    while (!terminator(this.#input[this.#pos])) this.#pos++;
    const name = this.#input.slice(start, this.#pos);
    if (name === 'true' || name === 'false') current.nodes.push({ type: 'constant', value: name === 'true' });
    else current.nodes.push({ type: 'identifier', name });
  }

  #recursive(current: ListNode): void {
    if (current.nodes.at(-1)?.type === 'recursive') throw new Error('invalid multiple recursive descent');
    this.#pos += 2;
    current.nodes.push({ type: 'recursive' });
    if (alphaNumeric(this.#input[this.#pos])) this.#field(current);
  }

  #number(current: ListNode): void {
    const found = /^[-+]?[.0-9]*/.exec(this.#input.slice(this.#pos))![0];
    this.#pos += found.length;
    if (!/^[-+]?(\d+(\.\d*)?|\.\d+)$/.test(found)) throw new Error(`cannot parse number ${found}`);
    current.nodes.push({ type: 'constant', value: Number(found) });
  }

  #field(current: ListNode): void {
    const start = this.#pos;
    while (!terminator(this.#input[this.#pos])) this.#pos += this.#input[this.#pos] === '\\' ? 2 : 1;
    const value = this.#input.slice(start, this.#pos);
    current.nodes.push(value === '*' ? { type: 'wildcard' } : { type: 'field', name: value.replaceAll('\\', '') });
  }

  #quote(current: ListNode, quote: string): void {
    const start = this.#pos++;
    for (;;) {
      const c = this.#input[this.#pos++];
      if (c === undefined || c === '\n') throw new Error('unterminated quoted string');
      if (c === quote && this.#input[this.#pos - 2] !== '\\') break;
    }
    current.nodes.push({ type: 'text', text: unquote(this.#input.slice(start, this.#pos)) });
  }

  #array(current: ListNode): void {
    const end = /[\]\n]/.exec(this.#input.slice(this.#pos));
    if (!end || end[0] === '\n') throw new Error('unterminated array');
    let text = this.#input.slice(this.#pos + 1, this.#pos + end.index);
    this.#pos += end.index + 1;
    if (text === '*') text = ':';
    const parts = text.split(',');
    if (parts.length > 1) {
      current.nodes.push({ type: 'union', lists: parts.map((part) => actionOf(`[${part.replace(/^ +| +$/g, '')}]`)) });
      return;
    }
    const key = /^'([^']*)'$/.exec(text);
    if (key) {
      current.nodes.push(...actionOf(`.${key[1]!}`).nodes);
      return;
    }
    const slice = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
    if (!slice) throw new Error(`invalid array index ${text}`);
    const params: Param[] = [];
    for (let i = 0; i < 3; i++) {
      const given = slice[i + 1] ?? '';
      const digits = i > 0 ? given.slice(1) : given;
      if (given === '' && i === 1) params.push({ known: true, value: params[0]!.value + 1, derived: true });
      else if (digits === '') params.push({ known: false, value: 0 });
      else if (Number.isNaN(Number(digits))) throw new Error(`array index ${digits} is not a number`);
      else params.push({ known: true, value: Number(digits) });
    }
    current.nodes.push({ type: 'array', params: params as unknown as [Param, Param, Param] });
  }

  #filter(current: ListNode): void {
    this.#pos += 3;
    const start = this.#pos;
    let quote = '';
    let begun = false;
    let ended = false;
    for (;;) {
      const c = this.#input[this.#pos++];
      if (c === undefined || c === '\n') throw new Error('unterminated filter');
      if ((c === '"' || c === "'") && !begun) {
        begun = true;
        quote = c;
      } else if (c === quote && this.#input[this.#pos - 2] !== '\\') ended = true;
      else if (c === ')' && begun === ended) break;
    }
    if (this.#input[this.#pos++] !== ']') throw new Error('unclosed array expect ]');
    const text = this.#input.slice(start, this.#pos - 2);
    const compare = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text);
    current.nodes.push(
      compare
        ? { type: 'filter', left: actionOf(compare[1]!), right: actionOf(compare[3]!), operator: compare[2]! }
        : { type: 'filter', left: actionOf(text), right: { type: 'list', nodes: [] }, operator: 'exists' },
    );
  }
}

const actionOf = (text: string): ListNode => parseJsonPath(`{${text}}`).nodes[0] as ListNode;

const simple: Record<string, string> = {
  ...GO_ESCAPES,
  '\\': '\\',
  "'": "'",
  '"': '"',
};

const unquote = (quoted: string): string => {
  const body = quoted.slice(1, -1);
  return body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.|$)/g, (_, escape: string) => {
    if (escape.length > 2)
      return String.fromCodePoint(
        /^[xuU]/.test(escape) ? Number.parseInt(escape.slice(1), 16) : Number.parseInt(escape, 8),
      );
    const c = simple[escape];
    if (c === undefined) throw new Error(`unquote string ${quoted} error invalid syntax`);
    return c;
  });
};
