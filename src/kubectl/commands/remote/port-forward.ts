import type { Command } from '../../cli/command.ts';
import { CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import { seeHelp, type Session } from '../../session.ts';
import { list, num, text, type Obj } from '../../value.ts';
import { attachablePod, type Attachable } from './pod-of.ts';

export const portForwardCommand: Command = {
  name: 'port-forward',
  short: 'Forward one or more local ports to a pod',
  usage: 'kubectl port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  flags: {
    address: { type: 'list', default: ['localhost'] },
    'pod-running-timeout': { type: 'duration', default: 60_000 },
  },
  run: (session) => forward(session),
};

interface Pair {
  readonly local: string;
  readonly remote: string;
}

const forward = async (session: Session): Promise<void> => {
  const { args } = session;
  if (args.length < 2)
    throw new CliError(seeHelp(session, 'TYPE/NAME and list of ports are required for port-forward'));
  const found = await attachablePod(session, args);
  const pairs = args.slice(1).map((given) => translated(found, given));
  const phase = text(found.pod, 'status', 'phase');
  if (phase !== 'Running')
    throw new CliError(`unable to forward port because pod is not running. Current status=${phase}`);
  for (const address of session.flags.list('address')) checkAddress(address);
  for (const pair of pairs) checkPorts(pair);
  throw new CliError(
    'this kubectl has no ports of its own to listen on: ask from within the cluster, with kubectl exec, or serve the cluster and use kubectl outside',
  );
};

const split = (given: string): Pair => {
  const parts = given.split(':');
  const [local = ''] = parts;
  return { local, remote: parts.length === 2 ? parts[1]! : local };
};

/** Ports of a Service are those of its Pods; names are the numbers that they stand for. */
const translated = ({ info, pod }: Attachable, given: string): string => {
  const { local, remote } = split(given);
  const port = info.mapping.kind === 'Service' ? targetPort(info.object, pod, remote) : containerPort(pod, remote);
  if (port === remote) return `${local}:${remote}`;
  // `:80` asks for any local port; `http` alone for the same one.
  const same = given.includes(':') ? local : /^\d+$/.test(remote) ? remote : port;
  return `${same}:${port}`;
};

const allPorts = (pod: Obj): Obj[] =>
  [...list(pod, 'spec', 'containers'), ...list(pod, 'spec', 'initContainers')].flatMap((each) => list(each, 'ports'));

const containerPort = (pod: Obj, remote: string): string => {
  if (/^\d+$/.test(remote)) return remote;
  const found = allPorts(pod).find(({ name }) => name === remote);
  if (!found) throw new CliError(`Pod '${text(pod, 'metadata', 'name')}' does not have a named port '${remote}'`);
  return String(num(found, 'containerPort'));
};

const targetPort = (service: Obj, pod: Obj, remote: string): string => {
  const name = text(service, 'metadata', 'name');
  const ports = list(service, 'spec', 'ports');
  const numeric = /^\d+$/.test(remote);
  const found = ports.find((each) => (numeric ? num(each, 'port') === Number(remote) : each['name'] === remote));
  if (!found)
    throw new CliError(
      numeric
        ? `Service ${name} does not have a service port ${remote}`
        : `Service '${name}' does not have a named port '${remote}'`,
    );
  if (text(service, 'spec', 'clusterIP') === 'None') return String(num(found, 'port'));
  return containerPort(pod, text(found, 'targetPort') || String(num(found, 'port')));
};

const checkAddress = (address: string): void => {
  if (address === 'localhost' || /^[\d.]+$/.test(address) || address.includes(':')) return;
  throw new CliError(`${address} is not a valid IP`);
};

const checkPorts = (given: string): void => {
  const { local, remote } = split(given);
  for (const [which, port] of [
    ['local', local || '0'],
    ['remote', remote],
  ] as const) {
    if (!/^\d+$/.test(port))
      throw new CliError(
        `error parsing ${which} port '${port}': strconv.ParseUint: parsing ${goQuote(port)}: invalid syntax`,
      );
    if (Number(port) > 65_535)
      throw new CliError(
        `error parsing ${which} port '${port}': strconv.ParseUint: parsing ${goQuote(port)}: value out of range`,
      );
  }
  if (Number(remote) === 0) throw new CliError('remote port must be > 0');
};
