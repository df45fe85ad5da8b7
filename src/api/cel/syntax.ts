/** Reads tokens as ANTLR's parsers do, so that mistakes are told in the same words and places. */
import { TOKENS, type Token, type TokenKind } from './lexer.ts';
import type { Issue } from './source.ts';

type Kinds = ReadonlySet<TokenKind>;

/** What may follow a rule where it is used. */
interface Follow {
  readonly kinds: Kinds;
  /** Whether the rule around it may end there, too. */
  readonly last: boolean;
}

/** Thrown to leave the rule that cannot go on. */
class Mismatch extends Error {
  readonly token: Token;

  constructor(message: string, token: Token) {
    super(message);
    this.token = token;
  }
}

function showKinds(kinds: Kinds): string {
  const names = TOKENS.filter((kind) => kinds.has(kind));
  return names.length === 1 ? names[0]! : `{${names.join(', ')}}`;
}

const shown = ({ text }: Token): string =>
  `'${text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}'`;

/** As cel-go's parser: after so many repairs it gives up. */
const MAX_REPAIRS = 30;

/** A stream of tokens with ANTLR's default strategy for errors. */
export class Syntax {
  readonly #tokens: readonly Token[];
  readonly #issues: Issue[];
  readonly #follows: Follow[] = [];
  #index = 0;
  /** Whether an error was told and nothing matched since: further ones are its consequences. */
  #recovering = false;
  #lastErrorIndex = -1;
  #repairs = 0;

  constructor(tokens: readonly Token[], issues: Issue[]) {
    this.#tokens = tokens;
    this.#issues = issues;
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)]!;
  }

  /** Runs a rule; when it cannot go on, tokens are skipped up to one that something around it can go on with. */
  rule<T>(follow: readonly TokenKind[], last: boolean, read: () => T): T | undefined {
    this.#follows.push({ kinds: new Set(follow), last });
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.#report(error.token, error.message);
      this.#recover();
      return undefined;
    } finally {
      this.#follows.pop();
    }
  }

  /** Before a choice between alternatives: whether the next token starts one, or is superfluous. */
  sync(kinds: Kinds): void {
    if (this.#recovering || kinds.has(this.peek().kind)) return;
    if (this.#skipOne(kinds)) return;
    throw new Mismatch(`mismatched input ${shown(this.peek())} expecting ${showKinds(kinds)}`, this.peek());
  }

  /** Takes the token that must come; `after` is what may follow it in its rule. */
  match(kind: TokenKind, after: readonly TokenKind[], last: boolean): Token {
    const token = this.peek();
    if (token.kind === kind) return this.take();
    const expected = new Set([kind]);
    if (this.#skipOne(expected)) return this.take();
    if (this.#mayFollow(token.kind, after, last)) {
      this.#report(token, `missing ${kind} at ${shown(token)}`);
      return { kind, text: '', offset: token.offset };
    }
    throw new Mismatch(`mismatched input ${shown(token)} expecting ${kind}`, token);
  }

  take(): Token {
    const token = this.peek();
    this.#recovering = false;
    if (token.kind !== '<EOF>') this.#index++;
    return token;
  }

  /** None of the alternatives fits what was read from a token on. */
  noAlternative(from: number, to: number): never {
    const text = this.#tokens
      .slice(this.#index + from, this.#index + to + 1)
      .filter(({ kind }) => kind !== '<EOF>')
      .map((token) => token.text)
      .join('');
    throw new Mismatch(`no viable alternative at input '${text}'`, this.peek(to));
  }

  /** Takes a token away when the one after it is as it should be. */
  #skipOne(expected: Kinds): boolean {
    if (this.peek().kind === '<EOF>' || !expected.has(this.peek(1).kind)) return false;
    this.#report(this.peek(), `extraneous input ${shown(this.peek())} expecting ${showKinds(expected)}`);
    this.#index++;
    this.#recovering = false;
    return true;
  }

  /** Whether a token of this kind may come at a place: after it in its rule, or after the rules that end there. */
  #mayFollow(kind: TokenKind, after: readonly TokenKind[], last: boolean): boolean {
    if (after.includes(kind)) return true;
    if (!last) return false;
    for (const follow of this.#follows.toReversed()) {
      if (follow.kinds.has(kind)) return true;
      if (!follow.last) return false;
    }
    return false;
  }

  #report(token: Token, message: string): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.#issues.push({ offset: token.offset, message: `Syntax error: ${message}` });
  }

  #recover(): void {
    if (++this.#repairs > MAX_REPAIRS) throw new Error('too many syntax errors');
    // Where nothing was read since the last repair, one token goes, lest this never end.
    if (this.#lastErrorIndex === this.#index && this.peek().kind !== '<EOF>') this.#index++;
    this.#lastErrorIndex = this.#index;
    while (this.peek().kind !== '<EOF>' && !this.#follows.some(({ kinds }) => kinds.has(this.peek().kind)))
      this.#index++;
  }
}
