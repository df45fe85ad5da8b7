import { SubjectAccessReviewKind } from '../../api/authorization/subject-access-review.ts';
import { CertificateSigningRequestKind } from '../../api/certificates/certificate-signing-request.ts';
import { formatTime } from '../../api/meta.ts';
import type { CertificateSigningRequest } from '../../api/types.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { parseRequest } from './certificate-request.ts';
import { kubeletClientProblem, Signer } from './signers.ts';

const GROUP = 'certificates.k8s.io';

/**
 * Approves requests of kubelets for the certificates by which they show themselves to the API server, if the requester
 * may have one: for itself (selfnodeclient), or for any node (nodeclient). All others wait for somebody to decide.
 */
export function startCertificateApproving(context: ControllerContext): Controller {
  const { kernel, informers } = context;
  const requests = informers.for(CertificateSigningRequestKind);
  const loop = new ControlLoop({
    context,
    name: 'certificatesigningrequest-approving-controller',
    account: 'certificate-controller',
    reconcile: (name) => {
      const request = requests.getByKey(name);
      if (!request || !isOpen(request)) return;
      const asked = parseRequest(atob(request.spec.request));
      if (kubeletClientProblem(asked, request.spec.usages ?? []) !== undefined) return;
      const own = request.spec.username === asked.commonName;
      if (own && isAllowed(request, 'selfnodeclient')) approve(request, 'self kubelet');
      else if (isAllowed(request, 'nodeclient')) approve(request, 'kubelet');
    },
  });

  function isAllowed(
    { spec: { username = '', uid, groups = [], extra } }: CertificateSigningRequest,
    what: string,
  ): boolean {
    const review = loop.client.resource(SubjectAccessReviewKind).create({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: { name: '' },
      spec: {
        user: username,
        groups: [...groups],
        ...(uid ? { uid } : {}),
        ...(extra ? { extra } : {}),
        resourceAttributes: { group: GROUP, resource: 'certificatesigningrequests', verb: 'create', subresource: what },
      },
    });
    return (review['status'] as { allowed?: boolean } | undefined)?.allowed ?? false;
  }

  function approve(request: CertificateSigningRequest, whose: string): void {
    const condition = {
      type: 'Approved',
      status: 'True' as const,
      reason: 'AutoApproved',
      message: `Auto approving ${whose} client certificate after SubjectAccessReview.`,
      lastUpdateTime: formatTime(kernel.now),
      lastTransitionTime: formatTime(kernel.now),
    };
    const conditions = [...(request.status?.conditions ?? []), condition];
    loop.client
      .resource(CertificateSigningRequestKind)
      .subresource(request.metadata.name, undefined, 'approval', 'update', {
        ...request,
        status: { ...request.status, conditions },
      });
  }

  const enqueue = (request: CertificateSigningRequest): void => {
    if (isOpen(request)) loop.queue.add(request.metadata.name);
  };
  loop.on(requests, { add: enqueue, update: enqueue });
  return loop;
}

/** Nobody has decided yet, and it is one of those that this controller may decide. */
const isOpen = ({ spec, status }: CertificateSigningRequest): boolean =>
  spec.signerName === Signer.kubeletClient &&
  !status?.certificate &&
  !status?.conditions?.some(({ type }) => type === 'Approved' || type === 'Denied');
