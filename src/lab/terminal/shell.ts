import {
  parse,
  type AndOr,
  type Command,
  type CompoundList,
  type ParseError,
  type Pipeline,
  type PipelineNode,
  type Redirection,
  type Script,
  type Statement,
  type Word,
  type WordPart,
} from 'unbash';
import { INTERRUPTED, Interrupted, Pipe, textInput, type Files, type Program, type ProgramIo } from './program.ts';

/** Exit codes as bash gives them. */
const NOT_FOUND = 127;
const SYNTAX = 2;

/** What the terminal's shell cannot do, said where it is met. */
class Unsupported extends Error {
  constructor(what: string) {
    super(`${what} is not supported by this terminal`);
    this.name = 'Unsupported';
  }
}

type Io = ProgramIo;

/**
 * A small shell: commands, pipes (streaming), `&&`, `||`, `;`, redirections, here-documents, variables, command
 * substitution, `for`, `while`, `if`, groups. Enough for what a handbook types; the rest says that it is missing.
 */
export class Shell {
  readonly variables = new Map<string, string>();
  readonly #programs: Readonly<Record<string, Program>>;
  readonly #files: Files;
  #code = 0;

  constructor(programs: Readonly<Record<string, Program>>, files: Files) {
    this.#programs = programs;
    this.#files = files;
  }

  /** Whether a text stops in the middle of something: an open quote, a here-document, a loop without its end. */
  incomplete(source: string): boolean {
    if (/(^|[^\\])(\\\\)*\\\n?$/.test(source)) return true;
    const { errors, commands } = parse(source);
    const end = source.trimEnd().length;
    const open = ({ message, pos }: ParseError): boolean =>
      message.startsWith('unterminated') || (message.startsWith('expected') && pos >= end);
    if (errors && errors.length > 0) return errors.every(open);
    return commands.some(({ command }) => openHereDocument(command));
  }

