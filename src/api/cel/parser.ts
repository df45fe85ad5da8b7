import type { Expr, MapEntry, StructField } from './ast.ts';
import { ExprFactory } from './factory.ts';
import { tokenize, type Token, type TokenKind } from './lexer.ts';
import { bytesLiteral, doubleLiteral, intLiteral, stringLiteral, uintLiteral } from './literals.ts';
import { expandMacro } from './macros.ts';
import { CelSyntaxError, type Issue } from './source.ts';
import { Syntax } from './syntax.ts';
import type { CelValue } from './values.ts';

/** The largest expression that cel-go reads, in code points. */
const MAX_SIZE = 100_000;

const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);

const RELATIONS: readonly TokenKind[] = ["'<'", "'<='", "'>='", "'>'", "'=='", "'!='", "'in'"];
const SUMS: readonly TokenKind[] = ["'+'", "'-'"];
const PRODUCTS: readonly TokenKind[] = ["'*'", "'/'", "'%'"];
const MEMBERS: readonly TokenKind[] = ["'.'", "'['"];
/** What may come after an operand. */
const OPERATORS: readonly TokenKind[] = [...MEMBERS, ...PRODUCTS, ...SUMS, ...RELATIONS, "'&&'", "'||'"];
/** What may start an expression. */
const FIRST: readonly TokenKind[] = [
  "'['",
  "'{'",
  "'('",
  "'.'",
  "'-'",
  "'!'",
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
];
const OPERAND = new Set(FIRST);
const ARGUMENTS = new Set<TokenKind>([...FIRST, "')'"]);
const ELEMENTS = new Set<TokenKind>([...FIRST, "'?'", "','", "']'"]);
const ENTRIES = new Set<TokenKind>([...FIRST, "'?'", "','", "'}'"]);
const FIELDS = new Set<TokenKind>(["'?'", "','", "'}'", 'IDENTIFIER', 'ESC_IDENTIFIER']);

/** The functions behind the operators. */
const operatorName = (text: string): string => `_${text}_`;

class Parser {
  readonly #syntax: Syntax;
  readonly #make: ExprFactory;
  readonly #issues: Issue[];

  constructor(source: string, issues: Issue[]) {
    this.#issues = issues;
    this.#syntax = new Syntax(tokenize(source, issues), issues);
    this.#make = new ExprFactory(issues);
  }

