import { labelText } from '../print/table.ts';
import { at, list, num, record, strings, text, type Obj } from '../value.ts';
import type { DescribeContext, Describer } from './context.ts';
import { eventsOf } from './events.ts';
import { metadataOf, type DescribeWriter } from './writer.ts';

const named = (w: DescribeWriter, object: Obj): void => {
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
  metadataOf(w, object);
};

export const describeService: Describer = (context, w) => {
  const { object } = context;
  const spec = object['spec'] as Obj;
  named(w, object);
  w.line(0, 'Selector:', labelText(record(spec, 'selector')));
  w.line(0, 'Type:', text(spec, 'type'));
  if (text(spec, 'ipFamilyPolicy')) w.line(0, 'IP Family Policy:', text(spec, 'ipFamilyPolicy'));
  w.line(0, 'IP Families:', strings(spec, 'ipFamilies').join(',') || '<none>');
  w.line(0, 'IP:', text(spec, 'clusterIP'));
  w.line(0, 'IPs:', strings(spec, 'clusterIPs').join(',') || '<none>');
  if (strings(spec, 'externalIPs').length > 0) w.line(0, 'External IPs:', strings(spec, 'externalIPs').join(','));
  if (text(spec, 'loadBalancerIP')) w.line(0, 'Desired LoadBalancer IP:', text(spec, 'loadBalancerIP'));
  if (text(spec, 'externalName')) w.line(0, 'External Name:', text(spec, 'externalName'));
  const ingress = list(object, 'status', 'loadBalancer', 'ingress');
  if (ingress.length > 0)
    w.line(
      0,
      'LoadBalancer Ingress:',
      ingress
        .map((each) =>
          text(each, 'ip')
            ? `${text(each, 'ip')}${text(each, 'ipMode') ? ` (${text(each, 'ipMode')})` : ''}`
            : text(each, 'hostname'),
        )
        .join(', '),
    );
  ports(context, w, spec);
  w.line(0, 'Session Affinity:', text(spec, 'sessionAffinity'));
  if (text(spec, 'externalTrafficPolicy')) w.line(0, 'External Traffic Policy:', text(spec, 'externalTrafficPolicy'));
  if (text(spec, 'internalTrafficPolicy')) w.line(0, 'Internal Traffic Policy:', text(spec, 'internalTrafficPolicy'));
  if (num(spec, 'healthCheckNodePort') > 0) w.line(0, 'HealthCheck NodePort:', num(spec, 'healthCheckNodePort'));
  if (strings(spec, 'loadBalancerSourceRanges').length > 0)
    w.line(0, 'LoadBalancer Source Ranges:', strings(spec, 'loadBalancerSourceRanges').join(','));
  if (text(spec, 'trafficDistribution')) w.line(0, 'Traffic Distribution:', text(spec, 'trafficDistribution'));
  eventsOf(context, w);
};

const ports = ({ session, object }: DescribeContext, w: DescribeWriter, spec: Obj): void => {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${text(object, 'metadata', 'namespace')}/endpointslices`;
  const slices = list(
    session.rest.get(path, {
      query: { labelSelector: `kubernetes.io/service-name=${text(object, 'metadata', 'name')}` },
    }),
    'items',
  );
  for (const port of list(spec, 'ports')) {
    const name = text(port, 'name') || '<unset>';
    const protocol = text(port, 'protocol');
    w.line(0, 'Port:', name, `${num(port, 'port')}/${protocol}`);
    w.line(0, 'TargetPort:', `${text(port, 'targetPort') || '0'}/${protocol}`);
    if (text(port, 'appProtocol')) w.line(0, 'AppProtocol:', text(port, 'appProtocol'));
    if (num(port, 'nodePort') > 0) w.line(0, 'NodePort:', name, `${num(port, 'nodePort')}/${protocol}`);
    w.line(0, 'Endpoints:', endpointsText(slices, text(port, 'name')));
  }
};

const SHOWN = 3;

/** Ready addresses of a port, three at most: `10.0.0.1:80,10.0.0.2:80 + 3 more...` */
const endpointsText = (slices: readonly Obj[], portName: string): string => {
  if (slices.length === 0) return '<none>';
  const found = slices.flatMap((slice) => {
    const ready = list(slice, 'endpoints').filter((endpoint) => at(endpoint, 'conditions', 'ready') !== false);
    const slicePorts = list(slice, 'ports');
    if (slicePorts.length === 0) return ready.map((endpoint) => strings(endpoint, 'addresses')[0]!);
    return slicePorts
      .filter((port) => text(port, 'name') === portName)
      .flatMap((port) => ready.map((endpoint) => hostPort(strings(endpoint, 'addresses')[0]!, num(port, 'port'))));
  });
  const shown = found.slice(0, SHOWN).join(',');
  return found.length > SHOWN ? `${shown} + ${found.length - SHOWN} more...` : shown;
};

const hostPort = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

export const describeEndpoints: Describer = (context, w) => {
  const { object } = context;
  named(w, object);
  w.write(0, 'Subsets:\n');
  for (const subset of list(object, 'subsets')) {
    const addresses = (field: string): string =>
      list(subset, field)
        .map((each) => text(each, 'ip'))
        .join(',') || '<none>';
    w.line(1, 'Addresses:', addresses('addresses'));
    w.line(1, 'NotReadyAddresses:', addresses('notReadyAddresses'));
    portTable(w, list(subset, 'ports'));
    w.write(0, '\n');
  }
  eventsOf(context, w);
};

const portTable = (w: DescribeWriter, given: readonly Obj[], level = 1): void => {
  if (given.length === 0) return;
  w.write(level, 'Ports:\n');
  w.line(level + 1, 'Name', 'Port', 'Protocol');
  w.line(level + 1, '----', '----', '--------');
  for (const port of given)
    w.line(
      level + 1,
      text(port, 'name') || '<unset>',
      port['port'] === undefined ? '<unset>' : num(port, 'port'),
      text(port, 'protocol'),
    );
};

export const describeEndpointSlice: Describer = (context, w) => {
  const { object } = context;
  named(w, object);
  w.line(0, 'AddressType:', text(object, 'addressType'));
  if (list(object, 'ports').length === 0) w.write(0, 'Ports: <unset>\n');
  else portTable(w, list(object, 'ports'), 0);
  const endpoints = list(object, 'endpoints');
  w.write(0, endpoints.length === 0 ? 'Endpoints: <none>\n' : 'Endpoints:\n');
  for (const endpoint of endpoints) {
    w.line(1, '- Addresses:', strings(endpoint, 'addresses').join(', ') || '<none>');
    w.write(2, 'Conditions:\n');
    const ready = at(endpoint, 'conditions', 'ready');
    w.line(3, 'Ready:', ready === undefined || ready === null ? '<unset>' : Boolean(ready));
    w.line(2, 'Hostname:', text(endpoint, 'hostname') || '<unset>');
    if (endpoint['targetRef'])
      w.line(2, 'TargetRef:', `${text(endpoint, 'targetRef', 'kind')}/${text(endpoint, 'targetRef', 'name')}`);
    w.line(2, 'NodeName:', text(endpoint, 'nodeName') || '<unset>');
    w.line(2, 'Zone:', text(endpoint, 'zone') || '<unset>');
  }
  eventsOf(context, w);
};
