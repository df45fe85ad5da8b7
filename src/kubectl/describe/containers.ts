import { milliValue, parseQuantity } from '../../api/quantity.ts';
import { goNumber } from '../../api/go-text.ts';
import { goQuote } from '../go-format.ts';
import { at, byText, list, num, record, sortedKeys, strings, text, type Obj } from '../value.ts';
import { rfc1123, type DescribeWriter } from './writer.ts';

export interface ContainersOptions {
  readonly label: string;
  readonly containers: readonly Obj[];
  readonly statuses: readonly Obj[];
  /** The Pod, to resolve fieldRefs; absent for templates. */
  readonly pod?: Obj;
  /** Put before the title, for templates. */
  readonly space: string;
}

export const describeContainers = (
  w: DescribeWriter,
  { label, containers, statuses, pod, space }: ContainersOptions,
): void => {
  w.write(0, `${space}${label}:${containers.length === 0 ? ' <none>' : ''}\n`);
  for (const container of containers) {
    const status = statuses.find((each) => each['name'] === container['name']);
    w.write(1, `${space ? ' ' : ''}${text(container, 'name')}:\n`);
    basics(w, container, status);
    command(w, container);
    if (status) state(w, status);
    describeResources(w, container['resources'], 2);
    probes(w, container);
    if (list(container, 'envFrom').length > 0) envFrom(w, container);
    environment(w, container, pod);
    mounts(w, container);
  }
};

const basics = (w: DescribeWriter, container: Obj, status: Obj | undefined): void => {
  if (status) w.line(2, 'Container ID:', text(status, 'containerID'));
  w.line(2, 'Image:', text(container, 'image'));
  if (status) w.line(2, 'Image ID:', text(status, 'imageID'));
  const ports = (field: string): string =>
    list(container, 'ports')
      .map((port) => `${num(port, field)}/${text(port, 'protocol')}${port['name'] ? ` (${text(port, 'name')})` : ''}`)
      .join(', ');
  const line = (title: string, value: string): void =>
    value.includes(',') ? w.line(2, `${title}s:`, value) : w.line(2, `${title}:`, value || '<none>');
  line('Port', ports('containerPort'));
  line('Host Port', ports('hostPort'));
  seccomp(w, at(container, 'securityContext', 'seccompProfile'), 2);
};

export const seccomp = (w: DescribeWriter, profile: unknown, level: number): void => {
  if (!profile) return;
  w.line(level, 'SeccompProfile:', text(profile, 'type'));
  if (text(profile, 'type') === 'Localhost')
    w.line(level === 0 ? 0 : level + 1, 'LocalhostProfile:', text(profile, 'localhostProfile'));
};

const command = (w: DescribeWriter, container: Obj): void => {
  for (const [title, field] of [
    ['Command', 'command'],
    ['Args', 'args'],
  ] as const) {
    if (strings(container, field).length === 0) continue;
    w.write(2, `${title}:\n`);
    for (const arg of strings(container, field)) for (const line of arg.split('\n')) w.write(3, `${line}\n`);
  }
};

const state = (w: DescribeWriter, status: Obj): void => {
  oneState(w, 'State', status['state']);
  if (at(status, 'lastState', 'terminated')) oneState(w, 'Last State', status['lastState']);
  w.line(2, 'Ready:', status['ready'] ? 'True' : 'False');
  w.line(2, 'Restart Count:', num(status, 'restartCount'));
};

const oneState = (w: DescribeWriter, title: string, value: unknown): void => {
  const running = at(value, 'running');
  const terminated = at(value, 'terminated');
  if (running) {
    w.line(2, `${title}:`, 'Running');
    w.line(3, 'Started:', rfc1123(at(running, 'startedAt')));
  } else if (terminated) {
    w.line(2, `${title}:`, 'Terminated');
    if (text(terminated, 'reason')) w.line(3, 'Reason:', text(terminated, 'reason'));
    if (text(terminated, 'message')) w.line(3, 'Message:', text(terminated, 'message'));
    w.line(3, 'Exit Code:', num(terminated, 'exitCode'));
    if (num(terminated, 'signal') > 0) w.line(3, 'Signal:', num(terminated, 'signal'));
    w.line(3, 'Started:', rfc1123(at(terminated, 'startedAt')));
    w.line(3, 'Finished:', rfc1123(at(terminated, 'finishedAt')));
  } else {
    w.line(2, `${title}:`, 'Waiting');
    if (text(value, 'waiting', 'reason')) w.line(3, 'Reason:', text(value, 'waiting', 'reason'));
  }
};

export const describeResources = (w: DescribeWriter, resources: unknown, level: number): void => {
  for (const [title, field] of [
    ['Limits', 'limits'],
    ['Requests', 'requests'],
  ] as const) {
    const amounts = record(resources, field);
    if (Object.keys(amounts).length > 0) w.write(level, `${title}:\n`);
    for (const name of sortedKeys(amounts)) w.line(level + 1, `${name}:`, amounts[name]!);
  }
};

const probes = (w: DescribeWriter, container: Obj): void => {
  for (const [title, field] of [
    ['Liveness', 'livenessProbe'],
    ['Readiness', 'readinessProbe'],
    ['Startup', 'startupProbe'],
  ] as const)
    if (container[field]) w.line(2, `${title}:`, probeText(container[field] as Obj));
};

