import { intValue, milliValue } from '../../../api/quantity.ts';
import type { Command } from '../../cli/command.ts';
import { CliError } from '../../errors.ts';
import { seeHelp, type Session } from '../../session.ts';
import { list, record, text, type Obj } from '../../value.ts';
import {
  amountsOf,
  checkMetricsApi,
  checkTop,
  cpuText,
  memoryText,
  NO_METRICS,
  printRows,
  sorted,
  topFlags,
} from './usage.ts';

export const topNode: Command = {
  name: 'node',
  aliases: ['nodes', 'no'],
  short: 'Display resource (CPU/memory) usage of nodes',
  usage: 'kubectl top node [NAME | -l label] [options]',
  flags: { ...topFlags, 'show-capacity': { type: 'bool' } },
  run: (session) => top(session),
};

const METRICS = '/apis/metrics.k8s.io/v1beta1/nodes';
const NODES = '/api/v1/nodes';
const UNKNOWN = '<unknown>';

const top = (session: Session): void => {
  const { args, flags, rest } = session;
  if (args.length > 1) throw new CliError(seeHelp(session, 'node [NAME | -l label]'));
  const [name] = args;
  checkTop(session);
  const labelSelector = flags.string('selector');
  if (name !== undefined && labelSelector !== '') throw new CliError('only one of NAME or --selector can be provided');
  checkMetricsApi(session);
  const one = name === undefined ? '' : `/${name}`;
  const query = { labelSelector: labelSelector || undefined };
  const metrics = itemsOf(rest.get(`${METRICS}${one}`, { query }), name);
  if (metrics.length === 0) throw new CliError(NO_METRICS);
  const nodes = itemsOf(rest.get(`${NODES}${one}`, { query }), name);
  print(session, metrics, nodes);
};

const itemsOf = (answer: Obj, name: string | undefined): Obj[] =>
  name === undefined ? list(answer, 'items') : [answer];

const nameOf = (object: Obj): string => text(object, 'metadata', 'name');

/** Hundredths of what there is, without a fraction. */
const share = (used: number, there: number): string => `${Math.trunc((used / there) * 100)}%`;

const print = (session: Session, metrics: readonly Obj[], nodes: readonly Obj[]): void => {
  const { flags } = session;
  const field = flags.bool('show-capacity') ? 'capacity' : 'allocatable';
  const there = new Map(nodes.map((node) => [nameOf(node), record(node, 'status', field)]));
  const swaps = new Map(nodes.map((node) => [nameOf(node), text(node, 'status', 'nodeInfo', 'swap', 'capacity')]));
  const showSwap = flags.bool('show-swap');
  const headers = [
    'NAME',
    'CPU(cores)',
    'CPU(%)',
    'MEMORY(bytes)',
    'MEMORY(%)',
    ...(showSwap ? ['SWAP(bytes)', 'SWAP(%)'] : []),
  ];
  const rows = sorted(session, metrics, (each) => amountsOf(each['usage']), nameOf).map((each) => {
    const name = nameOf(each);
    const { cpu, memory, swap } = amountsOf(each['usage']);
    const { cpu: cores, memory: bytes } = there.get(name) ?? {};
    const swapBytes = swaps.get(name);
    return [
      name,
      cpuText(cpu),
      cores === undefined ? UNKNOWN : share(cpu, milliValue(cores)),
      memoryText(memory),
      bytes === undefined ? UNKNOWN : share(memory, intValue(bytes)),
      ...(showSwap
        ? [
            swap === undefined ? UNKNOWN : memoryText(swap),
            swap !== undefined && swapBytes ? share(swap, Number(swapBytes)) : UNKNOWN,
          ]
        : []),
    ];
  });
  const measured = new Set(metrics.map(nameOf));
  const silent = nodes.map(nameOf).filter((name) => !measured.has(name));
  printRows(session, headers, [...rows, ...silent.map((name) => [name, ...headers.slice(1).map(() => UNKNOWN)])]);
};
