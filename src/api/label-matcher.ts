/** Whether an object's labels satisfy a selector. The same for every way to write one. */
export type Labels = Readonly<Record<string, string>> | undefined;

export type Operator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** One condition on one label. */
export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

const integer = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined;

function satisfied({ key, operator, values }: Requirement, labels: NonNullable<Labels>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const [left, right] = [integer(value), integer(values[0])];
      if (left === undefined || right === undefined) return false;
      return operator === 'gt' ? left > right : left < right;
    }
  }
}

function show({ key, operator, values }: Requirement): string {
  const sorted = values.length > 1 ? [...values].sort() : values;
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${sorted.join(',')})`;
    case 'gt':
      return `${key}>${sorted.join(',')}`;
    case 'lt':
      return `${key}<${sorted.join(',')}`;
    default:
      return `${key}${operator}${sorted.join(',')}`;
  }
}

const NO_LABELS = Object.freeze({});

/** A conjunction of requirements (labels.Selector). */
export class LabelMatcher {
  /** Sorted by key. */
  readonly requirements: readonly Requirement[];
  readonly #nothing: boolean;

  constructor(requirements: readonly Requirement[], nothing = false) {
    this.requirements =
      requirements.length > 1
        ? [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
        : requirements;
    this.#nothing = nothing;
  }

  /** Selects every object. */
  get everything(): boolean {
    return !this.#nothing && this.requirements.length === 0;
  }

  /** Selects no object at all. */
  get nothing(): boolean {
    return this.#nothing;
  }

  matches(labels: Labels): boolean {
    if (this.#nothing) return false;
    const of = labels ?? NO_LABELS;
    for (const requirement of this.requirements) if (!satisfied(requirement, of)) return false;
    return true;
  }

  toString(): string {
    return this.requirements.map(show).join(',');
  }
}

export const EVERYTHING = new LabelMatcher([]);
export const NOTHING = new LabelMatcher([], true);
