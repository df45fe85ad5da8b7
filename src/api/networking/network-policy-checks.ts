/** Validation of NetworkPolicies, in Kubernetes' order. */
import { checkPort, checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { forbidden, invalid, required } from '../field-error.ts';
import { checkCanonicalCidr, isInside } from '../ip.ts';
import type { FieldError } from '../kind.ts';
import { checkPortNumber } from '../names.ts';
import { checkLabelSelector } from '../selector.ts';
import type { NetworkPolicy } from '../types.ts';

type Rule = NonNullable<NetworkPolicy['spec']['ingress']>[number];
type Port = NonNullable<Rule['ports']>[number];
type Peer = NonNullable<Rule['from']>[number];
type IpBlock = NonNullable<Peer['ipBlock']>;

function checkPolicyPort({ protocol, port, endPort }: Port, path: string, errors: Errors): void {
  checkOneOf(protocol, ['TCP', 'UDP', 'SCTP'], `${path}.protocol`, errors, true);
  if (port === undefined) {
    if (endPort !== undefined)
      errors.push(invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is not specified'));
    return;
  }
  if (typeof port === 'string' && endPort !== undefined)
    errors.push(invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
  checkPort(port, `${path}.port`, errors);
  if (typeof port === 'string' || endPort === undefined) return;
  // Kubernetes shows the other port here.
  if (endPort < port) errors.push(invalid(`${path}.endPort`, port, 'must be greater than or equal to `port`'));
  refuse(`${path}.endPort`, endPort, checkPortNumber(endPort), errors);
}

function checkBlock({ cidr, except = [] }: IpBlock, path: string, errors: Errors): void {
  if (!cidr) {
    errors.push(required(`${path}.cidr`));
    return;
  }
  const messages = checkCanonicalCidr(cidr);
  refuse(`${path}.cidr`, cidr, messages, errors);
  if (messages.length > 0) return;
  except.forEach((range, i) => {
    const at = `${path}.except[${i}]`;
    const wrong = checkCanonicalCidr(range);
    refuse(at, range, wrong, errors);
    if (wrong.length === 0 && !isInside(range, cidr))
      errors.push(invalid(at, range, 'must be a strict subset of `cidr`'));
  });
}

function checkPeer({ podSelector, namespaceSelector, ipBlock }: Peer, path: string, errors: Errors): void {
  if (podSelector) errors.push(...checkLabelSelector(podSelector, `${path}.podSelector`));
  if (namespaceSelector) errors.push(...checkLabelSelector(namespaceSelector, `${path}.namespaceSelector`));
  if (ipBlock) checkBlock(ipBlock, `${path}.ipBlock`, errors);
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'));
  else if (ipBlock && (podSelector || namespaceSelector))
    errors.push(forbidden(path, 'may not specify both ipBlock and another peer'));
}

const TYPES = ['Ingress', 'Egress'];

export function checkNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const errors: Errors = [];
  errors.push(...checkLabelSelector(spec.podSelector, 'spec.podSelector'));
  const checkRule = (ports: readonly Port[] = [], peers: readonly Peer[] = [], path: string, side: string): void => {
    ports.forEach((port, i) => checkPolicyPort(port, `${path}.ports[${i}]`, errors));
    peers.forEach((peer, i) => checkPeer(peer, `${path}.${side}[${i}]`, errors));
  };
  spec.ingress?.forEach(({ ports, from }, i) => checkRule(ports, from, `spec.ingress[${i}]`, 'from'));
  spec.egress?.forEach(({ ports, to }, i) => checkRule(ports, to, `spec.egress[${i}]`, 'to'));
  const types = spec.policyTypes ?? [];
  if (types.length > TYPES.length)
    errors.push(invalid('spec.policyTypes', types, 'may not specify more than two policyTypes'));
  else types.forEach((type, i) => checkOneOf(type, TYPES, `spec.policyTypes[${i}]`, errors));
  return errors;
}
