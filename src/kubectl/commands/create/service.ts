import type { Command } from '../../cli/command.ts';
import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import type { Session } from '../../session.ts';
import type { Obj } from '../../value.ts';
import { createGenerated, generatorFlags, nameArg } from './generate.ts';

const SERVICE = { group: '', version: 'v1', kind: 'Service', resource: 'services', namespaced: true };

/** Go's strconv.ParseUint(text, 10, 16). */
const parsePort = (value: string): number => {
  if (!/^\d+$/.test(value)) throw new CliError(`strconv.ParseUint: parsing ${goQuote(value)}: invalid syntax`);
  if (Number(value) > 65535) throw new CliError(`strconv.ParseUint: parsing ${goQuote(value)}: value out of range`);
  return Number(value);
};

/** `80:8080` as a port of a Service; the target may be a name. */
const servicePort = (spec: string, nodePort: number): Obj => {
  const [first = '', target] = spec.split(':');
  const port = parsePort(first);
  const targetPort = target === undefined ? port : /^\d+$/.test(target) ? parsePort(target) : target;
  return {
    name: spec.replaceAll(':', '-'),
    protocol: 'TCP',
    port,
    targetPort,
    ...(nodePort ? { nodePort } : {}),
  };
};

const service = (session: Session, type: string, extra: (name: string) => Obj): void => {
  const name = nameArg(session);
  const tcp = session.flags.list('tcp');
  const nodePort = session.flags.int('node-port');
  const ports = tcp.map((spec) => servicePort(spec, nodePort));
  createGenerated(
    session,
    SERVICE,
    {
      metadata: { name, labels: { app: name } },
      spec: { ...(ports.length > 0 ? { ports } : {}), ...{ selector: { app: name } }, type, ...extra(name) },
      status: { loadBalancer: {} },
    },
    `failed to create ${type} service`,
  );
};

const needsPorts = (session: Session): void => {
  nameArg(session);
  if (session.flags.list('tcp').length === 0) throw new CliError('at least one tcp port specifier must be provided');
};

const flags = { ...generatorFlags, tcp: { type: 'list' } } as const;

export const createService: Command = {
  name: 'service',
  aliases: ['svc'],
  short: 'Create a service using a specified subcommand',
  long: 'Create a service using a specified subcommand.',
  usage: 'kubectl create service [flags] [options]',
  commands: [
    {
      name: 'clusterip',
      short: 'Create a ClusterIP service',
      flags: { ...flags, clusterip: { type: 'string' } },
      run: (session) => {
        const clusterIP = session.flags.string('clusterip');
        if (clusterIP !== 'None') needsPorts(session);
        service(session, 'ClusterIP', () => (clusterIP ? { clusterIP } : {}));
      },
    },
    {
      name: 'externalname',
      short: 'Create an ExternalName service',
      flags: { ...flags, 'external-name': { type: 'string' } },
      required: ['external-name'],
      run: (session) =>
        service(session, 'ExternalName', () => ({ externalName: session.flags.string('external-name') })),
    },
    {
      name: 'loadbalancer',
      short: 'Create a LoadBalancer service',
      flags,
      run: (session) => {
        needsPorts(session);
        service(session, 'LoadBalancer', () => ({}));
      },
    },
    {
      name: 'nodeport',
      short: 'Create a NodePort service',
      flags: { ...flags, 'node-port': { type: 'int' } },
      run: (session) => {
        needsPorts(session);
        service(session, 'NodePort', () => ({}));
      },
    },
  ],
};
