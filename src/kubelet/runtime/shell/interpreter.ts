import {
  parse,
  type AndOr,
  type Assignment,
  type Command as CommandAst,
  type CommandNode,
  type CompoundList,
  type Pipeline,
  type PipelineNode,
  type Redirection,
  type Script,
  type Statement,
  type TestExpression,
  type Word,
} from 'unbash';
import type { Task } from '../../task.ts';
import type { Main, Process, Program } from '../process.ts';
import { signalNamed, type Signal } from '../signal.ts';
import { evaluate, type Variables } from './arithmetic.ts';
import { BUILTINS, type Builtin } from './builtins.ts';
import { pathOf, processInput, readFile, textInput, type Applets, type Input } from './command.ts';
import { expandText, expandWord } from './expand.ts';
import { Leave } from './leave.ts';
import { patternExpression } from './pattern.ts';
import { testBinary, testUnary } from './test-command.ts';

/** The streams of a command inside a shell. */
export interface Streams {
  readonly input: Input;
  out(text: string): void;
  err(text: string): void;
}

/** A busy loop runs this many steps, then lets the rest of the world go on for a while. */
const STEPS_PER_SLICE = 100;
const SLICE_MS = 10;
const NOT_FOUND = 127;

interface Job {
  readonly process: Process;
  code: number | undefined;
}

/** A POSIX-like shell in one process: runs parsed scripts over the applets and executables of its container. */
export class Shell implements Variables {
  readonly process: Process;
  readonly applets: Applets;
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  readonly functions: Map<string, CommandNode | CompoundList>;
  readonly traps = new Map<Signal | 'EXIT', string>();
  readonly jobs: Job[] = [];
  readonly shellName: string;
  positional: readonly string[];
  status = 0;
  errexit = false;
  xtrace = false;
  nounset = false;
  #steps = 0;
  /** Conditions do not end a `set -e` script. */
  #tested = 0;

  constructor(process: Process, applets: Applets, name: string, positional: readonly string[], parent?: Shell) {
    this.process = process;
    this.applets = applets;
    this.shellName = name;
    this.positional = positional;
    this.variables = new Map(parent?.variables ?? Object.entries(process.env));
    this.exported = new Set(parent?.exported ?? Object.keys(process.env));
    this.functions = new Map(parent?.functions);
    if (parent) {
      this.errexit = parent.errexit;
      this.status = parent.status;
    }
  }

  get(name: string): string | undefined {
    switch (name) {
      case '?':
        return String(this.status);
      case '#':
        return String(this.positional.length);
      case '$':
        return String(this.process.pid);
      case '!':
        return String(this.jobs.at(-1)?.process.pid ?? '');
      case '0':
        return this.shellName;
      case '@':
      case '*':
        return this.positional.join(' ');
      default:
        return /^\d+$/.test(name) ? this.positional[Number(name) - 1] : this.variables.get(name);
    }
  }

  set(name: string, value: string): void {
    this.variables.set(name, value);
  }

  environment(): Record<string, string> {
    const env: Record<string, string> = {};
    for (const name of this.exported) {
      const value = this.variables.get(name);
      if (value !== undefined) env[name] = value;
    }
    return env;
  }

  /** Runs a whole script; its exit code. */
  *run(source: string, streams: Streams): Program {
    const script = parse(source);
    if (script.errors?.length) {
      streams.err(`${this.shellName}: syntax error: ${script.errors[0]!.message}\n`);
      return 2;
    }
    try {
      yield* this.statements(script.commands, streams);
    } catch (leave) {
      if (!(leave instanceof Leave)) throw leave;
      if (leave.kind === 'exit' || leave.kind === 'return') this.status = leave.value;
    }
    const farewell = this.traps.get('EXIT');
    if (farewell) {
      this.traps.delete('EXIT');
      const code = this.status;
      this.status = yield* this.#nested(farewell, streams);
      return this.status === 0 ? code : this.status;
    }
    return this.status;
  }

