import { parseQuantity } from '../../api/quantity.ts';
import { CliError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { JsonPath, relaxedJsonPath } from '../../api/jsonpath/evaluate.ts';

/** `--sort-by`: values without the field come first. Throws when no value has it. */
export const sortByPath = <T>(items: readonly T[], field: string, objectOf: (item: T) => unknown): T[] => {
  const path = relaxedJsonPath(field);
  const parsed = new JsonPath(path, { allowMissingKeys: true });
  const keyed = items.map((item) => ({ item, values: parsed.find(objectOf(item)) }));
  if (items.length > 0 && !keyed.some(({ values }) => (values[0]?.length ?? 0) > 0))
    throw new CliError(`couldn't find any field with path ${goQuote(path)} in the list of objects`);
  const sorted = keyed.map(({ item, values }) => ({ item, key: values[0]?.[0] }));
  // Insertion sort, as Go does for short lists: it decides the order of equal and of missing values.
  if (sorted.length <= 12) {
    for (let i = 1; i < sorted.length; i++)
      for (let j = i; j > 0 && less(sorted[j]!.key, sorted[j - 1]!.key); j--)
        [sorted[j], sorted[j - 1]] = [sorted[j - 1]!, sorted[j]!];
    return sorted.map(({ item }) => item);
  }
  return sorted.sort((a, b) => (less(a.key, b.key) ? (less(b.key, a.key) ? 0 : -1) : 1)).map(({ item }) => item);
};

const less = (a: unknown, b: unknown): boolean => {
  if (a === undefined) return true;
  if (b === undefined) return false;
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') {
    const order = compareQuantities(a, b);
    return order === undefined ? a < b : order < 0;
  }
  if (a === null || b === null) return a === null && b !== null;
  throw new CliError(`unsortable type: ${typeof a}`);
};

const compareQuantities = (a: string, b: string): number | undefined => {
  if (!/^[-+.\d]/.test(a) || !/^[-+.\d]/.test(b)) return undefined;
  try {
    return parseQuantity(a).compare(parseQuantity(b));
  } catch {
    return undefined;
  }
};
