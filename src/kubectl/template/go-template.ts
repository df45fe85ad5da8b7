import { goQuote } from '../go-format.ts';
import { goNumber, goValue } from '../../api/go-text.ts';
import { isObject, sortedKeys } from '../value.ts';

/** The data does not fit the template; `written` is what came out before that was found. */
export class TemplateError extends Error {
  readonly written: string;

  constructor(message: string, written: string) {
    super(message);
    this.written = written;
  }
}

export interface GoTemplateOptions {
  /** What a map does not have is `<no value>` (missingkey=default) instead of an error. */
  readonly allowMissingKeys: boolean;
}

/**
 * The part of Go's text/template that `-o go-template` is used with, and kubectl's functions. Throws when the text is no
 * template; what it returns fills the template in, and throws TemplateError when the data does not fit it.
 */
export const compileGoTemplate = (
  source: string,
  { allowMissingKeys }: GoTemplateOptions = { allowMissingKeys: true },
): ((data: unknown) => string) => {
  const [nodes] = parseBlock(tokenize(source), 0, []);
  return (data) => {
    let out = '';
    const scope = { variables: [new Map([['$', data]])], allowMissingKeys };
    try {
      render(nodes, data, scope, (text) => void (out += text));
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      const before = source.slice(0, error.at);
      const place = `output:${before.split('\n').length}:${error.at - (before.lastIndexOf('\n') + 1)}`;
      throw new TemplateError(`template: ${place}: executing "output" at <${error.node}>: ${error.message}`, out);
    }
    return out;
  };
};

/** What is wrong with the data at a node of the template, which starts at a place in its source. */
class Misfit extends Error {
  readonly node: string;
  readonly at: number;

  constructor(message: string, { text, at }: Place) {
    super(message);
    this.node = text;
    this.at = at;
  }
}

/** A node as it is written, and where. */
interface Place {
  readonly text: string;
  readonly at: number;
}

type Token = { readonly text: string; readonly action: boolean; readonly at: number };
type Expression = readonly (readonly Operand[])[];
type Operand = { readonly place: Place } & (
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'path'; readonly base: '.' | string; readonly fields: readonly string[] }
  | { readonly type: 'call'; readonly name: string }
  | { readonly type: 'group'; readonly expression: Expression; readonly fields: readonly string[] }
);
type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'break' }
  | { readonly type: 'continue' }
  | {
      readonly type: 'print';
      readonly variables: readonly string[];
      readonly assign: boolean;
      readonly expression: Expression;
    }
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly variables: readonly string[];
      readonly expression: Expression;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };
interface Scope {
  readonly variables: Map<string, unknown>[];
  readonly allowMissingKeys: boolean;
}