  *#nested(source: string, streams: Streams): Program {
    try {
      yield* this.statements((parse(source) as Script).commands, streams);
    } catch (leave) {
      if (!(leave instanceof Leave)) throw leave;
      if (leave.kind === 'exit') return leave.value;
    }
    return 0;
  }

  /** Runs text as part of this script: eval, source, traps. */
  *evaluate(source: string, streams: Streams): Program {
    yield* this.statements((parse(source) as Script).commands, streams);
    return this.status;
  }

  *statements(statements: readonly Statement[], streams: Streams): Task {
    for (const statement of statements) yield* this.#statement(statement, streams);
  }

  *#statement({ command, background }: Statement, streams: Streams): Task {
    if (background) {
      this.#background(command, streams);
      this.status = 0;
    } else this.status = yield* this.#node(command, streams);
    yield* this.#signals(streams);
    if (++this.#steps % STEPS_PER_SLICE === 0) yield* this.process.sleep(SLICE_MS);
    if (this.errexit && this.status !== 0 && this.#tested === 0) throw new Leave('exit', this.status);
  }

  /** Runs the traps of signals that arrived while a command ran. */
  *#signals(streams: Streams): Task {
    for (let signal = this.process.takeSignal(); signal; signal = this.process.takeSignal()) {
      const action = this.traps.get(signal);
      if (!action) continue;
      const { status } = this;
      yield* this.evaluate(action, streams);
      this.status = status;
    }
  }

  setTrap(action: string | undefined, name: string): boolean {
    const signal = name === 'EXIT' || name === '0' ? 'EXIT' : signalNamed(name);
    if (!signal) return false;
    if (action === undefined || action === '-') {
      this.traps.delete(signal);
      if (signal !== 'EXIT') this.process.unhandle(signal);
    } else {
      this.traps.set(signal, action);
      if (signal !== 'EXIT') this.process.handle(signal);
    }
    return true;
  }

  #background(node: PipelineNode | AndOr, streams: Streams): void {
    const main: Main = (child) => {
      const shell = new Shell(child, this.applets, this.shellName, this.positional, this);
      return shell.#alone(node, streams);
    };
    const options = { argv: [this.shellName], env: this.environment(), io: streams };
    const job: { process?: Process; code: number | undefined } = { code: undefined };
    const process = this.process.spawn(main, options, (code) => {
      job.code = code;
      this.process.notify();
    });
    this.jobs.push(Object.assign(job, { process }));
  }

  *#alone(node: PipelineNode | AndOr, streams: Streams): Program {
    try {
      return yield* this.#node(node, streams);
    } catch (leave) {
      if (leave instanceof Leave) return leave.value;
      throw leave;
    }
  }

  /** Waits for background jobs, or until a signal comes: its trap runs and the wait ends. */
  *waitForJobs(pids: readonly number[], streams: Streams): Program {
    const jobs = pids.length > 0 ? this.jobs.filter(({ process }) => pids.includes(process.pid)) : this.jobs;
    while (jobs.some(({ code }) => code === undefined)) {
      yield* this.process.pause();
      const signal = this.process.takeSignal();
      if (!signal) continue;
      const action = this.traps.get(signal);
      if (action) yield* this.evaluate(action, streams);
      return 128;
    }
    return pids.length > 0 ? (jobs.at(-1)?.code ?? NOT_FOUND) : 0;
  }

  *#node(node: PipelineNode | AndOr, streams: Streams): Program {
    switch (node.type) {
      case 'AndOr':
        return yield* this.#andOr(node, streams);
      case 'Pipeline':
        return yield* this.#pipeline(node, streams);
      default:
        return yield* this.#command(node, streams);
    }
  }

  *#andOr({ commands, operators }: AndOr, streams: Streams): Program {
    let code = 0;
    for (let i = 0; i < commands.length; i++) {
      const operator = operators[i - 1];
      if ((operator === '&&' && code !== 0) || (operator === '||' && code === 0)) continue;
      const last = i === commands.length - 1;
      if (!last) this.#tested++;
      try {
        code = yield* this.#node(commands[i]!, streams);
      } finally {
        if (!last) this.#tested--;
      }
      this.status = code;
    }
    return code;
  }

  /** Stage after stage: each reads what the one before it wrote. */
  *#pipeline({ commands, prefixes, operators }: Pipeline, streams: Streams): Program {
    let input = streams.input;
    let code = 0;
    for (let i = 0; i < commands.length; i++) {
      if (i === commands.length - 1) {
        code = yield* this.#command(commands[i]!, { ...streamsOf(streams), input });
        break;
      }
      let text = '';
      const capture = (piece: string): void => void (text += piece);
      const err = operators[i] === '|&' ? capture : (piece: string): void => streams.err(piece);
      const shell = new Shell(this.process, this.applets, this.shellName, this.positional, this);
      yield* shell.#alone(commands[i]!, { input, out: capture, err });
      input = textInput(text);
    }
    return prefixes.some(({ type }) => type === 'Negation') ? Number(code === 0) : code;
  }

  *list({ commands }: CompoundList, streams: Streams): Program {
    this.status = 0;
    yield* this.statements(commands, streams);
    return this.status;
  }

  *#condition(list: CompoundList, streams: Streams): Task<boolean> {
    this.#tested++;
    try {
      return (yield* this.list(list, streams)) === 0;
    } finally {
      this.#tested--;
    }
  }

  *#command(node: CommandNode | CompoundList, streams: Streams): Program {
    switch (node.type) {
      case 'Command':
        return yield* this.#simple(node, streams);
      case 'Redirected': {
        const inner = yield* this.#redirect(node.redirects, streams);
        return inner ? yield* this.#command(node.command, inner) : 1;
      }
      case 'CompoundList':
        return yield* this.list(node, streams);
      case 'BraceGroup':
        return yield* this.list(node.body, streams);
      case 'Subshell': {
        const shell = new Shell(this.process, this.applets, this.shellName, this.positional, this);
        const { cwd } = this.process;
        try {
          return yield* shell.list(node.body, streams);
        } catch (leave) {
          if (leave instanceof Leave) return leave.value;
          throw leave;
        } finally {
          this.process.cwd = cwd;
        }
      }
      case 'If': {
        if (yield* this.#condition(node.clause, streams)) return yield* this.list(node.then, streams);
        for (const { clause, then } of node.elif) {
          if (yield* this.#condition(clause, streams)) return yield* this.list(then, streams);
        }
        return node.else ? yield* this.list(node.else, streams) : 0;
      }
      case 'While':
        return yield* this.#loop(streams, node.body, function* (this: Shell) {
          return (yield* this.#condition(node.clause, streams)) === (node.kind === 'while');
        });
      case 'For': {
        const words: string[] = [];
        if (node.wordlist) for (const word of node.wordlist) words.push(...(yield* expandWord(this, word, streams)));
        else words.push(...this.positional);
        let i = 0;
        return yield* this.#loop(streams, node.body, function* (this: Shell) {
          if (i >= words.length) return false;
          this.set(node.name.value, words[i++]!);
          return true;
        });
      }
      case 'ArithmeticFor': {
        evaluate(node.initialize, this);
        let first = true;
        return yield* this.#loop(streams, node.body, function* (this: Shell) {
          if (!first) evaluate(node.update, this);
          first = false;
          return node.test === undefined || evaluate(node.test, this) !== 0;
        });
      }
      case 'Case': {
        const subject = yield* expandText(this, node.word, streams);
        for (const { pattern, body } of node.items) {
          for (const word of pattern) {
            if (patternExpression(yield* expandText(this, word, streams)).test(subject))
              return yield* this.list(body, streams);
          }
        }
        return 0;
      }
      case 'Function':
        this.functions.set(node.name.value, node.body);
        return 0;
      case 'ArithmeticCommand':
        return Number(evaluate(node.expression, this) === 0);
      case 'TestCommand':
        return Number(!(yield* this.#test(node.expression, streams)));
      default:
        streams.err(`${this.shellName}: ${node.type} is not supported by this shell\n`);
        return 2;
    }
  }

  *#loop(streams: Streams, body: CompoundList, next: (this: Shell) => Task<boolean>): Program {
    let code = 0;
    while (yield* next.call(this)) {
      try {
        code = yield* this.list(body, streams);
      } catch (leave) {
        if (!(leave instanceof Leave) || (leave.kind !== 'break' && leave.kind !== 'continue')) throw leave;
        if (--leave.value > 0) throw leave;
        if (leave.kind === 'break') break;
      }
    }
    return code;
  }

  *#test(expression: TestExpression, streams: Streams): Task<boolean> {
    switch (expression.type) {
      case 'TestUnary':
        return testUnary(this.process, expression.operator, yield* expandText(this, expression.operand, streams));
      case 'TestBinary': {
        const left = yield* expandText(this, expression.left, streams);
        const right = yield* expandText(this, expression.right, streams);
        if (expression.operator === '==' || expression.operator === '=') return patternExpression(right).test(left);
        if (expression.operator === '!=') return !patternExpression(right).test(left);
        if (expression.operator === '=~') return new RegExp(right).test(left);
        return testBinary(left, expression.operator, right);
      }
      case 'TestLogical': {
        const and = expression.operator === '&&';
        for (const operand of expression.operands) if ((yield* this.#test(operand, streams)) !== and) return !and;
        return and;
      }
      case 'TestNot':
        return !(yield* this.#test(expression.operand, streams));
      case 'TestGroup':
        return yield* this.#test(expression.expression, streams);
    }
  }

  *#simple(node: CommandAst, streams: Streams): Program {
    const words: string[] = [];
    for (const word of node.name ? [node.name, ...node.args] : []) {
      if (word.type === 'Word') words.push(...(yield* expandWord(this, word, streams)));
      else words.push(`${word.name}=${yield* this.#assigned(word, streams)}`);
    }
    const inner = yield* this.#redirect(node.redirects, streams);
    if (!inner) return 1;
    const assignments = node.prefix.filter((part): part is Assignment => part.type === 'Assignment');
    const [name, ...args] = words;
    if (name === undefined) {
      for (const assignment of assignments) {
        const value = yield* this.#assigned(assignment, streams);
        this.set(assignment.name, assignment.append ? (this.get(assignment.name) ?? '') + value : value);
      }
      // A bare assignment has the status of its command substitution, if it had one.
      return assignments.some(({ text }) => text.includes('$(') || text.includes('`')) ? this.status : 0;
    }
    if (this.xtrace) streams.err(`+ ${words.join(' ')}\n`);
    const extra: Record<string, string> = {};
    for (const assignment of assignments) extra[assignment.name] = yield* this.#assigned(assignment, streams);
    return yield* this.invoke(name, args, inner, extra);
  }

  *#assigned({ value }: Assignment, streams: Streams): Task<string> {
    return value.type === 'Word' ? yield* expandText(this, value, streams) : '';
  }

  /** Runs a command by name: function, builtin, applet, executable. */
  *invoke(name: string, args: readonly string[], streams: Streams, extra: Record<string, string> = {}): Program {
    const body = this.functions.get(name);
    if (body) return yield* this.#function(body, args, streams);
    const builtin: Builtin | undefined = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
    if (builtin) {
      for (const key in extra) this.set(key, extra[key]!);
      return yield* builtin(this, args, streams);
    }
    const env = { ...this.environment(), ...extra };
    const { process } = this;
    const base = name.slice(name.lastIndexOf('/') + 1);
    if (Object.hasOwn(this.applets, base)) {
      return yield* this.applets[base]!({ process, name: base, args, env, ...streamsOf(streams) });
    }
    const main = process.machine.executable(name) ?? this.#script(name, streams);
    if (!main) {
      streams.err(`${this.shellName}: ${name}: not found\n`);
      return NOT_FOUND;
    }
    return yield* this.#child(main, [name, ...args], env, streams);
  }

  /** A file with a script in it, run by a shell of its own. */
  #script(name: string, streams: Streams): Main | undefined {
    if (!name.includes('/')) return undefined;
    const file = readFile(this, name);
    if (!file) return undefined;
    return (child) =>
      new Shell(child, this.applets, name, child.argv.slice(1)).run(file.text.replace(/^#!.*\n/, '\n'), streams);
  }

  *#child(main: Main, argv: readonly string[], env: Record<string, string>, streams: Streams): Program {
    let code: number | undefined;
    const child = this.process.spawn(main, { argv, env, io: streams }, (exit) => {
      code = exit;
      this.process.notify();
    });
    child.feed(undefined);
    while (code === undefined) yield* this.process.pause();
    return code;
  }

  *#function(body: CommandNode | CompoundList, args: readonly string[], streams: Streams): Program {
    const { positional } = this;
    this.positional = args;
    try {
      return yield* this.#command(body, streams);
    } catch (leave) {
      if (leave instanceof Leave && leave.kind === 'return') return leave.value;
      throw leave;
    } finally {
      this.positional = positional;
    }
  }

  /** What a command substitution prints, without its last newlines. */
  *capture(script: Script, streams: Streams): Task<string> {
    let text = '';
    const shell = new Shell(this.process, this.applets, this.shellName, this.positional, this);
    try {
      yield* shell.statements(script.commands, { ...streamsOf(streams), out: (piece) => void (text += piece) });
    } catch (leave) {
      if (!(leave instanceof Leave)) throw leave;
      shell.status = leave.value;
    }
    this.status = shell.status;
    return text.replace(/\n+$/, '');
  }

  *#redirect(redirects: readonly Redirection[], streams: Streams): Task<Streams | undefined> {
    if (redirects.length === 0) return streams;
    let { input } = streams;
    let out = (text: string): void => streams.out(text);
    let err = (text: string): void => streams.err(text);
    for (const redirect of redirects) {
      if (redirect.type === 'HereDoc') {
        const { parts, text } = redirect.body;
        input = textInput(
          parts && !redirect.delimiter?.quoted
            ? yield* expandText(this, { ...EMPTY_WORD, parts, value: text, text }, streams)
            : text,
        );
        continue;
      }
      const target = redirect.target ? yield* expandText(this, redirect.target, streams) : '';
      if (redirect.type === 'HereString') {
        input = textInput(`${target}\n`);
        continue;
      }
      const fd =
        redirect.descriptor?.type === 'FileDescriptor'
          ? redirect.descriptor.value
          : redirect.operator.startsWith('<')
            ? 0
            : 1;
      if (redirect.operator === '<') {
        const file = readFile(this, target);
        if (!file) {
          streams.err(`${this.shellName}: can't open ${target}: no such file\n`);
          return undefined;
        }
        input = textInput(file.text);
      } else if (redirect.operator === '>&' && /^\d+$/.test(target)) {
        const to = target === '2' ? err : out;
        if (fd === 2) err = to;
        else out = to;
      } else if (redirect.operator !== '<&') {
        const sink = this.#sink(target, redirect.operator.includes('>>'), streams);
        if (typeof sink === 'string') {
          streams.err(`${this.shellName}: can't create ${target}: ${sink}\n`);
          return undefined;
        }
        const both = redirect.operator.startsWith('&') || redirect.operator === '>&';
        if (both || fd === 2) err = sink;
        if (both || fd !== 2) out = sink;
      }
    }
    return { input, out, err };
  }

  /** Opens a file for writing; a string is what went wrong. */
  #sink(target: string, append: boolean, streams: Streams): ((text: string) => void) | string {
    const path = pathOf(this, target);
    const { files } = this.process.machine;
    switch (path) {
      case '/dev/null':
        return () => undefined;
      case '/dev/stdout':
      case '/proc/1/fd/1':
      case '/proc/self/fd/1':
        return (text) => streams.out(text);
      case '/dev/stderr':
      case '/proc/1/fd/2':
        return (text) => streams.err(text);
      default: {
        const fault = files.write(path, '', append);
        return fault ?? ((text) => void files.write(path, text, true));
      }
    }
  }
}

