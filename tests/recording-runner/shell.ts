import {
  parse,
  type AndOr,
  type Command,
  type CompoundList,
  type PipelineNode,
  type Redirection,
  type Statement,
  type Word,
  type WordPart,
} from 'unbash';
import type { Folder } from './folder.ts';
import type { Program } from './programs.ts';

/** A command line that this shell, or its programs, cannot play. */
export class Unplayable extends Error {}

class Break extends Error {}

interface Io {
  readonly stdin: string;
  out(text: string): void;
  err(text: string): void;
}

interface Scope {
  readonly variables: Map<string, string>;
  readonly functions: Map<string, PipelineNode | CompoundList>;
  readonly args: readonly string[];
}

/** As much of bash as the recordings' command lines need; stages of a pipe run one after the other. */
export class Shell {
  readonly #programs: Readonly<Record<string, Program>>;
  readonly #folder: Folder;
  readonly #sleep: (ms: number) => void | Promise<void>;
  #code = 0;

  constructor(
    programs: Readonly<Record<string, Program>>,
    folder: Folder,
    sleep: (ms: number) => void | Promise<void>,
  ) {
    this.#programs = programs;
    this.#folder = folder;
    this.#sleep = sleep;
  }

  async run(
    source: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    let stdout = '';
    let stderr = '';
    const io: Io = { stdin: '', out: (text) => void (stdout += text), err: (text) => void (stderr += text) };
    const scope: Scope = { variables: new Map(Object.entries(variables)), functions: new Map(), args: [] };
    const code = await this.#source(source, scope, io);
    return { code, stdout, stderr };
  }

