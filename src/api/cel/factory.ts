import { ACCUMULATOR, type Comprehension, type Expr, type MapEntry, type StructField } from './ast.ts';
import type { Issue } from './source.ts';
import type { CelValue } from './values.ts';

/** Makes the nodes of one expression. */
export class ExprFactory {
  readonly #issues: Issue[];
  #lastId = 0;

  constructor(issues: Issue[]) {
    this.#issues = issues;
  }

  id(): number {
    return ++this.#lastId;
  }

  /** Stands where there should be an expression. */
  missing(offset: number): Expr {
    return this.literal(offset, null);
  }

  issue(offset: number, message: string): Expr {
    this.#issues.push({ offset, message });
    return this.missing(offset);
  }

  literal(offset: number, value: CelValue): Expr {
    return { kind: 'literal', id: this.id(), offset, value };
  }

  ident(offset: number, name: string): Expr {
    return { kind: 'ident', id: this.id(), offset, name };
  }

  select(offset: number, operand: Expr, field: string, testOnly = false): Expr {
    return { kind: 'select', id: this.id(), offset, operand, field, testOnly };
  }

  call(offset: number, name: string, args: readonly Expr[], target?: Expr): Expr {
    return { kind: 'call', id: this.id(), offset, name, target, args };
  }

  list(offset: number, elements: readonly Expr[], optional: ReadonlySet<number> = new Set()): Expr {
    return { kind: 'list', id: this.id(), offset, elements, optional };
  }

  map(offset: number, entries: readonly MapEntry[]): Expr {
    return { kind: 'map', id: this.id(), offset, entries };
  }

  struct(offset: number, name: string, fields: readonly StructField[]): Expr {
    return { kind: 'struct', id: this.id(), offset, name, fields };
  }

  accumulator(offset: number): Expr {
    return this.ident(offset, ACCUMULATOR);
  }

  comprehension(offset: number, parts: Omit<Comprehension, 'kind' | 'id' | 'offset'>): Expr {
    return { kind: 'comprehension', id: this.id(), offset, ...parts };
  }

  /** The same expression once more, with ids of its own. */
  copy(expr: Expr): Expr {
    const id = this.id();
    switch (expr.kind) {
      case 'literal':
      case 'ident':
        return { ...expr, id };
      case 'select':
        return { ...expr, id, operand: this.copy(expr.operand) };
      case 'call':
        return {
          ...expr,
          id,
          target: expr.target && this.copy(expr.target),
          args: expr.args.map((arg) => this.copy(arg)),
        };
      case 'list':
        return { ...expr, id, elements: expr.elements.map((element) => this.copy(element)) };
      case 'map':
        return {
          ...expr,
          id,
          entries: expr.entries.map((entry) => ({
            ...entry,
            id: this.id(),
            key: this.copy(entry.key),
            value: this.copy(entry.value),
          })),
        };
      case 'struct':
        return {
          ...expr,
          id,
          fields: expr.fields.map((field) => ({ ...field, id: this.id(), value: this.copy(field.value) })),
        };
      case 'comprehension':
        return {
          ...expr,
          id,
          range: this.copy(expr.range),
          init: this.copy(expr.init),
          condition: this.copy(expr.condition),
          step: this.copy(expr.step),
          result: this.copy(expr.result),
        };
    }
  }
}
