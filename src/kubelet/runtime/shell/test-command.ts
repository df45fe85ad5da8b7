import type { Process } from '../process.ts';
import { readFile } from './command.ts';

/** `-f path`, `-n text` and the like. */
export function testUnary(process: Process, operator: string, operand: string): boolean {
  const { files } = process.machine;
  const path = operand.startsWith('/') ? operand : `${process.cwd}/${operand}`;
  switch (operator) {
    case '-n':
      return operand !== '';
    case '-z':
      return operand === '';
    case '-e':
    case '-r':
    case '-w':
      return files.exists(path);
    case '-x':
      return files.exists(path) || process.machine.executable(operand) !== undefined;
    case '-f':
      return !files.isDirectory(path) && readFile({ process }, operand) !== undefined;
    case '-d':
      return files.isDirectory(path);
    case '-s':
      return (files.read(path)?.text.length ?? 0) > 0;
    default:
      return false;
  }
}

export function testBinary(left: string, operator: string, right: string): boolean {
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '-eq':
      return Number(left) === Number(right);
    case '-ne':
      return Number(left) !== Number(right);
    case '-lt':
      return Number(left) < Number(right);
    case '-le':
      return Number(left) <= Number(right);
    case '-gt':
      return Number(left) > Number(right);
    case '-ge':
      return Number(left) >= Number(right);
    default:
      return false;
  }
}

/** The expression of `test` and `[`: operators by precedence `-o`, `-a`, `!`. */
export function testExpression(process: Process, words: readonly string[]): boolean {
  const or = words.indexOf('-o');
  if (or > 0) return testExpression(process, words.slice(0, or)) || testExpression(process, words.slice(or + 1));
  const and = words.indexOf('-a');
  if (and > 0) return testExpression(process, words.slice(0, and)) && testExpression(process, words.slice(and + 1));
  const [first, second, third] = words;
  if (first === '!' && words.length > 1) return !testExpression(process, words.slice(1));
  if (words.length === 0) return false;
  if (words.length === 1) return first !== '';
  if (words.length === 2) return testUnary(process, first!, second!);
  return testBinary(first!, second!, third!);
}