  #source(source: string, scope: Scope, io: Io): Promise<number> {
    const script = parse(source);
    if (script.errors?.length) throw new Unplayable(`syntax: ${script.errors[0]!.message}`);
    return this.#statements(script.commands, scope, io);
  }

  async #statements(statements: readonly Statement[], scope: Scope, io: Io): Promise<number> {
    let code = 0;
    for (const { command } of statements) this.#code = code = await this.#node(command, scope, io);
    return code;
  }

  async #node(node: PipelineNode | AndOr | CompoundList, scope: Scope, io: Io): Promise<number> {
    switch (node.type) {
      case 'Command':
        return this.#command(node, scope, io);
      case 'Pipeline': {
        let input = io.stdin;
        let code = 0;
        for (let i = 0; i < node.commands.length; i++) {
          let piped = '';
          const last = i === node.commands.length - 1;
          const both = node.operators[i] === '|&';
          const out = last ? io.out : (text: string) => void (piped += text);
          code = await this.#node(node.commands[i]!, scope, { stdin: input, out, err: both ? out : io.err });
          input = piped;
        }
        return node.prefixes.some(({ type }) => type === 'Negation') ? (code === 0 ? 1 : 0) : code;
      }
      case 'AndOr': {
        let code = await this.#node(node.commands[0]!, scope, io);
        for (let i = 1; i < node.commands.length; i++)
          if ((node.operators[i - 1] === '&&') === (code === 0))
            this.#code = code = await this.#node(node.commands[i]!, scope, io);
        return code;
      }
      case 'CompoundList':
        return this.#statements(node.commands, scope, io);
      case 'Subshell':
        return this.#statements(node.body.commands, { ...scope, variables: new Map(scope.variables) }, io);
      case 'BraceGroup':
        return this.#statements(node.body.commands, scope, io);
      case 'Redirected':
        return this.#redirected(node.redirects, scope, io, (inner) => this.#node(node.command, scope, inner));
      case 'Function':
        scope.functions.set(node.name.value, node.body as PipelineNode);
        return 0;
      case 'For': {
        let code = 0;
        for (const value of await this.#words(node.wordlist ?? [], scope, io)) {
          scope.variables.set(node.name.value, value);
          try {
            code = await this.#statements(node.body.commands, scope, io);
          } catch (error) {
            if (error instanceof Break) break;
            throw error;
          }
        }
        return code;
      }
      case 'While': {
        let code = 0;
        while (((await this.#statements(node.clause.commands, scope, io)) === 0) === (node.kind === 'while')) {
          try {
            code = await this.#statements(node.body.commands, scope, io);
          } catch (error) {
            if (error instanceof Break) break;
            throw error;
          }
        }
        return code;
      }
      case 'If': {
        for (const branch of [node, ...node.elif])
          if ((await this.#statements(branch.clause.commands, scope, io)) === 0)
            return this.#statements(branch.then.commands, scope, io);
        return node.else ? this.#statements(node.else.commands, scope, io) : 0;
      }
      default:
        throw new Unplayable(`${node.type} is not played`);
    }
  }

  async #command(command: Command, scope: Scope, io: Io): Promise<number> {
    const words = [
      ...(command.name ? [command.name] : []),
      ...command.args.flatMap((arg) => (arg.type === 'Word' ? [arg] : [])),
    ];
    const assigned = new Map<string, string>();
    for (const each of command.prefix)
      if (each.type === 'Assignment' && each.value.type === 'Word')
        assigned.set(each.name, await this.#expand(each.value, scope, io));
    const [name, ...args] = await this.#words(words, scope, io);
    return this.#redirected(command.redirects, scope, io, async (inner) => {
      if (name === undefined) {
        for (const [key, value] of assigned) scope.variables.set(key, value);
        return this.#code;
      }
      return this.#program(name, args, assigned, scope, inner);
    });
  }

  async #program(
    name: string,
    args: readonly string[],
    assigned: ReadonlyMap<string, string>,
    scope: Scope,
    io: Io,
  ): Promise<number> {
    const body = scope.functions.get(name);
    if (body) return this.#node(body, { ...scope, args }, io);
    if (name === 'break') throw new Break();
    if (name === 'sleep') {
      await this.#sleep(Number(args[0]) * 1000);
      return 0;
    }
    if (name === 'read') {
      const separator = assigned.get('IFS') ?? ' ';
      const parts = io.stdin.replace(/\n$/, '').split(separator);
      args.forEach((variable, i) =>
        scope.variables.set(variable, i === args.length - 1 ? parts.slice(i).join(separator) : (parts[i] ?? '')),
      );
      return 0;
    }
    if (name === 'bash' || name === 'sh') {
      const inline = args[0] === '-c';
      const [path = '', ...rest] = inline ? args.slice(1) : args;
      const source = inline ? path : path === '' ? io.stdin : this.#folder.read(path);
      if (source === undefined) throw new Unplayable(`there is no script ${path}`);
      return this.#source(source, { variables: new Map(scope.variables), functions: new Map(), args: rest }, io);
    }
    const program = this.#programs[name];
    if (!program) throw new Unplayable(`${name} is not played`);
    return program(args, { stdin: io.stdin, folder: this.#folder, environment: assigned, out: io.out, err: io.err });
  }

  async #redirected(
    redirections: readonly Redirection[],
    scope: Scope,
    io: Io,
    body: (io: Io) => Promise<number>,
  ): Promise<number> {
    let { stdin, out, err } = io;
    const written = new Map<string, string>();
    for (const each of redirections) {
      if (each.type === 'HereDoc') {
        stdin =
          each.body.parts && !each.delimiter?.quoted
            ? (await Promise.all(each.body.parts.map((part) => this.#part(part, scope, io)))).join('')
            : each.body.text;
        continue;
      }
      const target = each.target ? await this.#expand(each.target, scope, io) : '';
      if (each.type === 'HereString') {
        stdin = `${target}\n`;
        continue;
      }
      const descriptor = each.descriptor?.type === 'FileDescriptor' ? each.descriptor.value : undefined;
      if (each.operator === '<') stdin = this.#folder.read(target) ?? '';
      else if (each.operator === '>&' && target === '1') err = out;
      else if (each.operator === '>&' && target === '2') out = err;
      else {
        written.set(target, each.operator === '>>' ? (this.#folder.read(target) ?? '') : '');
        const write = (text: string): void => void written.set(target, written.get(target)! + text);
        if (each.operator === '&>') out = err = write;
        else if (descriptor === 2) err = write;
        else out = write;
      }
    }
    try {
      return await body({ stdin, out, err });
    } finally {
      for (const [path, text] of written) if (path !== '/dev/null') this.#folder.write(path, text);
    }
  }

  async #words(words: readonly Word[], scope: Scope, io: Io): Promise<string[]> {
    const out: string[] = [];
    for (const word of words) {
      const quoted = !word.parts || word.parts.every(({ type }) => !/Expansion$/.test(type));
      const value = await this.#expand(word, scope, io);
      if (quoted) out.push(value);
      else out.push(...(await this.#split(word, scope, io)));
    }
    return out;
  }

  /** Splits what unquoted expansions gave at white space, and only that. */
  async #split(word: Word, scope: Scope, io: Io): Promise<string[]> {
    const fields: string[] = [''];
    let any = false;
    for (const part of word.parts ?? []) {
      const text = await this.#part(part, scope, io);
      if (!/Expansion$/.test(part.type)) {
        fields[fields.length - 1] += text;
        any = true;
        continue;
      }
      const pieces = text.split(/\s+/);
      pieces.forEach((piece, i) => {
        if (i > 0 && (fields.at(-1) !== '' || any)) fields.push('');
        fields[fields.length - 1] += piece;
        if (piece !== '') any = true;
      });
    }
    return fields.filter((field, i) => field !== '' || (any && fields.length === 1 && i === 0));
  }

  async #expand(word: Word, scope: Scope, io: Io): Promise<string> {
    if (!word.parts) return word.value;
    let out = '';
    for (const part of word.parts) out += await this.#part(part, scope, io);
    return out;
  }

  async #part(part: WordPart, scope: Scope, io: Io): Promise<string> {
    switch (part.type) {
      case 'DoubleQuoted':
      case 'LocaleString': {
        let out = '';
        for (const child of part.parts) out += await this.#part(child, scope, io);
        return out;
      }
      case 'SimpleExpansion':
        return this.#variable(part.text.slice(1), scope);
      case 'ParameterExpansion':
        if (part.operation) throw new Unplayable(`${part.text} is not played`);
        return this.#variable(part.parameter, scope);
      case 'CommandExpansion': {
        let out = '';
        if (part.script)
          await this.#statements(part.script.commands, scope, { ...io, stdin: '', out: (text) => void (out += text) });
        return out.replace(/\n+$/, '');
      }
      case 'ArithmeticExpansion': {
        const expression = part.text
          .replace(/^\$\(\(|\)\)$/g, '')
          .replace(/\$?\{?([A-Za-z_]\w*)\}?/g, (_, name: string) => this.#variable(name, scope) || '0');
        return String(arithmetic(expression));
      }
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        return part.value;
      case 'ProcessSubstitution':
        throw new Unplayable(`${part.text} is not played`);
      default:
        return part.text;
    }
  }

  #variable(name: string, scope: Scope): string {
    if (name === '?') return String(this.#code);
    if (/^\d+$/.test(name)) return scope.args[Number(name) - 1] ?? '';
    if (name === '@' || name === '*') return scope.args.join(' ');
    if (name === '#') return String(scope.args.length);
    return scope.variables.get(name) ?? '';
  }
}

/** Sums and differences: all that the recordings count with. */
const arithmetic = (expression: string): number =>
  [...expression.matchAll(/([-+]?)\s*(\d+)/g)].reduce(
    (sum, [, sign, digits]) => sum + (sign === '-' ? -1 : 1) * Number(digits),
    0,
  );
