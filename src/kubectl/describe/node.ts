import { intValue, milliValue, parseQuantity, type Quantity } from '../../api/quantity.ts';
import { at, byText, list, record, sortedKeys, strings, text, type Obj } from '../value.ts';
import type { DescribeContext, Describer } from './context.ts';
import { describeEvents, searchEvents } from './events.ts';
import { metadataOf, rfc1123, since, type DescribeWriter } from './writer.ts';

const ROLE = 'node-role.kubernetes.io/';

export const describeNode: Describer = (context, w) => {
  const { object: node } = context;
  w.line(0, 'Name:', text(node, 'metadata', 'name'));
  w.line(0, 'Roles:', rolesOf(node).join(',') || '<none>');
  metadataOf(w, node);
  w.line(0, 'CreationTimestamp:', rfc1123(at(node, 'metadata', 'creationTimestamp')));
  taints(w, list(node, 'spec', 'taints'));
  w.line(0, 'Unschedulable:', Boolean(at(node, 'spec', 'unschedulable')));
  lease(context, w);
  conditions(w, node);
  w.write(0, 'Addresses:\n');
  for (const address of list(node, 'status', 'addresses'))
    w.line(1, `${text(address, 'type')}:`, text(address, 'address'));
  for (const [title, field] of [
    ['Capacity', 'capacity'],
    ['Allocatable', 'allocatable'],
  ] as const) {
    const amounts = record(node, 'status', field);
    if (Object.keys(amounts).length === 0) continue;
    w.write(0, `${title}:\n`);
    for (const name of sortedKeys(amounts)) w.line(1, `${name}:`, amounts[name]!);
  }
  systemInfo(w, node);
  pods(context, w);
  if (context.showEvents)
    describeEvents(
      w,
      [...searchEvents(context), ...searchEvents(context, { uid: text(node, 'metadata', 'name') })],
      context.now,
    );
};

const rolesOf = (node: Obj): string[] => {
  const labels = record(node, 'metadata', 'labels');
  const roles = Object.keys(labels).flatMap((key) =>
    key.startsWith(ROLE) && key.length > ROLE.length
      ? [key.slice(ROLE.length)]
      : key === 'kubernetes.io/role' && labels[key]
        ? [labels[key]]
        : [],
  );
  return [...new Set(roles)].sort(byText);
};

const taints = (w: DescribeWriter, given: readonly Obj[]): void => {
  const sorted = [...given].sort((a, b) =>
    byText(`${text(a, 'effect')},${text(a, 'key')}`, `${text(b, 'effect')},${text(b, 'key')}`),
  );
  w.write(0, `Taints:\t${sorted.length === 0 ? '<none>\n' : ''}`);
  sorted.forEach((taint, i) =>
    w.write(
      0,
      `${i > 0 ? '\t' : ''}${text(taint, 'key')}${text(taint, 'value') ? `=${text(taint, 'value')}` : ''}${text(taint, 'effect') ? `:${text(taint, 'effect')}` : ''}\n`,
    ),
  );
};

const lease = ({ session, object }: DescribeContext, w: DescribeWriter): void => {
  let found: Obj;
  try {
    found = session.rest.get(
      `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${text(object, 'metadata', 'name')}`,
    );
  } catch (error) {
    return w.line(0, 'Lease:', `Failed to get lease: ${(error as Error).message}`);
  }
  w.write(0, 'Lease:\n');
  w.line(1, 'HolderIdentity:', text(found, 'spec', 'holderIdentity') || '<unset>');
  const time = (field: string): string =>
    at(found, 'spec', field) === undefined || at(found, 'spec', field) === null
      ? '<unset>'
      : rfc1123(at(found, 'spec', field));
  w.line(1, 'AcquireTime:', time('acquireTime'));
  w.line(1, 'RenewTime:', time('renewTime'));
};

const conditions = (w: DescribeWriter, node: Obj): void => {
  const found = list(node, 'status', 'conditions');
  if (found.length === 0) return;
  w.write(0, 'Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n');
  w.line(1, '----', '------', '-----------------', '------------------', '------', '-------');
  for (const c of found)
    w.line(
      1,
      `${text(c, 'type')} `,
      `${text(c, 'status')} `,
      `${rfc1123(at(c, 'lastHeartbeatTime'))} `,
      `${rfc1123(at(c, 'lastTransitionTime'))} `,
      `${text(c, 'reason')} `,
      text(c, 'message'),
    );
};

const INFO = [
  ['Machine ID', 'machineID'],
  ['System UUID', 'systemUUID'],
  ['Boot ID', 'bootID'],
  ['Kernel Version', 'kernelVersion'],
  ['OS Image', 'osImage'],
  ['Operating System', 'operatingSystem'],
  ['Architecture', 'architecture'],
  ['Container Runtime Version', 'containerRuntimeVersion'],
  ['Kubelet Version', 'kubeletVersion'],
] as const;

