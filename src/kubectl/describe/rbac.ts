import { byText, list, strings, text, type Obj } from '../value.ts';
import type { Describer } from './context.ts';
import { metadataOf } from './writer.ts';

interface Rule {
  readonly resource: string;
  readonly group: string;
  readonly url: string;
  readonly name: string;
  readonly verbs: string[];
}

/** Rules taken apart to one resource, URL or name each, and put together again by verbs. */
const compact = (object: Obj): Rule[] => {
  const rules: Rule[] = [];
  const add = (rule: Omit<Rule, 'verbs'>, verbs: readonly string[]): void => {
    const same = rules.find(
      (each) =>
        each.resource === rule.resource &&
        each.group === rule.group &&
        each.url === rule.url &&
        each.name === rule.name,
    );
    if (same) same.verbs.push(...verbs.filter((verb) => !same.verbs.includes(verb)));
    else rules.push({ ...rule, verbs: [...verbs] });
  };
  for (const rule of list(object, 'rules')) {
    const verbs = strings(rule, 'verbs');
    for (const url of strings(rule, 'nonResourceURLs')) add({ resource: '', group: '', url, name: '' }, verbs);
    for (const group of strings(rule, 'apiGroups'))
      for (const resource of strings(rule, 'resources')) {
        const names = strings(rule, 'resourceNames');
        for (const name of names.length > 0 ? names : ['']) add({ resource, group, url: '', name }, verbs);
      }
  }
  return rules;
};

/** A rule as Go prints it: that is what they are sorted by. */
const sortKey = ({ verbs, group, resource, name, url }: Rule): string =>
  `Verbs:[${verbs.join(' ')}],APIGroups:[${group}],Resources:[${resource}],ResourceNames:[${name}],NonResourceURLs:[${url}],`;

export const describeRole: Describer = ({ object }, w) => {
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  metadataOf(w, object);
  w.write(0, 'PolicyRule:\n');
  w.line(1, 'Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs');
  w.line(1, '---------', '-----------------', '--------------', '-----');
  const ordered = compact(object).sort((a, b) => byText(sortKey(a), sortKey(b)));
  for (const rule of ordered)
    w.line(
      1,
      combined(rule),
      rule.url ? `[${rule.url}]` : '[]',
      rule.name ? `[${rule.name}]` : '[]',
      `[${rule.verbs.join(' ')}]`,
    );
};

/** `pods/log` of group `apps` → `pods.apps/log`. */
const combined = ({ resource, group }: Rule): string => {
  const [name = '', subresource] = resource.split('/');
  return `${name}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`;
};

export const describeRoleBinding: Describer = ({ object }, w) => {
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  metadataOf(w, object);
  w.write(0, 'Role:\n');
  w.line(1, 'Kind:', text(object, 'roleRef', 'kind'));
  w.line(1, 'Name:', text(object, 'roleRef', 'name'));
  w.write(0, 'Subjects:\n');
  w.line(1, 'Kind', 'Name', 'Namespace');
  w.line(1, '----', '----', '---------');
  for (const subject of list(object, 'subjects'))
    w.line(1, text(subject, 'kind'), text(subject, 'name'), text(subject, 'namespace'));
};
