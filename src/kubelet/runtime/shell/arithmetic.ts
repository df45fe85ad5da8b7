import type { ArithmeticExpression } from 'unbash';

/** The variables of `$(( ))`. */
export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0),
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  ',': (_, b) => b,
};

const nameOf = (expression: ArithmeticExpression): string =>
  expression.type === 'ArithmeticWord' ? expression.value : '';

/** The value of an arithmetic expression. */
export function evaluate(expression: ArithmeticExpression | undefined, variables: Variables): number {
  if (!expression) return 0;
  switch (expression.type) {
    case 'ArithmeticWord':
      return wordValue(expression.value, variables);
    case 'ArithmeticGroup':
      return evaluate(expression.expression, variables);
    case 'ArithmeticTernary':
      return evaluate(expression.test, variables) !== 0
        ? evaluate(expression.consequent, variables)
        : evaluate(expression.alternate, variables);
    case 'ArithmeticUnary': {
      const value = evaluate(expression.operand, variables);
      if (expression.operator === '++' || expression.operator === '--') {
        const next = value + (expression.operator === '++' ? 1 : -1);
        variables.set(nameOf(expression.operand), String(next));
        return expression.prefix ? next : value;
      }
      if (expression.operator === '-') return -value;
      if (expression.operator === '!') return Number(value === 0);
      return expression.operator === '~' ? ~value : value;
    }
    case 'ArithmeticBinary': {
      const { operator, left, right } = expression;
      if (/^(?:[-+*/%&|^]|<<|>>)?=$/.test(operator)) {
        const value = evaluate(right, variables);
        const next = operator === '=' ? value : OPERATORS[operator.slice(0, -1)]!(evaluate(left, variables), value);
        variables.set(nameOf(left), String(next));
        return next;
      }
      return OPERATORS[operator]?.(evaluate(left, variables), evaluate(right, variables)) ?? 0;
    }
    default:
      return 0;
  }
}

function wordValue(word: string, variables: Variables): number {
  const name = word.replace(/^\$\{?|\}$/g, '');
  const text = /^\d/.test(word) ? word : (variables.get(name) ?? '0');
  const value = /^0[0-7]+$/.test(text) ? parseInt(text, 8) : Number(text.trim() || '0');
  return Number.isNaN(value) ? 0 : Math.trunc(value);
}
