import { defineKind } from '../define-kind.ts';
import { duplicate, forbidden, invalid, required } from '../field-error.ts';
import { checkCanonicalCidr, cidrWarnings } from '../ip.ts';
import type { Column, Kind } from '../kind.ts';
import { checkLabelValue, checkQualifiedName } from '../names.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Node, Taint } from '../types.ts';
import { refuseAtOnce, TAINT_EFFECTS } from './affinity-checks.ts';
import { checkOneOf, refuse, type Errors } from './common-checks.ts';
import { internalForm } from './internal-form.ts';
import { checkResourceAmount, sortedKeys } from './resource-checks.ts';

function status(node: Node): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (node.spec.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function roles(node: Node): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) found.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value);
  }
  return found.size > 0 ? [...found].sort().join(',') : '<none>';
}

const address = (node: Node, type: string): string =>
  node.status?.addresses?.find((candidate) => candidate.type === type)?.address || '<none>';

function kernel(node: Node): string {
  const { kernelVersion, architecture } = node.status?.nodeInfo ?? {};
  if (!kernelVersion) return '<unknown>';
  return architecture ? `${kernelVersion} (${architecture})` : kernelVersion;
}

const columns: readonly Column<Node>[] = [
  nameColumn,
  { name: 'Status', type: 'string', description: 'The status of the node', cell: status },
  { name: 'Roles', type: 'string', description: 'The roles of the node', cell: roles },
  ageColumn,
  {
    name: 'Version',
    type: 'string',
    description: 'Kubelet Version reported by the node.',
    cell: (node) => node.status?.nodeInfo?.kubeletVersion ?? '',
  },
  {
    name: 'Internal-IP',
    type: 'string',
    description: 'List of addresses reachable to the node.',
    priority: 1,
    cell: (node) => address(node, 'InternalIP'),
  },
  {
    name: 'External-IP',
    type: 'string',
    description: 'List of addresses reachable to the node.',
    priority: 1,
    cell: (node) => address(node, 'ExternalIP'),
  },
  {
    name: 'OS-Image',
    type: 'string',
    description: 'OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).',
    priority: 1,
    cell: (node) => node.status?.nodeInfo?.osImage || '<unknown>',
  },
  {
    name: 'Kernel-Version',
    type: 'string',
    description: "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).",
    priority: 1,
    cell: kernel,
  },
  {
    name: 'Container-Runtime',
    type: 'string',
    description: 'ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).',
    priority: 1,
    cell: (node) => node.status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
  },
];

function checkTaints(taints: readonly Taint[], errors: Errors): void {
  // Kubernetes names the path after the metadata, of which taints are no part.
  const path = 'metadata.taints';
  const seen = new Set<string>();
  taints.forEach((taint, i) => {
    const at = `${path}[${i}]`;
    refuse(`${at}.key`, taint.key, checkQualifiedName(taint.key), errors);
    if (taint.value) refuseAtOnce(`${at}.value`, taint.value, checkLabelValue(taint.value), errors);
    if (!taint.effect) errors.push(required(`${at}.effect`));
    else checkOneOf(taint.effect, TAINT_EFFECTS, `${at}.effect`, errors);
    const id = `${taint.key}:${taint.effect}`;
    if (seen.has(id)) {
      const error = duplicate(at, internalForm('Taint', taint));
      errors.push({ ...error, detail: `${error.detail}: taints must be unique by key and effect pair` });
    }
    seen.add(id);
  });
}

/** What a node has, and what of it Pods may have. */
function checkAmounts({ status }: Node, errors: Errors): void {
  for (const list of ['capacity', 'allocatable'] as const)
    for (const name of sortedKeys(status?.[list] ?? {}))
      checkResourceAmount(name, status![list]![name]!, `status.${list}.${name}`, errors);
}

