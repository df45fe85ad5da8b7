import { CertificateSigningRequestKind } from '../../api/certificates/certificate-signing-request.ts';
import { formatTime } from '../../api/meta.ts';
import type { CertificateSigningRequest } from '../../api/types.ts';
import { findCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { parseRequest } from './certificate-request.ts';
import { Signer, signerProblem } from './signers.ts';

/** --cluster-signing-duration */
const LONGEST_MS = 365 * 24 * 3_600_000;
const SHORTEST_MS = 10 * 60_000;

const OURS: readonly string[] = Object.values(Signer);

const lifeOf = ({ spec: { expirationSeconds } }: CertificateSigningRequest): number =>
  expirationSeconds === undefined ? LONGEST_MS : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, expirationSeconds * 1000));

/**
 * Signs approved requests of the signers that Kubernetes brings along, with the cluster's certificate authority. What a
 * signer's certificates must not be is not signed but fails. Without an authority nothing is signed.
 */
export function startCertificateSigning(context: ControllerContext): Controller {
  const { kernel, certificateAuthority } = context;
  const requests = context.informers.for(CertificateSigningRequestKind);
  const loop = new ControlLoop({
    context,
    name: 'certificatesigningrequest-signing-controller',
    account: 'certificate-controller',
    reconcile: (name) => {
      const request = requests.getByKey(name);
      if (!request || !certificateAuthority || !isToBeSigned(request)) return;
      const { spec, status } = request;
      const asked = parseRequest(atob(spec.request));
      const problem = signerProblem(spec.signerName, asked, spec.usages ?? []);
      const client = loop.client.resource(CertificateSigningRequestKind);
      if (problem !== undefined) {
        const now = formatTime(kernel.now);
        const failed = {
          type: 'Failed',
          status: 'True' as const,
          reason: 'SignerValidationFailure',
          message: problem,
          lastUpdateTime: now,
          lastTransitionTime: now,
        };
        client.updateStatus({ ...request, status: { ...status, conditions: [...(status?.conditions ?? []), failed] } });
        return;
      }
      const policy = { usages: spec.usages ?? [], ttlMs: lifeOf(request), nowMs: kernel.now };
      const certificate = btoa(certificateAuthority.sign(asked, policy));
      client.updateStatus({ ...request, status: { ...status, certificate } });
    },
  });
  const enqueue = (request: CertificateSigningRequest): void => {
    if (isToBeSigned(request)) loop.queue.add(request.metadata.name);
  };
  loop.on(requests, { add: enqueue, update: enqueue });
  return loop;
}

function isToBeSigned({ spec, status }: CertificateSigningRequest): boolean {
  const has = (type: string): boolean => findCondition(status?.conditions, type)?.status === 'True';
  return OURS.includes(spec.signerName) && !status?.certificate && has('Approved') && !has('Denied') && !has('Failed');
}
