/** The string form of label selectors (k8s.io/apimachinery/pkg/labels). */
import { invalid } from './field-error.ts';
import type { Operator, Requirement } from './label-matcher.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';

interface Token {
  readonly type: 'identifier' | 'end' | Symbol;
  readonly text: string;
}
type Symbol = ')' | ',' | '!' | '==' | '=' | '>' | 'in' | '<' | '!=' | 'notin' | '(';

const SYMBOLS = new Set<string>([')', ',', '!', '==', '=', '>', '<', '!=', '(']);
const isSpecial = (c: string): boolean => '=!(),><'.includes(c);
const isSpace = (c: string): boolean => c === ' ' || c === '\t' || c === '\r' || c === '\n';

function* tokens(text: string): Generator<Token> {
  let i = 0;
  while (i < text.length) {
    const c = text[i]!;
    if (isSpace(c)) {
      i++;
      continue;
    }
    let end = i + 1;
    if (isSpecial(c)) {
      while (end < text.length && SYMBOLS.has(text.slice(i, end + 1))) end++;
      const symbol = text.slice(i, end);
      yield { type: symbol as Symbol, text: symbol };
    } else {
      while (end < text.length && !isSpace(text[end]!) && !isSpecial(text[end]!)) end++;
      const word = text.slice(i, end);
      yield { type: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
    }
    i = end;
  }
}

const END: Token = { type: 'end', text: '' };

/** A selector that does not parse; the message is Kubernetes'. */
export class SelectorError extends Error {}

/** Reads `app=web,tier in (a,b),!old`. */
export class SelectorParser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = [...tokens(text)];
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.type === 'end') return requirements;
      if (!this.#isWord(token) && token.type !== '!')
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator.type === 'end') return requirements;
      if (separator.type !== ',')
        throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (!this.#isWord(following) && following.type !== '!')
        throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
    }
  }

  #requirement(): Requirement {
    const negated = this.#peek().type === '!';
    if (negated) this.#next();
    const { text: key, ...token } = this.#next();
    if (!this.#isWord({ ...token, text: key }))
      throw new SelectorError(`unable to parse requirement: found '${key}', expected: identifier`);
    const wrong = checkQualifiedName(key);
    if (wrong.length > 0)
      throw new SelectorError(`unable to parse requirement: <nil>: ${invalid('', key, wrong.join('; ')).detail}`);
    const following = this.#peek();
    if (negated || following.type === 'end' || following.type === ',')
      return { key, operator: negated ? '!' : 'exists', values: [] };
    return this.#comparison(key);
  }

  #comparison(key: string): Requirement {
    const token = this.#next();
    let operator: Operator;
    let values: string[];
    switch (token.type) {
      case 'in':
      case 'notin':
        operator = token.type;
        values = this.#values();
        break;
      case '=':
      case '==':
      case '!=':
      case '>':
      case '<':
        operator = token.type === '>' ? 'gt' : token.type === '<' ? 'lt' : token.type;
        values = [this.#exactValue()];
        break;
      default:
        throw new SelectorError(
          `unable to parse requirement: found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`,
        );
    }
    const errors: string[] = [];
    if (operator === 'gt' || operator === 'lt') {
      values.forEach((value, i) => {
        if (!/^[+-]?\d+$/.test(value))
          errors.push(
            `values[${i}]: ${invalid('', value, "for 'Gt', 'Lt' operators, the value must be an integer").detail}`,
          );
      });
    }
    values.forEach((value, i) => {
      const wrong = checkLabelValue(value);
      if (wrong.length > 0) errors.push(`values[${i}][${key}]: ${invalid('', value, wrong.join('; ')).detail}`);
    });
    if (errors.length > 0)
      throw new SelectorError(
        `unable to parse requirement: ${errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`}`,
      );
    return { key, operator, values };
  }

  /** `(a,b)`; an empty list is the empty string. */
  #values(): string[] {
    const open = this.#next();
    if (open.type !== '(') throw new SelectorError(`unable to parse requirement: found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.type !== 'identifier' && first.type !== 'in' && first.type !== 'notin' && first.type !== ',') {
      if (first.type === ')') {
        this.#next();
        return [''];
      }
      throw new SelectorError(`unable to parse requirement: found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = new Set<string>();
    for (;;) {
      const token = this.#next();
      if (this.#isWord(token)) {
        values.add(token.text);
        const following = this.#peek();
        if (following.type === ',') continue;
        if (following.type !== ')')
          throw new SelectorError(`unable to parse requirement: found '${following.text}', expected: ',' or ')'`);
        continue;
      }
      if (token.type === ')') return [...values].sort();
      if (token.type !== ',')
        throw new SelectorError(`unable to parse requirement: found '${token.text}', expected: ',', or identifier`);
      if (values.size === 0) values.add('');
      const following = this.#peek();
      if (following.type === ')' || following.type === ',') values.add('');
    }
  }

  #exactValue(): string {
    const token = this.#peek();
    if (token.type === 'end' || token.type === ',') return '';
    if (!this.#isWord(token))
      throw new SelectorError(`unable to parse requirement: found '${token.text}', expected: identifier`);
    this.#next();
    return token.text;
  }

  /** `in` and `notin` are words wherever a key or a value stands. */
  #isWord(token: Token): boolean {
    return token.type === 'identifier' || token.type === 'in' || token.type === 'notin';
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? END;
  }

  #next(): Token {
    return this.#tokens[this.#position++] ?? END;
  }
}
