import type { LabelSelector } from '../api/types.ts';

const pick = (map: Readonly<Record<string, string>> | undefined): string =>
  `map[string]string{${Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`)
    .join('')}}`;

/** A selector as Go prints it in messages. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil';
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return (
    `&LabelSelector{MatchLabels:${pick(selector.matchLabels)},` +
    `MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
  );
}