/** `http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3` */
export const probeText = (probe: Obj): string => {
  const attributes = `delay=${num(probe, 'initialDelaySeconds')}s timeout=${num(probe, 'timeoutSeconds')}s period=${num(probe, 'periodSeconds')}s #success=${num(probe, 'successThreshold')} #failure=${num(probe, 'failureThreshold')}`;
  const http = probe['httpGet'];
  const tcp = probe['tcpSocket'];
  const grpc = probe['grpc'];
  if (probe['exec']) return `exec [${strings(probe, 'exec', 'command').join(' ')}] ${attributes}`;
  if (http) {
    const host = text(http, 'host');
    const shown = host.includes(':') ? `[${host}]` : host;
    const path = text(http, 'path');
    return `http-get ${text(http, 'scheme').toLowerCase()}://${shown}:${text(http, 'port')}${path && !path.startsWith('/') ? '/' : ''}${encodeURI(path)} ${attributes}`;
  }
  if (tcp) return `tcp-socket ${text(tcp, 'host')}:${text(tcp, 'port')} ${attributes}`;
  if (grpc) return `grpc <pod>:${num(grpc, 'port')} ${text(grpc, 'service')} ${attributes}`;
  return `unknown ${attributes}`;
};

const envFrom = (w: DescribeWriter, container: Obj): void => {
  w.write(2, 'Environment Variables from:\n');
  for (const each of list(container, 'envFrom')) {
    const kind = each['configMapRef'] ? 'ConfigMap' : each['secretRef'] ? 'Secret' : '';
    const ref = each['configMapRef'] ?? each['secretRef'];
    const prefix = text(each, 'prefix');
    w.line(
      3,
      text(ref, 'name'),
      prefix ? `${kind} with prefix '${prefix}'` : kind,
      `Optional: ${Boolean(at(ref, 'optional'))}`,
    );
  }
};

const environment = (w: DescribeWriter, container: Obj, pod: Obj | undefined): void => {
  const env = list(container, 'env');
  w.write(2, `Environment:${env.length === 0 ? '\t<none>' : ''}\n`);
  for (const each of env) {
    const name = text(each, 'name');
    const from = each['valueFrom'];
    if (!from) {
      text(each, 'value')
        .split('\n')
        .forEach((line, i) => (i === 0 ? w.line(3, `${name}:`, line) : w.write(3, `\t${line}\n`)));
      continue;
    }
    const field = at(from, 'fieldRef');
    const resource = at(from, 'resourceFieldRef');
    const secret = at(from, 'secretKeyRef');
    const configMap = at(from, 'configMapKeyRef');
    if (field)
      w.line(
        3,
        `${name}:`,
        `${pod ? fieldValue(pod, text(field, 'fieldPath')) : ''} (${text(field, 'apiVersion')}:${text(field, 'fieldPath')})`,
      );
    else if (resource)
      w.line(3, `${name}:`, `${resourceValue(container, resource as Obj)} (${text(resource, 'resource')})`);
    else if (secret)
      w.line(
        3,
        `${name}:`,
        `<set to the key '${text(secret, 'key')}' in secret '${text(secret, 'name')}'>`,
        `Optional: ${Boolean(at(secret, 'optional'))}`,
      );
    else if (configMap)
      w.line(
        3,
        `${name}:`,
        `<set to the key '${text(configMap, 'key')}' of config map '${text(configMap, 'name')}'>`,
        `Optional: ${Boolean(at(configMap, 'optional'))}`,
      );
  }
};

/** kubectl knows the fields of metadata only. */
const fieldValue = (pod: Obj, path: string): string => {
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(path);
  if (subscript) return '';
  switch (path) {
    case 'metadata.name':
    case 'metadata.namespace':
    case 'metadata.uid':
      return text(pod, ...path.split('.'));
    case 'metadata.labels':
    case 'metadata.annotations':
      return sortedKeys(record(pod, ...path.split('.')))
        .map((key) => `${key}=${goQuote(record(pod, ...path.split('.'))[key]!)}`)
        .join('\n');
    default:
      return '';
  }
};

const resourceValue = (container: Obj, ref: Obj): string => {
  const [kind = '', ...rest] = text(ref, 'resource').split('.');
  const name = rest.join('.');
  const found = record(container, 'resources', kind)[name];
  const divisor = text(ref, 'divisor');
  const by = divisor && divisor !== '0' ? parseQuantity(divisor) : parseQuantity('1');
  const value =
    found === undefined
      ? 0
      : Math.ceil(
          name === 'cpu'
            ? milliValue(found) / milliValue(by.toString())
            : parseQuantity(found).asNumber() / by.asNumber(),
        );
  return value === 0 && kind === 'limits' && (name === 'cpu' || name === 'memory')
    ? 'node allocatable'
    : goNumber(value);
};

const mounts = (w: DescribeWriter, container: Obj): void => {
  const found = [...list(container, 'volumeMounts')].sort((a, b) => byText(text(a, 'mountPath'), text(b, 'mountPath')));
  w.write(2, `Mounts:${found.length === 0 ? '\t<none>' : ''}\n`);
  for (const mount of found) {
    const flags = [
      mount['readOnly'] ? 'ro' : 'rw',
      ...(text(mount, 'subPath') ? [`path=${goQuote(text(mount, 'subPath'))}`] : []),
    ];
    w.write(3, `${text(mount, 'mountPath')} from ${text(mount, 'name')} (${flags.join(',')})\n`);
  }
  const devices = [...list(container, 'volumeDevices')].sort((a, b) =>
    byText(text(a, 'devicePath'), text(b, 'devicePath')),
  );
  if (devices.length > 0) w.write(2, `Devices:${found.length === 0 ? '\t<none>' : ''}\n`);
  for (const device of devices) w.write(3, `${text(device, 'devicePath')} from ${text(device, 'name')}\n`);
};