function checkNode(node: Node): Errors {
  const errors: Errors = [];
  const { spec } = node;
  if (spec.taints) checkTaints(spec.taints, errors);
  checkAmounts(node, errors);
  const ranges = spec.podCIDRs ?? [];
  ranges.forEach((range, i) => refuse(`spec.podCIDRs[${i}]`, range, checkCanonicalCidr(range), errors));
  const families = new Set(ranges.map((range) => range.includes(':')));
  if (ranges.length > 2 || (ranges.length === 2 && families.size === 1))
    errors.push(invalid('spec.podCIDRs', ranges, 'may specify no more than one CIDR for each IP family'));
  ranges.forEach((range, i) => {
    if (ranges.indexOf(range) < i) errors.push(duplicate(`spec.podCIDRs[${i}]`, range));
  });
  return errors;
}

const CIDRS_STAY = 'node updates may not change podCIDR except from "" to valid';

/** What a Node was told once stays; of its status this is all that is looked at. */
function checkNodeChanges(node: Node, old: Node, errors: Errors): void {
  checkAddresses(node, errors);
  const ranges = node.spec.podCIDRs ?? [];
  const before = old.spec.podCIDRs ?? [];
  if (before.length > 0 && before.length !== ranges.length) errors.push(forbidden('spec.podCIDRs', CIDRS_STAY));
  else
    before.forEach((range, i) => {
      if (range !== ranges[i]) errors.push(forbidden('spec.podCIDRs', CIDRS_STAY));
    });
  if (old.spec.providerID && node.spec.providerID !== old.spec.providerID)
    errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  if ((node.spec.externalID ?? '') !== (old.spec.externalID ?? ''))
    errors.push(forbidden('spec.externalID', 'may not be updated'));
}

function checkNodeUpdate(node: Node, old: Node): Errors {
  const errors = checkNode(node);
  checkNodeChanges(node, old, errors);
  return errors;
}

function checkNodeStatusUpdate(node: Node, old: Node): Errors {
  const errors: Errors = [];
  checkAmounts(node, errors);
  checkNodeChanges(node, old, errors);
  return errors;
}

function checkAddresses({ status }: Node, errors: Errors): void {
  const seen = new Set<string>();
  status?.addresses?.forEach((address, i) => {
    const id = `${address.type} ${address.address}`;
    if (seen.has(id)) errors.push(duplicate(`status.addresses[${i}]`, internalForm('NodeAddress', address)));
    seen.add(id);
  });
}

function nodeWarnings({ spec }: Node): string[] {
  const warnings: string[] = [];
  if (spec.configSource)
    warnings.push('spec.configSource: the spec.configSource field is deprecated since v1.22; it is non-functional');
  if (spec.externalID) warnings.push('spec.externalID: the spec.externalID field is deprecated and unused');
  spec.podCIDRs?.forEach((range, i) => warnings.push(...cidrWarnings(`spec.podCIDRs[${i}]`, range)));
  return warnings;
}

/** Nodes: the machines that run Pods. */
export const NodeKind: Kind<Node> = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  resource: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.Node',
  hasStatus: true,
  columns,
  defaults(draft) {
    draft.spec ??= {};
    draft.status ??= {};
    // The two spellings of the Pod range follow each other.
    const { podCIDR, podCIDRs } = draft.spec;
    if (podCIDR && podCIDRs?.[0] !== podCIDR) draft.spec.podCIDRs = [podCIDR];
    else if (!podCIDR && podCIDRs?.length) draft.spec.podCIDR = podCIDRs[0]!;
    const { capacity, allocatable } = draft.status;
    if (capacity && !allocatable) draft.status.allocatable = capacity;
    draft.status.daemonEndpoints ??= { kubeletEndpoint: { Port: 0 } };
    draft.status.nodeInfo ??= {
      architecture: '',
      bootID: '',
      containerRuntimeVersion: '',
      kernelVersion: '',
      kubeProxyVersion: '',
      kubeletVersion: '',
      machineID: '',
      operatingSystem: '',
      osImage: '',
      systemUUID: '',
    };
  },
  prepareForUpdate(draft, old) {
    if (old.status) draft.status = old.status;
  },
  prepareForStatusUpdate(draft, old) {
    draft.spec = old.spec;
  },
  validate: checkNode,
  validateUpdate: checkNodeUpdate,
  validateStatusUpdate: checkNodeStatusUpdate,
  warnings: nodeWarnings,
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec.unschedulable ?? false) },
});
