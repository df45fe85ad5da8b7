import { LeaseKind } from '../api/coordination/lease.ts';
import { formatMicroTime } from '../api/meta.ts';
import { hasReason } from '../api/status.ts';
import type { Lease } from '../api/types.ts';
import type { Client } from '../client/index.ts';
import type { Kernel } from '../kernel/index.ts';

const NAMESPACE = 'kube-system';
const LEASE_SECONDS = 3600;
const RENEW_MS = 10_000;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const NAME_LENGTH = 26;

/**
 * An API server tells that it is there by a Lease of its own, `apiserver-…`, which it renews every ten seconds (KEP-1965).
 * `host` is the name of its machine, `address` where its peers reach it.
 */
export function keepIdentity(kernel: Kernel, client: Client, host: string, address: string): void {
  const random = kernel.random('kube-apiserver/identity');
  const name = `apiserver-${random.string(NAME_LENGTH, BASE32)}`;
  const leases = client.resource(LeaseKind);
  const fresh = (): Lease => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: NAMESPACE,
      annotations: { 'kubernetes.io/peer-advertise-address': address },
      labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': host },
    },
    spec: {
      holderIdentity: `${name}_${random.uuid()}`,
      leaseDurationSeconds: LEASE_SECONDS,
      renewTime: formatMicroTime(kernel.now),
    },
  });
  let lease = leases.create(fresh());
  const renew = (): void => {
    kernel.after(RENEW_MS, client.userAgent, renew, { background: true });
    try {
      lease = leases.update({ ...lease, spec: { ...lease.spec, renewTime: formatMicroTime(kernel.now) } });
    } catch (error) {
      // Somebody changed it or took it away: begin again from what there is.
      if (hasReason(error, 'NotFound')) lease = leases.create(fresh());
      else if (hasReason(error, 'Conflict')) lease = leases.get(name, NAMESPACE);
      else throw error;
    }
  };
  kernel.after(RENEW_MS, client.userAgent, renew, { background: true });
}