const EMPTY_WORD: Word = { type: 'Word', text: '', value: '', pos: 0, end: 0 };

const streamsOf = (streams: Streams): Streams => ({
  input: streams.input,
  out: (text) => streams.out(text),
  err: (text) => streams.err(text),
});

/** The executable `sh` (and `ash`, `bash`) over a set of applets. */
export const shellMain =
  (applets: Applets): Main =>
  (process) => {
    const name = process.argv[0]!.slice(process.argv[0]!.lastIndexOf('/') + 1);
    const streams: Streams = {
      input: processInput(process),
      out: (text) => process.out(text),
      err: (text) => process.err(text),
    };
    const args = process.argv.slice(1);
    let flags = '';
    while (args[0]?.startsWith('-') && args[0] !== '-') flags += args.shift()!.slice(1);
    const prepared = (positional: readonly string[], as = name): Shell => {
      const shell = new Shell(process, applets, as, positional);
      shell.errexit = flags.includes('e');
      shell.xtrace = flags.includes('x');
      return shell;
    };
    if (flags.includes('c')) {
      const [script = '', as, ...positional] = args;
      return prepared(positional, as ?? name).run(script, streams);
    }
    const [file, ...positional] = args;
    if (file !== undefined) {
      const script = readFile({ process }, file);
      if (script) return prepared(positional, file).run(script.text.replace(/^#!.*\n/, '\n'), streams);
      return (function* () {
        process.err(`${name}: can't open '${file}': No such file or directory\n`);
        return 2;
      })();
    }
    return interactive(prepared([]), streams);
  };

/** Reads commands line by line until the input ends. */
function* interactive(shell: Shell, streams: Streams): Program {
  try {
    for (let line = yield* streams.input.line(); line !== undefined; line = yield* streams.input.line()) {
      yield* shell.evaluate(line, streams);
    }
  } catch (leave) {
    if (!(leave instanceof Leave)) throw leave;
    return leave.value;
  }
  return shell.status;
}
