import type { TestExpression } from 'unbash';
import type { Task } from '../../task.ts';
import { expandText } from './expand.ts';
import type { Shell, Streams } from './interpreter.ts';
import { patternExpression } from './pattern.ts';
import { testBinary, testUnary } from './test-command.ts';

/** Whether the expression of `[[ ]]` holds. */
export function* holds(shell: Shell, expression: TestExpression, streams: Streams): Task<boolean> {
  switch (expression.type) {
    case 'TestUnary':
      return testUnary(shell.process, expression.operator, yield* expandText(shell, expression.operand, streams));
    case 'TestBinary': {
      const left = yield* expandText(shell, expression.left, streams);
      const right = yield* expandText(shell, expression.right, streams);
      if (expression.operator === '==' || expression.operator === '=') return patternExpression(right).test(left);
      if (expression.operator === '!=') return !patternExpression(right).test(left);
      if (expression.operator === '=~') return new RegExp(right).test(left);
      return testBinary(left, expression.operator, right);
    }
    case 'TestLogical': {
      const and = expression.operator === '&&';
      for (const operand of expression.operands) if ((yield* holds(shell, operand, streams)) !== and) return !and;
      return and;
    }
    case 'TestNot':
      return !(yield* holds(shell, expression.operand, streams));
    case 'TestGroup':
      return yield* holds(shell, expression.expression, streams);
  }
}
