import type { Command } from '../../cli/command.ts';
import { CliError } from '../../errors.ts';
import type { Session } from '../../session.ts';
import type { Obj } from '../../value.ts';
import { createGenerated, generatorFlags, nameArg } from './generate.ts';

export const createIngress: Command = {
  name: 'ingress',
  aliases: ['ing'],
  short: 'Create an ingress with the specified name',
  usage: 'kubectl create ingress NAME --rule=host/path=service:port[,tls[=secret]]  [options]',
  flags: {
    ...generatorFlags,
    annotation: { type: 'array' },
    class: { type: 'string' },
    'default-backend': { type: 'string' },
    rule: { type: 'array' },
  },
  run: (session) => {
    const { flags } = session;
    const name = nameArg(session);
    const given = flags.list('rule');
    const backend = flags.string('default-backend');
    if (given.length === 0 && backend === '')
      throw new CliError(
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      );
    const rules = given.map(parseRule);
    const annotations = annotationsOf(session);
    const tls = tlsOf(rules);
    createGenerated(
      session,
      {
        group: 'networking.k8s.io',
        version: 'v1',
        kind: 'Ingress',
        resource: 'ingresses',
        namespaced: true,
      },
      {
        metadata: { name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
        spec: {
          ...(flags.string('class') ? { ingressClassName: flags.string('class') } : {}),
          ...(backend ? { defaultBackend: defaultBackend(backend) } : {}),
          ...(tls.length > 0 ? { tls } : {}),
          ...(rules.length > 0 ? { rules: rulesOf(rules) } : {}),
        },
        status: { loadBalancer: {} },
      },
      'failed to create ingress',
    );
  },
};

/** `host/path=service:port[,tls[=secret]]` */
const RULE = /^([\w*\-.]*)(\/.*)=([\w-]+):([\w-]+)(,tls=?([\w-]+)?)?/;

interface Rule {
  readonly host: string;
  readonly path: Obj;
  readonly tls: boolean;
  readonly secret: string;
}

const parseRule = (rule: string): Rule => {
  const [found, host = '', path = '', service = '', port = '', tls, secret = ''] = RULE.exec(rule) ?? [];
  if (found === undefined)
    throw new CliError(`rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`);
  const prefix = path.endsWith('*');
  return {
    host,
    path: {
      path: prefix ? path.slice(0, -1) : path,
      pathType: prefix ? 'Prefix' : 'Exact',
      backend: backendOf(service, port),
    },
    tls: tls !== undefined,
    secret,
  };
};

const backendOf = (name: string, port: string): Obj => ({
  service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } },
});

const defaultBackend = (given: string): Obj => {
  const [name = '', port = '', ...more] = given.split(':');
  if (name === '' || port === '' || more.length > 0)
    throw new CliError('default-backend should be in format servicename:serviceport');
  return backendOf(name, port);
};

const annotationsOf = ({ flags }: Session): Record<string, string> => {
  const annotations: Record<string, string> = {};
  for (const given of flags.list('annotation')) {
    const equals = given.indexOf('=');
    if (equals < 1) throw new CliError(`annotation ${given} is invalid and should be in format key=[value]`);
    annotations[given.slice(0, equals)] = given.slice(equals + 1);
  }
  return annotations;
};

/** Paths of one host stand together, where the host was first named. */
const rulesOf = (rules: readonly Rule[]): Obj[] => {
  const paths = new Map<string, Obj[]>();
  for (const { host, path } of rules) paths.set(host, [...(paths.get(host) ?? []), path]);
  return [...paths].map(([host, own]) => ({ ...(host ? { host } : {}), http: { paths: own } }));
};

/** Hosts of one secret stand together; every host once. */
const tlsOf = (rules: readonly Rule[]): Obj[] => {
  const known = new Set<string>();
  const blocks: { secretName?: string; hosts?: string[] }[] = [];
  for (const { host, tls, secret } of rules) {
    if (!tls || known.has(host)) continue;
    known.add(host);
    const block = secret ? blocks.find(({ secretName }) => secretName === secret) : undefined;
    if (block) block.hosts = [...(block.hosts ?? []), host];
    else blocks.push({ ...(host ? { hosts: [host] } : {}), ...(secret ? { secretName: secret } : {}) });
  }
  return blocks;
};
