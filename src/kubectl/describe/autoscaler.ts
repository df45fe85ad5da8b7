import { goQuote } from '../go-format.ts';
import { at, list, num, text, type Obj } from '../value.ts';
import type { Describer } from './context.ts';
import { eventsOf } from './events.ts';
import { metadataOf, rfc1123, type DescribeWriter } from './writer.ts';

const UNKNOWN = '<unknown>';

const currentOr = (current: unknown, field: string): string => text(current, field) || UNKNOWN;

/** `resource cpu on pods`: a share of what is requested, or an amount. */
const resourceLine = (what: string, target: unknown, current: unknown): readonly [string, string] => {
  const amount = text(target, 'averageValue');
  if (amount) return [`  ${what}:`, `${currentOr(current, 'averageValue')} / ${amount}`];
  const wanted = text(target, 'averageUtilization');
  const share = text(current, 'averageUtilization');
  const shown = share ? `${share}% (${text(current, 'averageValue')})` : UNKNOWN;
  return [`  ${what}  (as a percentage of request):`, `${shown} / ${wanted ? `${wanted}%` : '<auto>'}`];
};

/** A number of one thing: shared by the Pods, or as it is. */
const valueLine = (what: string, target: unknown, current: unknown): readonly [string, string] => {
  const field = text(target, 'averageValue') ? 'averageValue' : 'value';
  const title = field === 'value' ? 'target value' : 'target average value';
  return [`  ${what} (${title}):`, `${currentOr(current, field)} / ${text(target, field)}`];
};

const metricLine = (metric: Obj, status: unknown): readonly string[] => {
  const type = text(metric, 'type');
  const field = `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`;
  const source = at(metric, field);
  const target = at(source, 'target');
  const current = at(status, field, 'current');
  const name = goQuote(text(source, 'metric', 'name'));
  switch (type) {
    case 'External':
      return valueLine(name, target, current);
    case 'Pods':
      return [`  ${name} on pods:`, `${currentOr(current, 'averageValue')} / ${text(target, 'averageValue')}`];
    case 'Object': {
      const object = at(source, 'describedObject');
      return valueLine(`${name} on ${text(object, 'kind')}/${text(object, 'name')}`, target, current);
    }
    case 'Resource':
      return resourceLine(`resource ${text(source, 'name')} on pods`, target, current);
    case 'ContainerResource': {
      const container = goQuote(text(source, 'container'));
      return resourceLine(`resource ${text(source, 'name')} of container ${container} on pods`, target, current);
    }
    default:
      return [`  <unknown metric type ${goQuote(type)}>`];
  }
};

const rules = (w: DescribeWriter, title: string, direction: unknown): void => {
  if (!direction) return;
  w.line(1, `${title}:`);
  const window = text(direction, 'stabilizationWindowSeconds');
  if (window) w.line(2, `Stabilization Window: ${window} seconds`);
  const policies = list(direction, 'policies');
  if (policies.length === 0) return;
  w.line(2, `Select Policy: ${text(direction, 'selectPolicy') || 'Max'}`);
  w.line(2, 'Policies:');
  for (const policy of policies)
    w.line(
      3,
      `- Type: ${text(policy, 'type')}`,
      `Value: ${num(policy, 'value')}`,
      `Period: ${num(policy, 'periodSeconds')} seconds`,
    );
};

export const describeAutoscaler: Describer = (context, w) => {
  const { object } = context;
  const { kind, name } = at(object, 'spec', 'scaleTargetRef') as Record<string, string>;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  metadataOf(w, object);
  w.line(0, 'CreationTimestamp:', rfc1123(at(object, 'metadata', 'creationTimestamp')));
  w.line(0, 'Reference:', `${kind}/${name}`);
  w.line(0, 'Metrics:', '( current / target )');
  list(object, 'spec', 'metrics').forEach((metric, i) =>
    w.line(0, ...metricLine(metric, at(object, 'status', 'currentMetrics', i))),
  );
  w.line(0, 'Min replicas:', text(object, 'spec', 'minReplicas') || '<unset>');
  w.line(0, 'Max replicas:', num(object, 'spec', 'maxReplicas'));
  const behavior = at(object, 'spec', 'behavior');
  if (behavior) {
    w.line(0, 'Behavior:');
    rules(w, 'Scale Up', at(behavior, 'scaleUp'));
    rules(w, 'Scale Down', at(behavior, 'scaleDown'));
  }
  const status = (field: string): number => num(object, 'status', field);
  w.line(0, `${kind} pods:`, `${status('currentReplicas')} current / ${status('desiredReplicas')} desired`);
  const conditions = list(object, 'status', 'conditions');
  if (conditions.length > 0) {
    w.line(0, 'Conditions:');
    w.line(1, 'Type', 'Status', 'Reason', 'Message');
    w.line(1, '----', '------', '------', '-------');
    for (const each of conditions)
      w.line(1, text(each, 'type'), text(each, 'status'), text(each, 'reason'), text(each, 'message'));
  }
  eventsOf(context, w);
};