  parse(): Expr {
    const expr = this.#syntax.rule([], false, () => {
      const found = this.#expr(['<EOF>'], false);
      this.#syntax.match('<EOF>', [], false);
      return found;
    });
    return expr ?? this.#make.missing(0);
  }

  get #next(): TokenKind {
    return this.#syntax.peek().kind;
  }

  #expr(follow: readonly TokenKind[], last: boolean): Expr {
    const read = (): Expr => {
      const condition = this.#or(["'?'"], true);
      if (this.#next !== "'?'") return condition;
      const { offset } = this.#syntax.take();
      const then = this.#or(["':'"], false);
      this.#syntax.match("':'", FIRST, false);
      const otherwise = this.#expr([], true);
      return this.#make.call(offset, '_?_:_', [condition, then, otherwise]);
    };
    return this.#syntax.rule(follow, last, read) ?? this.#make.missing(this.#syntax.peek().offset);
  }

  #or(follow: readonly TokenKind[], last: boolean): Expr {
    const read = (): Expr => this.#logical("'||'", () => this.#logical("'&&'", () => this.#relation()));
    return this.#syntax.rule(follow, last, read) ?? this.#make.missing(this.#syntax.peek().offset);
  }

  /** Operands joined by && or ||, as a balanced tree. */
  #logical(operator: "'||'" | "'&&'", operand: () => Expr): Expr {
    const terms = [operand()];
    const offsets: number[] = [];
    while (this.#next === operator) {
      offsets.push(this.#syntax.take().offset);
      terms.push(operand());
    }
    const name = operatorName(operator.slice(1, -1));
    const balanced = (low: number, high: number): Expr => {
      const middle = (low + high + 1) >> 1;
      const left = middle === low ? terms[middle]! : balanced(low, middle - 1);
      const right = middle === high ? terms[middle + 1]! : balanced(middle + 1, high);
      return this.#make.call(offsets[middle]!, name, [left, right]);
    };
    return offsets.length === 0 ? terms[0]! : balanced(0, offsets.length - 1);
  }

  #binary(operators: readonly TokenKind[], operand: () => Expr): Expr {
    let left = operand();
    while (operators.includes(this.#next)) {
      const { offset, text } = this.#syntax.take();
      left = this.#make.call(offset, text === 'in' ? '@in' : operatorName(text), [left, operand()]);
    }
    return left;
  }

  #relation(): Expr {
    return this.#binary(RELATIONS, () => this.#binary(SUMS, () => this.#binary(PRODUCTS, () => this.#unary())));
  }

  #unary(): Expr {
    const read = (): Expr => {
      this.#syntax.sync(OPERAND);
      const sign = this.#next;
      const negative = this.#syntax.peek(1).kind;
      const literal = sign === "'-'" && (negative === 'NUM_INT' || negative === 'NUM_FLOAT');
      if ((sign !== "'!'" && sign !== "'-'") || literal) return this.#member();
      const { offset } = this.#syntax.take();
      let count = 1;
      while (this.#next === sign) {
        this.#syntax.take();
        count++;
      }
      const operand = this.#member();
      return count % 2 === 0 ? operand : this.#make.call(offset, sign === "'!'" ? '!_' : '-_', [operand]);
    };
    return this.#syntax.rule(OPERATORS, true, read) ?? this.#make.missing(this.#syntax.peek().offset);
  }

  #member(): Expr {
    let expr = this.#primary();
    while (this.#next === "'.'" || this.#next === "'['") {
      const at = expr;
      expr = this.#next === "'['" ? this.#indexed(at) : this.#selected(at);
    }
    return expr;
  }

  #indexed(operand: Expr): Expr {
    const { offset } = this.#syntax.take();
    const optional = this.#optionally();
    const index = this.#expr(["']'"], false);
    this.#syntax.match("']'", OPERATORS, true);
    return this.#make.call(offset, optional ? '_[?_]' : '_[_]', [operand, index]);
  }

  #optionally(): boolean {
    if (this.#next !== "'?'") return false;
    this.#syntax.take();
    return true;
  }

  #selected(operand: Expr): Expr {
    const optional = this.#syntax.peek(1).kind === "'?'";
    const at = optional ? 2 : 1;
    const name = this.#syntax.peek(at);
    if (name.kind !== 'IDENTIFIER' && name.kind !== 'ESC_IDENTIFIER') this.#syntax.noAlternative(0, at);
    const { offset } = this.#syntax.take();
    if (optional) this.#syntax.take();
    this.#syntax.take();
    const field = name.kind === 'ESC_IDENTIFIER' ? name.text.slice(1, -1) : name.text;
    if (optional) return this.#make.call(offset, '_?._', [operand, this.#make.literal(offset, field)]);
    if (name.kind === 'ESC_IDENTIFIER' || this.#next !== "'('") return this.#make.select(offset, operand, field);
    const open = this.#syntax.take();
    const args = this.#arguments();
    return (
      expandMacro(this.#make, open.offset, field, operand, args) ?? this.#make.call(open.offset, field, args, operand)
    );
  }

  #arguments(): Expr[] {
    this.#syntax.sync(ARGUMENTS);
    const args: Expr[] = [];
    if (this.#next !== "')'")
      this.#syntax.rule(["')'"], false, () => {
        args.push(this.#expr(["','"], true));
        while (this.#next === "','") {
          this.#syntax.take();
          args.push(this.#expr(["','"], true));
        }
      });
    this.#syntax.match("')'", OPERATORS, true);
    return args;
  }

  #primary(): Expr {
    const read = (): Expr => {
      this.#syntax.sync(OPERAND);
      switch (this.#next) {
        case "'('":
          return this.#nested();
        case "'['":
          return this.#list();
        case "'{'":
          return this.#map();
        case "'.'":
        case 'IDENTIFIER':
          return this.#named();
        default:
          return this.#literal();
      }
    };
    return this.#syntax.rule(MEMBERS, true, read) ?? this.#make.missing(this.#syntax.peek().offset);
  }

  #nested(): Expr {
    this.#syntax.take();
    const expr = this.#expr(["')'"], false);
    this.#syntax.match("')'", OPERATORS, true);
    return expr;
  }

  #list(): Expr {
    const { offset } = this.#syntax.take();
    const elements: Expr[] = [];
    const optional = new Set<number>();
    this.#items("']'", ELEMENTS, () => {
      if (this.#optionally()) optional.add(elements.length);
      elements.push(this.#expr(["','"], true));
    });
    return this.#make.list(offset, elements, optional);
  }

  /** Items between brackets, with commas between them and perhaps one more at the end. */
  #items(close: "']'" | "'}'", first: ReadonlySet<TokenKind>, item: () => void): void {
    this.#syntax.sync(first);
    if (this.#next !== close && this.#next !== "','")
      this.#syntax.rule(["','", close], false, () => {
        item();
        while (this.#next === "','" && this.#syntax.peek(1).kind !== close) {
          this.#syntax.take();
          item();
        }
      });
    if (this.#next === "','") this.#syntax.take();
    this.#syntax.match(close, OPERATORS, true);
  }

  #map(): Expr {
    const { offset } = this.#syntax.take();
    const entries: MapEntry[] = [];
    this.#items("'}'", ENTRIES, () => {
      const optional = this.#optionally();
      const key = this.#expr(["':'"], false);
      const colon = this.#syntax.match("':'", FIRST, false);
      entries.push({ id: this.#make.id(), offset: colon.offset, key, value: this.#expr(["','"], true), optional });
    });
    return this.#make.map(offset, entries);
  }

  /** An identifier, a call of a function, or an object of a named type. */
  #named(): Expr {
    const dot = this.#next === "'.'" ? this.#syntax.take() : undefined;
    if (dot && this.#next !== 'IDENTIFIER') this.#syntax.noAlternative(-1, 0);
    let length = 1;
    while (this.#syntax.peek(length).kind === "'.'" && this.#syntax.peek(length + 1).kind === 'IDENTIFIER') length += 2;
    if (this.#syntax.peek(length).kind === "'{'") return this.#struct(length, dot !== undefined);
    const token = this.#syntax.take();
    const name = dot ? `.${token.text}` : token.text;
    if (RESERVED.has(token.text)) {
      this.#issue(token, `reserved identifier: ${token.text}`);
      if (this.#next === "'('") {
        this.#syntax.take();
        this.#arguments();
      }
      return this.#make.missing(token.offset);
    }
    if (this.#next !== "'('") return this.#make.ident(token.offset, name);
    const open = this.#syntax.take();
    const args = this.#arguments();
    return expandMacro(this.#make, open.offset, name, undefined, args) ?? this.#make.call(open.offset, name, args);
  }

  #struct(length: number, rooted: boolean): Expr {
    const names: string[] = rooted ? [''] : [];
    for (let i = 0; i < length; i += 2) {
      names.push(this.#syntax.take().text);
      if (i + 1 < length) this.#syntax.take();
    }
    const { offset } = this.#syntax.take();
    const fields: StructField[] = [];
    this.#items("'}'", FIELDS, () => {
      const optional = this.#optionally();
      const token = this.#syntax.peek();
      if (token.kind !== 'IDENTIFIER' && token.kind !== 'ESC_IDENTIFIER')
        this.#syntax.sync(new Set<TokenKind>(['IDENTIFIER', 'ESC_IDENTIFIER']));
      const name = this.#syntax.take();
      const colon = this.#syntax.match("':'", FIRST, false);
      const value = this.#expr(["','"], true);
      const text = name.kind === 'ESC_IDENTIFIER' ? name.text.slice(1, -1) : name.text;
      fields.push({ id: this.#make.id(), offset: colon.offset, name: text, value, optional });
    });
    return this.#make.struct(offset, names.join('.'), fields);
  }

  #literal(): Expr {
    const sign = this.#next === "'-'" ? this.#syntax.take() : undefined;
    const token = this.#syntax.take();
    const at = sign ?? token;
    const value = this.#literalValue(token, sign ? '-' : '');
    if (typeof value !== 'string' || token.kind === 'STRING') return this.#make.literal(at.offset, value as CelValue);
    this.#issue(at, value);
    return this.#make.missing(at.offset);
  }

  /** The value of a literal, or what is wrong with it. */
  #literalValue({ kind, text }: Token, sign: string): CelValue {
    switch (kind) {
      case 'NUM_INT':
        return intLiteral(sign + text) ?? 'invalid int literal';
      case 'NUM_UINT':
        return uintLiteral(text) ?? 'invalid uint literal';
      case 'NUM_FLOAT':
        return doubleLiteral(sign + text) ?? 'invalid double literal';
      case 'STRING':
        return stringLiteral(text) ?? '';
      case 'BYTES':
        return bytesLiteral(text) ?? 'unable to unescape string';
      case "'null'":
        return null;
      default:
        return kind === "'true'";
    }
  }

  #issue({ offset }: Token, message: string): void {
    this.#issues.push({ offset, message });
  }
}

/** Parses an expression and expands its macros. Throws CelSyntaxError. */
export function parse(source: string): Expr {
  const issues: Issue[] = [];
  if (source.length > MAX_SIZE && [...source].length > MAX_SIZE)
    throw new CelSyntaxError(source, [
      {
        offset: 0,
        message: `expression code point size exceeds limit: size: ${[...source].length}, limit ${MAX_SIZE}`,
      },
    ]);
  const expr = new Parser(source, issues).parse();
  if (issues.length > 0) throw new CelSyntaxError(source, issues);
  return expr;
}
