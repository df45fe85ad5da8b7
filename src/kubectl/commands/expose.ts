import { dryRunFlags, filenameFlags, managerFlags, printFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, type Info } from '../builder.ts';
import { dryRunOf, saidWith } from '../dry-run.ts';
import { CliError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { withLastApplied } from '../last-applied.ts';
import { printerFor } from '../print/printer.ts';
import type { Session } from '../session.ts';
import { at, list, num, record, text, type Obj } from '../value.ts';
import { createObject } from '../write.ts';
import { mappingOf } from './create/generate.ts';
import { mergeOverrides } from './overrides.ts';
import { asGoHasIt } from './set/pod-template.ts';

export const exposeCommand: Command = {
  name: 'expose',
  short: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...dryRunFlags,
    ...managerFlags('kubectl-expose'),
    'cluster-ip': { type: 'string' },
    'external-ip': { type: 'string' },
    labels: { type: 'string', short: 'l' },
    'load-balancer-ip': { type: 'string' },
    name: { type: 'string' },
    overrides: { type: 'string' },
    'override-type': { type: 'string', default: 'merge' },
    port: { type: 'string' },
    protocol: { type: 'string' },
    'save-config': { type: 'bool' },
    selector: { type: 'string' },
    'session-affinity': { type: 'string' },
    'target-port': { type: 'string' },
    type: { type: 'string' },
  },
  run: (session) => expose(session),
};

const SERVICE = mappingOf({ group: '', version: 'v1', kind: 'Service', resource: 'services', namespaced: true });
const EXPOSABLE = ['Deployment', 'ReplicaSet', 'ReplicationController', 'Service', 'Pod'];

/** `a=b,c=d` as an object. */
export const parsePairs = (spec: string, complaint: (spec: string) => string): Record<string, string> => {
  const pairs: Record<string, string> = {};
  for (const pair of spec.split(',').filter(Boolean)) {
    const parts = pair.split('=');
    if (parts.length !== 2 || parts[0] === '') throw new CliError(complaint(pair));
    pairs[parts[0]!] = parts[1]!;
  }
  return pairs;
};

const expose = (session: Session): void => {
  const { flags, io } = session;
  const dryRun = dryRunOf(session);
  const { infos, errors } = build(session, {
    args: session.args,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
  });
  if (errors.length > 0) throw errors[0]!;
  const printer = printerFor(session, { operation: saidWith('exposed', dryRun), typed: dryRun === 'client' });
  for (const info of infos) {
    let service = serviceFor(session, info);
    if (flags.string('overrides'))
      service = asGoHasIt(
        mergeOverrides(service, flags.string('overrides'), flags.string('override-type'), 'io.k8s.api.core.v1.Service'),
      );
    if (flags.bool('save-config') && dryRun !== 'client') service = withLastApplied(service, true);
    if (dryRun !== 'client')
      service = createObject(session, SERVICE, session.namespace, service, {
        dryRun,
        fieldManager: flags.string('field-manager'),
      });
    io.stdout(printer(service));
  }
};

const serviceFor = (session: Session, info: Info): Obj => {
  const { flags } = session;
  const { object, mapping } = info;
  if (!EXPOSABLE.includes(mapping.kind))
    throw new CliError(`cannot expose a ${mapping.kind}${mapping.group ? `.${mapping.group}` : ''}`);
  const selector = flags.string('selector')
    ? parsePairs(flags.string('selector'), (spec) => `unexpected selector spec: ${spec}`)
    : selectorFrom(info);
  const labels = flags.string('labels')
    ? parsePairs(flags.string('labels'), (spec) => `unexpected label spec: ${spec}`)
    : record(object, 'metadata', 'labels');
  const name = (flags.string('name') || info.name).slice(0, 63);
  const ports = portsFor(session, info);
  const type = flags.string('type');
  const affinity = flags.string('session-affinity');
  if (affinity && affinity !== 'ClientIP' && affinity !== 'None')
    throw new CliError(`unknown session affinity: ${affinity}`);
  const clusterIP = flags.string('cluster-ip');
  const externalIP = flags.string('external-ip');
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      name,
      ...(session.explicitNamespace ? { namespace: session.namespace } : {}),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
    },
    spec: {
      ports,
      selector,
      ...(clusterIP ? { clusterIP } : {}),
      ...(type ? { type } : {}),
      ...(externalIP ? { externalIPs: [externalIP] } : {}),
      ...(affinity ? { sessionAffinity: affinity } : {}),
      ...(flags.string('load-balancer-ip') ? { loadBalancerIP: flags.string('load-balancer-ip') } : {}),
    },
    status: { loadBalancer: {} },
  };
};

const selectorFrom = ({ object, mapping }: Info): Record<string, string> => {
  const refuse = (reason: string): CliError =>
    new CliError(`couldn't retrieve selectors via --selector flag or introspection: ${reason}`);
  if (mapping.kind === 'Pod') {
    const labels = record(object, 'metadata', 'labels');
    if (Object.keys(labels).length === 0) throw refuse('the pod has no labels and cannot be exposed');
    return labels;
  }
  if (mapping.kind === 'Service' || mapping.kind === 'ReplicationController') {
    const selector = record(object, 'spec', 'selector');
    if (Object.keys(selector).length === 0)
      throw refuse(
        mapping.kind === 'Service'
          ? 'the service has no pod selector set'
          : 'invalid replication controller: no selectors',
      );
    return selector;
  }
  const kind = mapping.kind === 'Deployment' ? 'deployment' : 'replicaset';
  const labels = record(object, 'spec', 'selector', 'matchLabels');
  if (Object.keys(labels).length === 0) throw refuse(`invalid ${kind}: no selectors, therefore cannot be exposed`);
  if (list(object, 'spec', 'selector', 'matchExpressions').length > 0)
    throw refuse(
      `couldn't convert expressions - "${JSON.stringify(at(object, 'spec', 'selector', 'matchExpressions'))}" to map-based selector format`,
    );
  return labels;
};

/** Go's strconv.Atoi. */
const atoi = (value: string): number => {
  if (!/^[-+]?\d+$/.test(value)) throw new CliError(`strconv.Atoi: parsing ${goQuote(value)}: invalid syntax`);
  return Number(value);
};

const portsFor = (session: Session, info: Info): Obj[] => {
  const { flags } = session;
  const found = introspected(info);
  const given = flags.string('port');
  const numbers = given ? given.split(',').map(atoi) : found.map(({ port }) => port);
  if (numbers.length === 0) throw new CliError("couldn't find port via --port flag or introspection");
  const target = flags.string('target-port');
  return numbers.map((port, i) => ({
    ...(numbers.length > 1 ? { name: `port-${i + 1}` } : {}),
    protocol: flags.string('protocol') || found.find((each) => each.port === port)?.protocol || 'TCP',
    port,
    targetPort: target === '' ? port : /^\d+$/.test(target) ? Number(target) : target,
  }));
};

const introspected = ({ object, mapping }: Info): { port: number; protocol: string }[] => {
  if (mapping.kind === 'Service')
    return list(object, 'spec', 'ports').map((port) => ({ port: num(port, 'port'), protocol: text(port, 'protocol') }));
  const containers =
    mapping.kind === 'Pod'
      ? list(object, 'spec', 'containers')
      : list(object, 'spec', 'template', 'spec', 'containers');
  return containers.flatMap((container) =>
    list(container, 'ports').map((port) => ({ port: num(port, 'containerPort'), protocol: text(port, 'protocol') })),
  );
};