const systemInfo = (w: DescribeWriter, node: Obj): void => {
  w.write(0, 'System Info:\n');
  for (const [title, field] of INFO) w.line(1, `${title}:`, text(node, 'status', 'nodeInfo', field));
  if (text(node, 'spec', 'podCIDR')) w.line(0, 'PodCIDR:', text(node, 'spec', 'podCIDR'));
  if (strings(node, 'spec', 'podCIDRs').length > 0) w.line(0, 'PodCIDRs:', strings(node, 'spec', 'podCIDRs').join(','));
  if (text(node, 'spec', 'providerID')) w.line(0, 'ProviderID:', text(node, 'spec', 'providerID'));
};

type Amounts = Map<string, Quantity>;
const ZERO = parseQuantity('0');

const add = (into: Amounts, amounts: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(amounts)) {
    const before = into.get(name);
    into.set(name, before ? before.add(parseQuantity(value)) : parseQuantity(value));
  }
};

/** What a Pod asks for or may use: its containers and sidecars together, or its largest init container; and its overhead. */
export const podAmounts = (pod: Obj, field: 'requests' | 'limits'): Amounts => {
  const total: Amounts = new Map();
  for (const container of list(pod, 'spec', 'containers')) add(total, amountsOf(container, field));
  const sidecars: Amounts = new Map();
  const peak: Amounts = new Map();
  for (const container of list(pod, 'spec', 'initContainers')) {
    const sidecar = container['restartPolicy'] === 'Always';
    if (sidecar) add(sidecars, amountsOf(container, field));
    const during: Amounts = new Map(sidecars);
    if (!sidecar) add(during, amountsOf(container, field));
    raise(peak, during);
  }
  for (const [name, value] of sidecars) add(total, { [name]: value.toString() });
  raise(total, peak);
  for (const [name, value] of Object.entries(record(pod, 'spec', 'resources', field)))
    total.set(name, parseQuantity(value));
  const overhead = record(pod, 'spec', 'overhead');
  if (field === 'requests') add(total, overhead);
  else for (const [name, value] of Object.entries(overhead)) if (total.has(name)) add(total, { [name]: value });
  return total;
};

const amountsOf = (container: Obj, field: string): Record<string, string> => record(container, 'resources', field);
const raise = (into: Amounts, other: Amounts): void => {
  for (const [name, value] of other) if ((into.get(name) ?? ZERO).compare(value) < 0) into.set(name, value);
};

const share = (part: Quantity, whole: string | undefined, milli: boolean): number => {
  const of = whole === undefined ? 0 : milli ? milliValue(whole) : intValue(whole);
  const value = milli ? milliValue(part.toString()) : intValue(part.toString());
  return of === 0 ? 0 : Math.trunc((value / of) * 100);
};

const pods = ({ session, object: node, now }: DescribeContext, w: DescribeWriter): void => {
  const found = list(
    session.rest.get('/api/v1/pods', {
      query: {
        fieldSelector: `spec.nodeName=${text(node, 'metadata', 'name')},status.phase!=Failed,status.phase!=Succeeded`,
        limit: 500,
      },
    }),
    'items',
  );
  const allocatable =
    Object.keys(record(node, 'status', 'allocatable')).length > 0
      ? record(node, 'status', 'allocatable')
      : record(node, 'status', 'capacity');
  const amount = (amounts: Amounts, name: string): string => {
    const value = amounts.get(name) ?? ZERO;
    return `${value.toString()} (${share(value, allocatable[name], name === 'cpu')}%)`;
  };
  w.line(0, 'Non-terminated Pods:', `(${found.length} in total)`);
  w.write(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n');
  w.write(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n');
  const requests: Amounts = new Map();
  const limits: Amounts = new Map();
  for (const pod of found) {
    const asked = podAmounts(pod, 'requests');
    const bound = podAmounts(pod, 'limits');
    for (const [name, value] of asked) add(requests, { [name]: value.toString() });
    for (const [name, value] of bound) add(limits, { [name]: value.toString() });
    w.line(
      1,
      text(pod, 'metadata', 'namespace'),
      text(pod, 'metadata', 'name'),
      '',
      amount(asked, 'cpu'),
      amount(bound, 'cpu'),
      amount(asked, 'memory'),
      amount(bound, 'memory'),
      since(now, at(pod, 'metadata', 'creationTimestamp')),
    );
  }
  w.write(0, 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n');
  w.line(1, 'Resource', 'Requests', 'Limits');
  w.line(1, '--------', '--------', '------');
  const names = Object.keys(allocatable).sort(byText);
  for (const name of ['cpu', 'memory', 'ephemeral-storage', ...names.filter((each) => each.startsWith('hugepages-'))])
    w.line(1, name, amount(requests, name), amount(limits, name));
  for (const name of names.filter(
    (each) => !['cpu', 'memory', 'ephemeral-storage', 'pods'].includes(each) && !each.startsWith('hugepages-'),
  ))
    w.line(1, name, (requests.get(name) ?? ZERO).toString(), (limits.get(name) ?? ZERO).toString());
};
