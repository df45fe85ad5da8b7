/** Finding with regular expressions (Kubernetes' cel/library/regex.go). */
import { member, type Library } from '../functions.ts';
import { regex, regexError } from '../regex.ts';
import { INT, listType, STRING } from '../types.ts';
import { ArrayList, Failure, type Result } from '../values.ts';

/** So many matches; all when the number is negative. */
function matches(text: string, pattern: string, limit: number): string[] | Failure {
  const wrong = regexError(pattern);
  if (wrong !== undefined) return new Failure(`Illegal regex: ${wrong}`);
  const matcher = regex(pattern).matcher(text);
  const found: string[] = [];
  while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

function find(text: string, pattern: string): Result {
  const found = matches(text, pattern, 1);
  return found instanceof Failure ? found : (found[0] ?? '');
}

function findAll(text: string, pattern: string, limit = -1n): Result {
  const found = matches(text, pattern, Number(limit));
  return found instanceof Failure ? found : new ArrayList(found);
}

export const regularExpressions: Library = [
  ['find', member('string_find_string', [STRING, STRING], STRING, find)],
  [
    'findAll',
    member('string_find_all_string', [STRING, STRING], listType(STRING), findAll),
    member('string_find_all_string_int', [STRING, STRING, INT], listType(STRING), findAll),
  ],
];
