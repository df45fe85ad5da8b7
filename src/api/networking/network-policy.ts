import { selectorText } from '../apps/workload-columns.ts';
import { defineKind } from '../define-kind.ts';
import { mapShared } from '../draft.ts';
import { cidrWarnings } from '../ip.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { NetworkPolicy } from '../types.ts';
import { checkNetworkPolicy } from './network-policy-checks.ts';

type Spec = NetworkPolicy['spec'];
type Peer = NonNullable<NonNullable<Spec['ingress']>[number]['from']>[number];

const rulesWithDefaults = <T extends { ports?: { protocol?: 'SCTP' | 'TCP' | 'UDP' }[] }>(rules: T[]): T[] =>
  mapShared(rules, (rule) => {
    const ports =
      rule.ports && mapShared(rule.ports, (port) => (port.protocol ? port : { ...port, protocol: 'TCP' as const }));
    return ports === rule.ports ? rule : { ...rule, ports };
  });

const blockWarnings = (peers: readonly Peer[], path: string): string[] =>
  peers.flatMap(({ ipBlock }, i) =>
    ipBlock
      ? [
          ...cidrWarnings(`${path}[${i}].ipBlock.cidr`, ipBlock.cidr),
          ...(ipBlock.except ?? []).flatMap((range, j) => cidrWarnings(`${path}[${i}].ipBlock.except[${j}]`, range)),
        ]
      : [],
  );

/** NetworkPolicies: who may talk to some Pods, and to whom they may talk. */
export const NetworkPolicyKind: Kind<NetworkPolicy> = defineKind<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  resource: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  schema: 'io.k8s.api.networking.v1.NetworkPolicy',
  hasGeneration: true,
  defaults(draft) {
    const spec = (draft.spec ??= {} as Spec);
    if (spec.ingress) spec.ingress = rulesWithDefaults(spec.ingress);
    if (spec.egress) spec.egress = rulesWithDefaults(spec.egress);
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate: checkNetworkPolicy,
  warnings: ({ spec }) => [
    ...(spec.ingress ?? []).flatMap(({ from = [] }, i) => blockWarnings(from, `spec.ingress[${i}].from`)),
    ...(spec.egress ?? []).flatMap(({ to = [] }, i) => blockWarnings(to, `spec.egress[${i}].to`)),
  ],
  columns: [nameColumn, column('Pod-Selector', ({ spec }) => selectorText(spec.podSelector)), ageColumn],
});