const tokenize = (source: string): Token[] => {
  const tokens: Token[] = [];
  const pattern = /\{\{(-\s)?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|'[^']*'|(?!\}\})[\s\S])*?)(\s-)?\}\}/g;
  let last = 0;
  let trimNext = false;
  for (const found of source.matchAll(pattern)) {
    let text = source.slice(last, found.index);
    if (trimNext) text = text.trimStart();
    if (found[1]) text = text.trimEnd();
    if (text) tokens.push({ text, action: false, at: last });
    const inner = found[2]!;
    const at = found.index + 2 + (found[1]?.length ?? 0) + (inner.length - inner.trimStart().length);
    if (!/^\s*\/\*[\s\S]*\*\/\s*$/.test(inner)) tokens.push({ text: inner.trim(), action: true, at });
    trimNext = found[3] !== undefined;
    last = found.index + found[0].length;
  }
  const rest = source.slice(last);
  if (rest.includes('{{')) throw new Error('unclosed action');
  if (rest) tokens.push({ text: trimNext ? rest.trimStart() : rest, action: false, at: last });
  return tokens;
};

const parseBlock = (tokens: readonly Token[], start: number, until: readonly string[]): [Node[], number, string] => {
  const nodes: Node[] = [];
  let i = start;
  while (i < tokens.length) {
    const { text, action, at } = tokens[i++]!;
    if (!action) {
      nodes.push({ type: 'text', text });
      continue;
    }
    const keyword = /^(if|with|range|else|end)\b/.exec(text)?.[1];
    if (keyword && until.includes(keyword)) return [nodes, i, text];
    if (keyword === 'if' || keyword === 'with' || keyword === 'range') {
      const { node, next } = parseControl(tokens, i, keyword, text.slice(keyword.length), at + keyword.length);
      nodes.push(node);
      i = next;
    } else if (keyword) throw new Error(`unexpected {{${keyword}}}`);
    else if (text === 'break' || text === 'continue') nodes.push({ type: text });
    else nodes.push({ type: 'print', ...parsePipeline(text, at) });
  }
  if (until.length > 0) throw new Error('unexpected EOF');
  return [nodes, i, ''];
};

const parseControl = (
  tokens: readonly Token[],
  start: number,
  type: 'if' | 'with' | 'range',
  source: string,
  at: number,
): { node: Node; next: number } => {
  const lead = source.length - source.trimStart().length;
  if (source.trim() === '') throw new Error(`missing value for ${type}`);
  const { variables, expression } = parsePipeline(source.trim(), at + lead);
  const [body, afterBody, ended] = parseBlock(tokens, start, ['else', 'end']);
  let otherwise: Node[] = [];
  let next = afterBody;
  const chained = /^else\s+(if|with)\b(.*)$/s.exec(ended);
  if (chained) {
    const { at: elseAt } = tokens[next - 1]!;
    const rest = elseAt + ended.length - chained[2]!.length;
    const inner = parseControl(tokens, next, chained[1] as 'if' | 'with', chained[2]!, rest);
    otherwise = [inner.node];
    next = inner.next;
  } else if (ended.startsWith('else')) [otherwise, next] = parseBlock(tokens, next, ['end']);
  return { node: { type, variables, expression, body, otherwise }, next };
};

const parsePipeline = (
  source: string,
  at: number,
): { variables: string[]; assign: boolean; expression: Expression } => {
  const declared = /^(\$\w*(?:\s*,\s*\$\w*)?)\s*(:?=)\s*/.exec(source);
  const variables = declared ? declared[1]!.split(',').map((name) => name.trim()) : [];
  return {
    variables,
    assign: declared?.[2] === '=',
    expression: declared
      ? parseExpression(source.slice(declared[0].length), at + declared[0].length)
      : parseExpression(source, at),
  };
};

const words = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)'|\(|\)|\||[^\s()|"`']+)/y;

const parseExpression = (source: string, at: number): Expression => {
  const tokens: string[] = [];
  const starts: number[] = [];
  words.lastIndex = 0;
  for (let found = words.exec(source); found; found = words.exec(source)) {
    tokens.push(found[1]!);
    starts.push(at + words.lastIndex - found[1]!.length);
  }
  let i = 0;
  const pipeline = (): Operand[][] => {
    const commands: Operand[][] = [[]];
    while (i < tokens.length && tokens[i] !== ')') {
      const start = starts[i]!;
      const token = tokens[i++]!;
      if (token === '|') commands.push([]);
      else if (token === '(') {
        const from = i - 1;
        const expression = pipeline();
        i++;
        const fields = tokens[i]?.startsWith('.') ? tokens[i++]!.slice(1).split('.') : [];
        const text = tokens.slice(from, i).join('');
        commands.at(-1)!.push({ type: 'group', expression, fields, place: { text, at: start } });
      } else commands.at(-1)!.push(operand(token, start));
    }
    return commands;
  };
  return pipeline();
};

const operand = (token: string, start: number): Operand => {
  // Go takes a chain of fields to begin at its second one.
  const second = token.indexOf('.', 1);
  const place = { text: token, at: second > 0 && /^[.$]/.test(token) ? start + second : start };
  if (token.startsWith('"')) return { type: 'literal', value: JSON.parse(token) as string, place };
  if (token.startsWith('`')) return { type: 'literal', value: token.slice(1, -1), place };
  if (token.startsWith("'")) return { type: 'literal', value: token.charCodeAt(1), place };
  if (/^[-+]?[\d.]+$/.test(token) && token !== '.') return { type: 'literal', value: Number(token), place };
  if (token === 'true' || token === 'false') return { type: 'literal', value: token === 'true', place };
  if (token === 'nil') return { type: 'literal', value: null, place };
  if (token.startsWith('.')) return { type: 'path', base: '.', fields: token.split('.').filter(Boolean), place };
  if (token.startsWith('$')) {
    const [base, ...fields] = token.split('.');
    return { type: 'path', base: base!, fields, place };
  }
  if (!Object.hasOwn(functions, token)) throw new Error(`function ${goQuote(token)} not defined`);
  return { type: 'call', name: token, place };
};

const truthy = (value: unknown): boolean => {
  if (Array.isArray(value) || typeof value === 'string') return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
};

/** Ends a pass through a range, or all of them. */
class Leave extends Error {
  readonly all: boolean;