  async run(source: string, io: Io): Promise<number> {
    const script = parse(source);
    const [error] = script.errors ?? [];
    if (error) {
      io.stderr(`sh: syntax error: ${error.message}\n`);
      return (this.#code = SYNTAX);
    }
    try {
      return (this.#code = await this.#statements(script.commands, io));
    } catch (failure) {
      if (failure instanceof Interrupted || io.signal.aborted) return (this.#code = INTERRUPTED);
      if (!(failure instanceof Unsupported)) throw failure;
      io.stderr(`sh: ${failure.message}\n`);
      return (this.#code = SYNTAX);
    }
  }

  async #statements(statements: readonly Statement[], io: Io): Promise<number> {
    let code = 0;
    for (const { command, background } of statements) {
      if (io.signal.aborted) throw new Interrupted();
      if (background) throw new Unsupported('a command in the background (&)');
      this.#code = code = await this.#node(command, io);
    }
    return code;
  }

  async #node(node: PipelineNode | AndOr, io: Io): Promise<number> {
    switch (node.type) {
      case 'Command':
        return this.#command(node, io);
      case 'Pipeline':
        return this.#pipeline(node, io);
      case 'AndOr': {
        let code = await this.#node(node.commands[0]!, io);
        for (let i = 1; i < node.commands.length; i++) {
          if ((node.operators[i - 1] === '&&') === (code === 0))
            this.#code = code = await this.#node(node.commands[i]!, io);
        }
        return code;
      }
      case 'Subshell':
      case 'BraceGroup':
        return this.#list(node.body, io);
      case 'Redirected':
        return this.#redirected(node.redirects, io, (inner) => this.#node(node.command, inner));
      case 'For': {
        let code = 0;
        for (const value of await this.#words(node.wordlist ?? [], io)) {
          this.variables.set(node.name.value, value);
          code = await this.#list(node.body, io);
        }
        return code;
      }
      case 'While': {
        let code = 0;
        while (((await this.#list(node.clause, io)) === 0) === (node.kind === 'while')) {
          code = await this.#list(node.body, io);
          // A loop of commands that never wait would hold up the whole cluster.
          await io.sleep(1);
        }
        return code;
      }
      case 'If': {
        for (const branch of [node, ...node.elif]) {
          if ((await this.#list(branch.clause, io)) === 0) return this.#list(branch.then, io);
        }
        return node.else ? this.#list(node.else, io) : 0;
      }
      default:
        throw new Unsupported(node.type);
    }
  }

  #list(list: CompoundList, io: Io): Promise<number> {
    return this.#statements(list.commands, io);
  }

  async #pipeline({ commands, prefixes }: Pipeline, io: Io): Promise<number> {
    const stages = commands.map(() => new AbortController());
    const abortAll = (): void => stages.forEach((stage) => stage.abort());
    io.signal.addEventListener('abort', abortAll, { once: true });
    const pipes = commands.slice(1).map(() => new Pipe());
    try {
      const codes = await Promise.all(
        commands.map(async (command, i) => {
          const into = pipes[i];
          const inner: Io = {
            ...io,
            signal: stages[i]!.signal,
            stdin: i === 0 ? io.stdin : pipes[i - 1]!,
            stdout: into ? (text) => into.write(text) : io.stdout,
          };
          try {
            return await this.#node(command, inner);
          } catch (error) {
            if (error instanceof Interrupted && !io.signal.aborted) return 0;
            throw error;
          } finally {
            into?.end();
            stages.slice(0, i).forEach((stage) => stage.abort());
          }
        }),
      );
      const code = codes.at(-1) ?? 0;
      const negated = prefixes.filter(({ type }) => type === 'Negation').length % 2 === 1;
      return negated ? (code === 0 ? 1 : 0) : code;
    } finally {
      io.signal.removeEventListener('abort', abortAll);
    }
  }

  async #command(command: Command, io: Io): Promise<number> {
    const argv = await this.#words(
      [...(command.name ? [command.name] : []), ...command.args.filter((a) => a.type === 'Word')],
      io,
    );
    const [name, ...args] = argv;
    for (const assignment of command.prefix) {
      if (assignment.type !== 'Assignment' || assignment.value.type !== 'Word') continue;
      this.variables.set(assignment.name, await this.#expand(assignment.value, io));
    }
    return this.#redirected(command.redirects, io, async (inner) => {
      if (name === undefined) return 0;
      const program = Object.hasOwn(this.#programs, name) ? this.#programs[name] : undefined;
      if (!program) {
        inner.stderr(`${name}: command not found\n`);
        return NOT_FOUND;
      }
      return program(args, inner);
    });
  }

  async #redirected(redirections: readonly Redirection[], io: Io, body: (io: Io) => Promise<number>): Promise<number> {
    let { stdin, stdout, stderr } = io;
    const written = new Map<string, string>();
    for (const redirection of redirections) {
      if (redirection.type === 'HereDoc') {
        stdin = textInput(
          await this.#hereDocument(
            redirection.body.text,
            redirection.body.parts,
            redirection.delimiter?.quoted ?? false,
            io,
          ),
        );
        continue;
      }
      const target = redirection.target ? await this.#expand(redirection.target, io) : '';
      if (redirection.type === 'HereString') {
        stdin = textInput(`${target}\n`);
        continue;
      }
      const descriptor = redirection.descriptor?.type === 'FileDescriptor' ? redirection.descriptor.value : undefined;
      const { operator } = redirection;
      if (operator === '<') {
        const text = this.#files.read(target);
        if (text === undefined) {
          io.stderr(`sh: ${target}: No such file or directory\n`);
          return 1;
        }
        stdin = textInput(text);
      } else if (operator === '>&' && /^[12]$/.test(target)) {
        if ((descriptor ?? 1) === 2 && target === '1') stderr = stdout;
        else if ((descriptor ?? 1) === 1 && target === '2') stdout = stderr;
      } else if (operator === '<&' || operator === '<>') {
        throw new Unsupported(`the redirection ${operator}`);
      } else {
        const appends = operator === '>>' || operator === '&>>';
        written.set(target, appends ? (this.#files.read(target) ?? '') : '');
        const write = (text: string): void => void written.set(target, written.get(target)! + text);
        if (operator === '&>' || operator === '&>>' || operator === '>&') stdout = stderr = write;
        else if (descriptor === 2) stderr = write;
        else stdout = write;
      }
    }
    try {
      return await body({ ...io, stdin, stdout, stderr });
    } finally {
      for (const [path, text] of written) if (path !== '/dev/null') this.#files.write(path, text);
    }
  }

  async #hereDocument(text: string, parts: readonly WordPart[] | undefined, quoted: boolean, io: Io): Promise<string> {
    if (quoted || !parts) return text;
    let out = '';
    for (const part of parts) out += await this.#part(part, io);
    return out;
  }

  async #words(words: readonly Word[], io: Io): Promise<string[]> {
    const out: string[] = [];
    for (const word of words) {
      const value = await this.#expand(word, io);
      const splits = word.parts?.some(({ type }) => /^(Simple|Parameter|Command)Expansion$/.test(type)) ?? false;
      if (splits) out.push(...value.split(/\s+/).filter((part) => part !== ''));
      else out.push(value);
    }
    return out;
  }

  async #expand(word: Word, io: Io): Promise<string> {
    if (!word.parts) return word.value;
    let out = '';
    for (const part of word.parts) out += await this.#part(part, io);
    return out;
  }

  async #part(part: WordPart, io: Io): Promise<string> {
    switch (part.type) {
      case 'DoubleQuoted':
      case 'LocaleString': {
        let out = '';
        for (const child of part.parts) out += await this.#part(child, io);
        return out;
      }
      case 'SimpleExpansion':
        return this.#variable(part.text.slice(1));
      case 'ParameterExpansion':
        if (part.operation?.type === 'Default' && part.operation.operator === ':-') {
          return this.#variable(part.parameter) || (await this.#expand(part.operation.operand, io));
        }
        if (part.operation || part.prefix || part.index) throw new Unsupported(part.text);
        return this.#variable(part.parameter);
      case 'CommandExpansion':
        return this.#substitute(part.script, io);
      case 'ArithmeticExpansion':
      case 'ProcessSubstitution':
        throw new Unsupported(part.text);
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        return part.value;
      default:
        return part.text;
    }
  }

  #variable(name: string): string {
    return name === '?' ? String(this.#code) : (this.variables.get(name) ?? '');
  }

  async #substitute(script: Script | undefined, io: Io): Promise<string> {
    let out = '';
    if (script) await this.#statements(script.commands, { ...io, stdout: (text) => void (out += text) });
    return out.replace(/\n+$/, '');
  }
}

const openHereDocument = (node: unknown): boolean => {
  if (typeof node !== 'object' || node === null) return false;
  if ('type' in node && node.type === 'HereDoc') return !('closing' in node) || node.closing === undefined;
  return Object.values(node).some((child) =>
    Array.isArray(child) ? child.some(openHereDocument) : openHereDocument(child),
  );
};
