import type {
  AndOr,
  Assignment,
  Command as CommandAst,
  CommandNode,
  CompoundList,
  Pipeline,
  PipelineNode,
  Script,
  Statement,
} from 'unbash';
import type { Task } from '../../task.ts';
import type { Main, Process, Program } from '../process.ts';
import { signalNamed, type Signal } from '../signal.ts';
import { evaluate, type Variables } from './arithmetic.ts';
import { BUILTINS, type Builtin } from './builtins.ts';
import { baseName, readFile, textInput, type Applets, type Input } from './command.ts';
import { holds } from './conditional.ts';
import { expandText, expandWord } from './expand.ts';
import { Leave } from './leave.ts';
import { shellParser } from './parse.ts';
import { patternExpression } from './pattern.ts';
import { redirected } from './redirection.ts';

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
    const script = shellParser.value(source);
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
      yield* this.statements((shellParser.value(source) as Script).commands, streams);
    } catch (leave) {
      if (!(leave instanceof Leave)) throw leave;
      if (leave.kind === 'exit') return leave.value;
    }
    return 0;
  }

  /** Runs text as part of this script: eval, source, traps. */
  *evaluate(source: string, streams: Streams): Program {
    yield* this.statements((shellParser.value(source) as Script).commands, streams);
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
    if (++this.#steps % STEPS_PER_SLICE === 0) yield* this.process.compute(SLICE_MS);
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
        const inner = yield* redirected(this, node.redirects, streams);
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
        return Number(!(yield* holds(this, node.expression, streams)));
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

  *#simple(node: CommandAst, streams: Streams): Program {
    const words: string[] = [];
    for (const word of node.name ? [node.name, ...node.args] : []) {
      if (word.type === 'Word') words.push(...(yield* expandWord(this, word, streams)));
      else words.push(`${word.name}=${yield* this.#assigned(word, streams)}`);
    }
    const inner = yield* redirected(this, node.redirects, streams);
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
    const base = baseName(name);
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
}

const streamsOf = (streams: Streams): Streams => ({
  input: streams.input,
  out: (text) => streams.out(text),
  err: (text) => streams.err(text),
});
