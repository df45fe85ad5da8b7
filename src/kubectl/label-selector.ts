import { list, record, sortedKeys, strings, text, type Obj } from './value.ts';

/** A metav1.LabelSelector as the text of a selector: `app=web,tier in (front)`. */
export const labelSelectorText = (selector: Obj | undefined): string => {
  const labels = record(selector, 'matchLabels');
  const parts = [
    ...sortedKeys(labels).map((key) => ({ key, text: `${key}=${labels[key]}` })),
    ...list(selector, 'matchExpressions').map((expression) => ({
      key: text(expression, 'key'),
      text: expressionText(expression),
    })),
  ];
  return parts
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map((part) => part.text)
    .join(',');
};

const expressionText = (expression: Obj): string => {
  const key = text(expression, 'key');
  const values = `(${[...strings(expression, 'values')].sort().join(',')})`;
  switch (text(expression, 'operator')) {
    case 'In':
      return `${key} in ${values}`;
    case 'NotIn':
      return `${key} notin ${values}`;
    case 'Exists':
      return key;
    default:
      return `!${key}`;
  }
};

/** metav1.FormatLabelSelector: `<none>` when it selects everything. */
export const formatLabelSelector = (selector: Obj | undefined): string => labelSelectorText(selector) || '<none>';