  constructor(all: boolean) {
    super('outside of a range');
    this.all = all;
  }
}

const render = (nodes: readonly Node[], dot: unknown, scope: Scope, emit: (text: string) => void): void => {
  for (const node of nodes) {
    if (node.type === 'text') emit(node.text);
    else if (node.type === 'break' || node.type === 'continue') throw new Leave(node.type === 'break');
    else if (node.type !== 'print') renderControl(node, dot, scope, emit);
    else {
      const value = evaluate(node.expression, dot, scope);
      if (node.variables.length === 0) emit(printed(value));
      else if (node.assign)
        scope.variables.findLast((frame) => frame.has(node.variables[0]!))?.set(node.variables[0]!, value);
      else scope.variables.at(-1)!.set(node.variables[0]!, value);
    }
  }
};

const renderControl = (
  node: Extract<Node, { type: 'if' | 'with' | 'range' }>,
  dot: unknown,
  scope: Scope,
  emit: (text: string) => void,
): void => {
  const value = evaluate(node.expression, dot, scope);
  const inside = (body: readonly Node[], next: unknown, frame: Map<string, unknown>): void => {
    scope.variables.push(frame);
    render(body, next, scope, emit);
    scope.variables.pop();
  };
  const named = node.variables.at(-1);
  if (node.type !== 'range') {
    const frame = new Map(named ? [[named, value]] : []);
    if (truthy(value)) inside(node.body, node.type === 'with' ? value : dot, frame);
    else inside(node.otherwise, dot, frame);
    return;
  }
  const entries: [unknown, unknown][] = Array.isArray(value)
    ? value.map((item, i) => [i, item])
    : isObject(value)
      ? sortedKeys(value).map((key) => [key, value[key]])
      : [];
  if (value !== null && value !== undefined && !Array.isArray(value) && !isObject(value))
    throw new Misfit(`range can't iterate over ${goValue(value)}`, node.expression[0]![0]!.place);
  if (entries.length === 0) return inside(node.otherwise, dot, new Map());
  for (const [key, item] of entries) {
    const frame = new Map<string, unknown>(named ? [[named, item]] : []);
    if (node.variables.length === 2) frame.set(node.variables[0]!, key);
    const depth = scope.variables.length;
    try {
      inside(node.body, item, frame);
    } catch (error) {
      if (!(error instanceof Leave)) throw error;
      scope.variables.length = depth;
      if (error.all) return;
    }
  }
};

const printed = (value: unknown): string => (value === undefined || value === null ? '<no value>' : goValue(value));

const evaluate = (expression: Expression, dot: unknown, scope: Scope): unknown => {
  let piped: unknown[] = [];
  for (const command of expression) {
    const [head, ...rest] = command;
    if (!head) throw new Error('missing value for command');
    if (head.type === 'call') {
      const found = functions[head.name] as (...args: unknown[]) => unknown;
      const args = [...rest.map((each) => valueOf(each, dot, scope)), ...piped];
      try {
        piped = [found(...args)];
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        const text = command.map(({ place }) => place.text).join(' ');
        throw new Misfit(`error calling ${head.name}: ${error.message}`, { text, at: head.place.at });
      }
    } else piped = [valueOf(head, dot, scope)];
  }
  return piped[0];
};

const valueOf = (each: Operand, dot: unknown, scope: Scope): unknown => {
  switch (each.type) {
    case 'literal':
      return each.value;
    case 'call':
      return evaluate([[each]], dot, scope);
    case 'group':
      return fieldsOf(evaluate(each.expression, dot, scope), each.fields, each.place, scope);
    case 'path': {
      if (each.base === '.') return fieldsOf(dot, each.fields, each.place, scope);
      const frame = scope.variables.findLast((candidate) => candidate.has(each.base));
      if (!frame) throw new Error(`undefined variable ${goQuote(each.base)}`);
      return fieldsOf(frame.get(each.base), each.fields, each.place, scope);
    }
  }
};

const fieldsOf = (value: unknown, fields: readonly string[], place: Place, { allowMissingKeys }: Scope): unknown => {
  let current = value;
  for (const field of fields) {
    // Of what a map does not have there is nothing either; of nil there is.
    if (current === undefined && current !== value) return undefined;
    if (current === null || current === undefined)
      throw new Misfit(`nil pointer evaluating interface {}.${field}`, place);
    if (!isObject(current)) throw new Misfit(`can't evaluate field ${field} in type interface {}`, place);
    if (!allowMissingKeys && !Object.hasOwn(current, field))
      throw new Misfit(`map has no entry for key ${goQuote(field)}`, place);
    current = current[field];
  }
  return current;
};

