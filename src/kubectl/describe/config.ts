import { isNotFound } from '../errors.ts';
import { parseQuantity } from '../../api/quantity.ts';
import { at, byText, list, record, sortedKeys, strings, text, type Obj } from '../value.ts';
import type { Describer } from './context.ts';
import { eventsOf } from './events.ts';
import { metadataOf, rfc1123, type DescribeWriter } from './writer.ts';

const byteLength = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4);

export const describeConfigMap: Describer = (context, w) => {
  const { object } = context;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  metadataOf(w, object);
  w.write(0, '\nData\n====\n');
  const data = record(object, 'data');
  for (const key of sortedKeys(data)) w.write(0, `${key}:\n----\n${data[key]}\n\n`);
  w.write(0, '\nBinaryData\n====\n');
  const binary = record(object, 'binaryData');
  for (const key of sortedKeys(binary)) w.write(0, `${key}: ${byteLength(binary[key]!)} bytes\n`);
  w.write(0, '\n');
  eventsOf(context, w);
};

export const describeSecret: Describer = ({ object }, w) => {
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  metadataOf(w, object);
  w.write(0, `\nType:\t${text(object, 'type')}\n`);
  w.write(0, '\nData\n====\n');
  const data = record(object, 'data');
  for (const key of sortedKeys(data))
    w.line(
      0,
      `${key}:`,
      key === 'token' && text(object, 'type') === 'kubernetes.io/service-account-token'
        ? atob(data[key]!)
        : `${byteLength(data[key]!)} bytes`,
    );
};

export const describeServiceAccount: Describer = (context, w) => {
  const { object } = context;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  metadataOf(w, object);
  const names = list(object, 'imagePullSecrets').map((each) => text(each, 'name'));
  if (names.length === 0) w.line(0, 'Image pull secrets:', '<none>');
  names.forEach((name, i) => w.line(0, i === 0 ? 'Image pull secrets:' : ' '.repeat(19), name));
  eventsOf(context, w);
};

export const describeNamespace: Describer = (context, w) => {
  const { object, session } = context;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  metadataOf(w, object);
  w.line(0, 'Status:', text(object, 'status', 'phase'));
  const conditions = list(object, 'status', 'conditions');
  if (conditions.length > 0) {
    w.write(0, 'Conditions:\n');
    w.line(1, 'Type', 'Status', 'LastTransitionTime', 'Reason', 'Message');
    w.line(1, '----', '------', '------------------', '------', '-------');
    for (const c of conditions)
      w.line(
        1,
        text(c, 'type'),
        text(c, 'status'),
        rfc1123(at(c, 'lastTransitionTime')),
        text(c, 'reason'),
        text(c, 'message'),
      );
  }
  const items = (resource: string): Obj[] | undefined => {
    try {
      return list(
        session.rest.get(`/api/v1/namespaces/${text(object, 'metadata', 'name')}/${resource}`, {
          query: { limit: 500 },
        }),
        'items',
      );
    } catch (error) {
      // A server that does not know them has nothing to say of them.
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const found = items('resourcequotas');
  if (found) {
    w.write(0, '\n');
    quotas(w, found);
  }
  const ranges = items('limitranges');
  if (!ranges) return;
  w.write(0, '\n');
  if (ranges.length === 0) w.write(0, 'No LimitRange resource.\n');
  else {
    w.write(0, 'Resource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n');
    w.write(0, ' ----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n');
    for (const range of ranges) limits(w, range, ' ');
  }
};

const SCOPES: Record<string, string> = {
  Terminating:
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating:
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort:
    'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort:
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
};

const quotas = (w: DescribeWriter, found: readonly Obj[]): void => {
  if (found.length === 0) return w.write(0, 'No resource quota.\n');
  w.write(0, 'Resource Quotas\n');
  for (const quota of [...found].sort((a, b) => byText(text(a, 'metadata', 'name'), text(b, 'metadata', 'name')))) {
    w.line(1, 'Name:', text(quota, 'metadata', 'name'));
    scopes(w, quota, 1, '* ');
    w.line(1, 'Resource', 'Used', 'Hard');
    w.line(1, '--------', '---', '---');
    const hard = record(quota, 'status', 'hard');
    for (const name of sortedKeys(hard)) w.line(1, name, record(quota, 'status', 'used')[name] ?? '0', hard[name]!);
  }
};

const scopes = (w: DescribeWriter, quota: Obj, level: number, bullet: string): void => {
  const names = [...strings(quota, 'spec', 'scopes')].sort(byText);
  if (names.length === 0) return;
  w.line(level, 'Scopes:', names.join(', '));
  for (const name of names) if (SCOPES[name]) w.write(level, `${bullet}${SCOPES[name]}\n`);
};

export const describeQuota: Describer = ({ object }, w) => {
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  scopes(w, object, 0, ' * ');
  w.line(0, 'Resource', 'Used', 'Hard');
  w.line(0, '--------', '----', '----');
  const hard = record(object, 'status', 'hard');
  for (const name of sortedKeys(hard)) w.line(0, name, record(object, 'status', 'used')[name] ?? '0', hard[name]!);
};

const limits = (w: DescribeWriter, range: Obj, prefix: string): void => {
  for (const item of list(range, 'spec', 'limits')) {
    const fields = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio'].map((field) =>
      record(item, field),
    );
    const names = [...new Set(fields.flatMap((each) => Object.keys(each)))].sort(byText);
    for (const name of names)
      w.line(
        0,
        `${prefix}${text(item, 'type')}`,
        name,
        ...fields.map((each) => (each[name] === undefined ? '-' : parseQuantity(each[name]).toString())),
      );
  }
};

export const describeLimitRange: Describer = ({ object }, w) => {
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  w.line(0, 'Type', 'Resource', 'Min', 'Max', 'Default Request', 'Default Limit', 'Max Limit/Request Ratio');
  w.line(0, '----', '--------', '---', '---', '---------------', '-------------', '-----------------------');
  limits(w, object, '');
};
