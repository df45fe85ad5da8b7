import { goDuration } from '../../../api/duration.ts';
import { allNamespacesFlags, fieldSelectorFlags } from '../../cli/flag-sets.ts';
import type { Command } from '../../cli/command.ts';
import { CliError } from '../../errors.ts';
import { seeHelp, type Session } from '../../session.ts';
import { at, list, text, type Obj } from '../../value.ts';
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
  type Amounts,
} from './usage.ts';

export const topPod: Command = {
  name: 'pod',
  aliases: ['pods', 'po'],
  short: 'Display resource (CPU/memory) usage of pods',
  usage: 'kubectl top pod [NAME | -l label] [options]',
  flags: {
    ...topFlags,
    ...allNamespacesFlags,
    ...fieldSelectorFlags,
    containers: { type: 'bool' },
    sum: { type: 'bool' },
  },
  run: (session) => top(session),
};

/** A Pod this old should have been measured. */
const PATIENCE_MS = 120_000;

const top = (session: Session): void => {
  const { args, flags, rest } = session;
  if (args.length > 1) throw new CliError(seeHelp(session, 'pod [NAME | -l label]'));
  const [name] = args;
  checkTop(session);
  const labelSelector = flags.string('selector');
  const fieldSelector = flags.string('field-selector');
  if (name !== undefined && (labelSelector !== '' || fieldSelector !== ''))
    throw new CliError('only one of NAME or selector can be provided');
  checkMetricsApi(session);
  const within = flags.bool('all-namespaces') ? '' : `/namespaces/${session.namespace}`;
  const query = { labelSelector: labelSelector || undefined, fieldSelector: fieldSelector || undefined };
  const metricsPath = `/apis/metrics.k8s.io/v1beta1${within}/pods`;
  if (name !== undefined) {
    // Not even a Pod's own name says where it is.
    print(session, [rest.get(`${metricsPath}/${name}`)]);
    return;
  }
  const metrics = list(rest.get(metricsPath, { query }), 'items');
  if (metrics.length > 0) {
    print(session, metrics);
    return;
  }
  const pods = list(rest.get(`/api/v1${within}/pods`, { query }), 'items');
  for (const pod of pods) checkAge(session, pod);
  if (pods.length > 0) throw new CliError(NO_METRICS);
  const where = within === '' ? '' : ` in ${session.namespace} namespace`;
  session.io.stderr(`No resources found${where}${where ? '.' : ''}\n`);
};

const checkAge = (session: Session, pod: Obj): void => {
  const ageMs = session.io.now() - Date.parse(text(pod, 'metadata', 'creationTimestamp'));
  if (ageMs <= PATIENCE_MS) return;
  const { namespace, name } = at(pod, 'metadata') as Record<string, string>;
  throw new CliError(`Metrics not available for pod ${namespace}/${name}, age: ${goDuration(ageMs)}`);
};

const podAmounts = (pod: Obj): Amounts => amountsOf(...list(pod, 'containers').map((container) => container['usage']));

const cells = (session: Session, { cpu, memory, swap }: Amounts): string[] => [
  cpuText(cpu),
  memoryText(memory),
  ...(session.flags.bool('show-swap') ? [memoryText(swap ?? 0)] : []),
];

const print = (session: Session, metrics: readonly Obj[]): void => {
  const { flags } = session;
  const everywhere = flags.bool('all-namespaces');
  const byContainer = flags.bool('containers');
  const amounts = ['CPU(cores)', 'MEMORY(bytes)', ...(flags.bool('show-swap') ? ['SWAP(bytes)'] : [])];
  const headers = [...(everywhere ? ['NAMESPACE'] : []), ...(byContainer ? ['POD', 'NAME'] : ['NAME']), ...amounts];
  const nameOf = (pod: Obj): string =>
    everywhere
      ? `${text(pod, 'metadata', 'namespace')}/${text(pod, 'metadata', 'name')}`
      : text(pod, 'metadata', 'name');
  const rows = sorted(session, metrics, podAmounts, nameOf).flatMap((pod) => {
    const start = [...(everywhere ? [text(pod, 'metadata', 'namespace')] : []), text(pod, 'metadata', 'name')];
    if (!byContainer) return [[...start, ...cells(session, podAmounts(pod))]];
    const containers = sorted(
      session,
      list(pod, 'containers'),
      (each) => amountsOf(each['usage']),
      (each) => text(each, 'name'),
    );
    return containers.map((each) => [...start, text(each, 'name'), ...cells(session, amountsOf(each['usage']))]);
  });
  const before = headers.slice(0, headers.length - amounts.length).map(() => '');
  const usages = metrics.flatMap((pod) => list(pod, 'containers').map((container) => container['usage']));
  const sum = flags.bool('sum')
    ? [
        [...before, ...amounts.map(() => '________')],
        [...before, ...cells(session, amountsOf(...usages))],
      ]
    : [];
  printRows(session, headers, [...rows, ...sum]);
};