const compare = (a: unknown, b: unknown): number =>
  (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;

/** A function does not take what it was called with. */
class CallError extends Error {}

const typeOf = (value: unknown): string =>
  typeof value === 'number' ? (Number.isInteger(value) ? 'int' : 'float64') : typeof value;

const indexed = (value: unknown, ...keys: (string | number)[]): unknown => {
  let current = value;
  for (const key of keys) {
    if (current === null || current === undefined) throw new CallError('index of nil pointer');
    if (isObject(current) && typeof key !== 'string')
      throw new CallError(`value has type ${typeOf(key)}; should be string`);
    if (Array.isArray(current) && (typeof key !== 'number' || key < 0 || key >= current.length))
      throw new CallError(
        typeof key === 'number' ? `index out of range: ${key}` : `cannot index slice/array with type ${typeOf(key)}`,
      );
    if (typeof current !== 'object') throw new CallError(`can't index item of type ${typeOf(current)}`);
    current = (current as Record<string, unknown>)[key];
  }
  return current;
};

const lengthOf = (value: unknown): number => {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  if (value === undefined || value === null) throw new CallError('reflect: call of reflect.Value.Type on zero Value');
  throw new CallError(`len of type ${typeOf(value)}`);
};

const equalToAny = (first: unknown, ...others: unknown[]): boolean =>
  others.some((other) => {
    const comparable = first === undefined || first === null || other === undefined || other === null;
    if (!comparable && typeof first !== typeof other)
      throw new CallError(`incompatible types for comparison: ${typeOf(first)} and ${typeOf(other)}`);
    return other === first;
  });

/** Go's fmt.Sprint: spaces between operands where neither is a string. */
const sprint = (args: readonly unknown[]): string =>
  args
    .map((arg, i) =>
      i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string' ? ` ${goValue(arg)}` : goValue(arg),
    )
    .join('');

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&#34;', "'": '&#39;' };

const functions: Record<string, (...args: never[]) => unknown> = {
  and: (...args: unknown[]) => args.find((value) => !truthy(value)) ?? args.at(-1),
  or: (...args: unknown[]) => args.find(truthy) ?? args.at(-1),
  not: (value: unknown) => !truthy(value),
  len: lengthOf,
  index: indexed,
  slice: (value: string | unknown[], from = 0, to?: number) => value.slice(from, to),
  eq: equalToAny,
  ne: (a: unknown, b: unknown) => !equalToAny(a, b),
  lt: (a: unknown, b: unknown) => compare(a, b) < 0,
  le: (a: unknown, b: unknown) => compare(a, b) <= 0,
  gt: (a: unknown, b: unknown) => compare(a, b) > 0,
  ge: (a: unknown, b: unknown) => compare(a, b) >= 0,
  print: (...args: unknown[]) => sprint(args),
  println: (...args: unknown[]) => `${args.map(goValue).join(' ')}\n`,
  printf: (format: string, ...args: unknown[]) => formatted(format, args),
  urlquery: (...args: unknown[]) => encodeURIComponent(args.map(goValue).join('')).replaceAll('%20', '+'),
  html: (...args: unknown[]) =>
    args
      .map(goValue)
      .join('')
      .replace(/[<>&"']/g, (c) => HTML[c]!),
  js: (...args: unknown[]) =>
    args
      .map(goValue)
      .join('')
      .replace(/[\\'"]/g, (c) => `\\${c}`),
  exists: (value: unknown, ...keys: (string | number)[]) =>
    keys.reduce<unknown>((current, key) => (current as Record<string, unknown> | undefined)?.[key], value) !==
    undefined,
  base64decode: (value: string) => new TextDecoder().decode(Uint8Array.from(atob(value), (c) => c.charCodeAt(0))),
};

const formatted = (format: string, args: readonly unknown[]): string => {
  let next = 0;
  return format.replace(/%([-0]?)(\d*)([vsdqtfx%])/g, (_, flag: string, width: string, verb: string) => {
    if (verb === '%') return '%';
    const value = args[next++];
    const text =
      verb === 'q'
        ? goQuote(String(value))
        : verb === 'd'
          ? goNumber(Number(value))
          : verb === 'f'
            ? Number(value).toFixed(6)
            : goValue(value);
    return flag === '-' ? text.padEnd(Number(width)) : text.padStart(Number(width), flag === '0' ? '0' : ' ');
  });
};
