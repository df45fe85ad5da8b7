import { formatLabelSelector } from '../label-selector.ts';
import { at, list, num, strings, text, type Obj } from '../value.ts';
import type { Describer } from './context.ts';
import { eventsOf } from './events.ts';
import { annotationLine } from './storage.ts';
import { metadataOf, rfc1123, type DescribeWriter } from './writer.ts';

export const describeDisruptionBudget: Describer = (context, w) => {
  const { object } = context;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  if (at(object, 'spec', 'minAvailable') !== undefined)
    w.line(0, 'Min available:', text(object, 'spec', 'minAvailable'));
  else if (at(object, 'spec', 'maxUnavailable') !== undefined)
    w.line(0, 'Max unavailable:', text(object, 'spec', 'maxUnavailable'));
  const selector = at(object, 'spec', 'selector') as Obj | undefined;
  w.line(0, 'Selector:', selector ? formatLabelSelector(selector) : '<unset>');
  w.line(0, 'Status:');
  w.line(2, 'Allowed disruptions:', num(object, 'status', 'disruptionsAllowed'));
  w.line(2, 'Current:', num(object, 'status', 'currentHealthy'));
  w.line(2, 'Desired:', num(object, 'status', 'desiredHealthy'));
  w.line(2, 'Total:', num(object, 'status', 'expectedPods'));
  eventsOf(context, w);
};

export const describePriorityClass: Describer = (context, w) => {
  const { object } = context;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Value:', num(object, 'value'));
  w.line(0, 'GlobalDefault:', String(Boolean(object['globalDefault'])));
  w.line(0, 'PreemptionPolicy:', text(object, 'preemptionPolicy'));
  w.line(0, 'Description:', text(object, 'description'));
  w.line(0, 'Annotations:', annotationLine(object));
  eventsOf(context, w);
};

const ports = (w: DescribeWriter, given: readonly Obj[]): void => {
  if (given.length === 0) return w.line(2, 'To Port: <any> (traffic allowed to all ports)');
  for (const port of given) {
    const protocol = text(port, 'protocol') || 'TCP';
    const end = text(port, 'endPort');
    w.line(
      2,
      end ? `To Port Range: ${text(port, 'port')}-${end}/${protocol}` : `To Port: ${text(port, 'port')}/${protocol}`,
    );
  }
};

const peers = (w: DescribeWriter, title: 'From' | 'To', given: readonly Obj[]): void => {
  if (given.length === 0)
    return w.line(2, `${title}: <any> (traffic not restricted by ${title === 'From' ? 'source' : 'destination'})`);
  for (const peer of given) {
    w.line(2, `${title}:`);
    const block = at(peer, 'ipBlock');
    if (block) {
      w.line(3, 'IPBlock:');
      w.line(4, `CIDR: ${text(block, 'cidr')}`);
      w.line(4, `Except: ${strings(block, 'except').join(', ')}`);
      continue;
    }
    for (const [name, field] of [
      ['NamespaceSelector', 'namespaceSelector'],
      ['PodSelector', 'podSelector'],
    ] as const) {
      const selector = at(peer, field) as Obj | undefined;
      if (selector) w.line(3, `${name}: ${formatLabelSelector(selector)}`);
    }
  }
};

const rules = (w: DescribeWriter, given: readonly Obj[], title: 'From' | 'To', field: string): void => {
  const what = title === 'From' ? 'ingress' : 'egress';
  if (given.length === 0) return w.line(2, `<none> (Selected pods are isolated for ${what} connectivity)`);
  given.forEach((rule, i) => {
    ports(w, list(rule, 'ports'));
    peers(w, title, list(rule, field));
    if (i < given.length - 1) w.line(2, '----------');
  });
};

export const describeNetworkPolicy: Describer = ({ object }, w) => {
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  const created = text(object, 'metadata', 'creationTimestamp').replace('T', ' ').replace('Z', ' +0000 UTC');
  w.line(0, 'Created on:', created);
  metadataOf(w, object);
  w.line(0, 'Spec:');
  const selector = formatLabelSelector(at(object, 'spec', 'podSelector') as Obj | undefined);
  const everything = selector === '<none>' ? ' (Allowing the specific traffic to all pods in this namespace)' : '';
  w.line(1, `PodSelector:     ${selector}${everything}`);
  const types = strings(object, 'spec', 'policyTypes');
  for (const [type, what, title, field] of [
    ['Ingress', 'ingress', 'From', 'from'],
    ['Egress', 'egress', 'To', 'to'],
  ] as const) {
    if (!types.includes(type)) {
      w.line(1, `Not affecting ${what} traffic`);
      continue;
    }
    w.line(1, `Allowing ${what} traffic:`);
    rules(w, list(object, 'spec', what), title, field);
  }
  w.line(1, `Policy Types: ${types.join(', ')}`);
};

export const describeIngressClass: Describer = (context, w) => {
  const { object } = context;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  metadataOf(w, object);
  w.line(0, 'Controller:', text(object, 'spec', 'controller'));
  const parameters = at(object, 'spec', 'parameters');
  if (parameters) {
    w.line(0, 'Parameters:');
    if (text(parameters, 'apiGroup')) w.line(1, 'APIGroup:', text(parameters, 'apiGroup'));
    w.line(1, 'Kind:', text(parameters, 'kind'));
    w.line(1, 'Name:', text(parameters, 'name'));
  }
  eventsOf(context, w);
};

export const describeIpAddress: Describer = (context, w) => {
  const { object } = context;
  const parent = at(object, 'spec', 'parentRef');
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  metadataOf(w, object);
  if (parent) {
    w.line(0, 'Parent Reference:');
    for (const [title, field] of [
      ['Group', 'group'],
      ['Resource', 'resource'],
      ['Namespace', 'namespace'],
      ['Name', 'name'],
    ] as const)
      w.line(1, `${title}:`, text(parent, field));
  }
  eventsOf(context, w);
};

export const describeServiceCidr: Describer = (context, w) => {
  const { object } = context;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  metadataOf(w, object);
  w.line(0, 'CIDRs:', strings(object, 'spec', 'cidrs').join(', '));
  const conditions = list(object, 'status', 'conditions');
  if (conditions.length > 0) {
    w.line(0, 'Status:');
    w.line(0, 'Conditions:');
    w.line(1, 'Type', 'Status', 'LastTransitionTime', 'Reason', 'Message');
    w.line(1, '----', '------', '------------------', '------', '-------');
    for (const each of conditions)
      w.line(
        1,
        text(each, 'type'),
        text(each, 'status'),
        rfc1123(each['lastTransitionTime']),
        text(each, 'reason'),
        text(each, 'message'),
      );
  }
  eventsOf(context, w);
};
