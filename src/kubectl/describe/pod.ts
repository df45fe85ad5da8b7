import { list, num, record, text, type Obj } from '../value.ts';
import { describeContainers, describeResources, seccomp } from './containers.ts';
import type { Describer } from './context.ts';
import { describeEvents, searchEvents } from './events.ts';
import { tolerations, topologySpread } from './pod-template.ts';
import { describeVolumes } from './volumes.ts';
import { controllerText, labelsOf, metadataOf, rfc1123, since, type DescribeWriter } from './writer.ts';

export const describePod: Describer = (context, w) => {
  const { object: pod, now } = context;
  const spec = pod['spec'] as Obj;
  w.line(0, 'Name:', text(pod, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(pod, 'metadata', 'namespace'));
  if (spec['priority'] !== undefined) w.line(0, 'Priority:', num(spec, 'priority'));
  for (const [title, field] of [
    ['Priority Class Name', 'priorityClassName'],
    ['Runtime Class Name', 'runtimeClassName'],
    ['Service Account', 'serviceAccountName'],
  ] as const)
    if (text(spec, field)) w.line(0, `${title}:`, text(spec, field));
  w.line(0, 'Node:', text(spec, 'nodeName') ? `${text(spec, 'nodeName')}/${text(pod, 'status', 'hostIP')}` : '<none>');
  if (text(pod, 'status', 'startTime')) w.line(0, 'Start Time:', rfc1123(text(pod, 'status', 'startTime')));
  metadataOf(w, pod);
  status(w, pod, now);
  seccomp(w, (spec['securityContext'] as Obj | undefined)?.['seccompProfile'], 0);
  addresses(w, pod);
  if (controllerText(pod)) w.line(0, 'Controlled By:', controllerText(pod));
  if (text(pod, 'status', 'nominatedNodeName'))
    w.line(0, 'NominatedNodeName:', text(pod, 'status', 'nominatedNodeName'));
  if (spec['resources']) {
    w.write(0, 'Resources:\n');
    describeResources(w, spec['resources'], 1);
  }
  const containers = (label: string, field: string, statuses: string): void =>
    describeContainers(w, {
      label,
      containers: list(spec, field),
      statuses: list(pod, 'status', statuses),
      pod,
      space: '',
    });
  if (list(spec, 'initContainers').length > 0) containers('Init Containers', 'initContainers', 'initContainerStatuses');
  containers('Containers', 'containers', 'containerStatuses');
  if (list(spec, 'ephemeralContainers').length > 0)
    containers('Ephemeral Containers', 'ephemeralContainers', 'ephemeralContainerStatuses');
  conditions(w, pod, spec);
  describeVolumes(w, list(spec, 'volumes'), '');
  w.line(0, 'QoS Class:', text(pod, 'status', 'qosClass'));
  labelsOf(w, 'Node-Selectors', record(spec, 'nodeSelector'));
  tolerations(w, 'Tolerations', list(spec, 'tolerations'));
  topologySpread(w, list(spec, 'topologySpreadConstraints'), '');
  if (context.showEvents) describeEvents(w, searchEvents(context, { kind: false }), now);
};

const status = (w: DescribeWriter, pod: Obj, now: number): void => {
  const phase = text(pod, 'status', 'phase');
  const deleted = text(pod, 'metadata', 'deletionTimestamp');
  if (deleted && phase !== 'Failed' && phase !== 'Succeeded') {
    w.line(0, 'Status:', `Terminating (lasts ${since(now, deleted)})`);
    w.line(0, 'Termination Grace Period:', `${num(pod, 'metadata', 'deletionGracePeriodSeconds')}s`);
  } else w.line(0, 'Status:', phase);
  if (text(pod, 'status', 'reason')) w.line(0, 'Reason:', text(pod, 'status', 'reason'));
  if (text(pod, 'status', 'message')) w.line(0, 'Message:', text(pod, 'status', 'message'));
};

const addresses = (w: DescribeWriter, pod: Obj): void => {
  w.line(0, 'IP:', text(pod, 'status', 'podIP'));
  const ips = list(pod, 'status', 'podIPs');
  if (ips.length === 0) return w.line(0, 'IPs:', '<none>');
  w.write(0, 'IPs:\n');
  for (const ip of ips) w.line(1, 'IP:', text(ip, 'ip'));
};

const conditions = (w: DescribeWriter, pod: Obj, spec: Obj): void => {
  const found = list(pod, 'status', 'conditions');
  const gates = list(spec, 'readinessGates');
  if (gates.length > 0) {
    w.write(0, 'Readiness Gates:\n  Type\tStatus\n');
    for (const gate of gates)
      w.write(
        1,
        `${text(gate, 'conditionType')} \t${
          text(
            found.find((each) => each['type'] === gate['conditionType']),
            'status',
          ) || '<none>'
        } \n`,
      );
  }
  if (found.length === 0) return;
  w.write(0, 'Conditions:\n  Type\tStatus\n');
  for (const condition of found) w.write(1, `${text(condition, 'type')} \t${text(condition, 'status')} \n`);
};
