import { equal } from '../../api/draft.ts';
import type { CertificateSigningRequest } from '../../api/types.ts';
import { refuse, type AdmissionRequest, type MutatingPlugin } from '../admission/admission.ts';
import type { Authorizer } from '../authorization/authorization.ts';
import type { ApiServer } from '../server.ts';
import { approval } from './approval.ts';

const GROUP = 'certificates.k8s.io';
const RESOURCE = 'certificatesigningrequests';

/** The signer of certificates by which clients show the API server who they are. */
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const SUPERUSERS = 'system:masters';

/** Whether a user may approve or sign for a signer: by its name, or for all of its domain. */
function mayFor(authorizer: Authorizer, { user }: AdmissionRequest, verb: string, signer: string): boolean {
  const may = (name: string): boolean =>
    authorizer.authorize({ user, verb, group: GROUP, resource: 'signers', name }).allowed;
  return may(signer) || may(`${signer.slice(0, signer.indexOf('/'))}/*`);
}

const isSigned = (now: CertificateSigningRequest, old: CertificateSigningRequest): boolean => {
  const failed = ({ status }: CertificateSigningRequest): unknown =>
    status?.conditions?.find(({ type }) => type === 'Failed');
  return now.status?.certificate !== old.status?.certificate || !equal(failed(now), failed(old));
};

/** A request says who made it; nobody else can. */
function noteRequester({ object, user }: AdmissionRequest): void {
  const { username, uid, groups, extra } = user;
  const { uid: _uid, groups: _groups, extra: _extra, ...spec } = (object as unknown as CertificateSigningRequest).spec;
  (object as unknown as CertificateSigningRequest).spec = {
    ...spec,
    username,
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups: [...groups] } : {}),
    ...(extra ? { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) } : {}),
  };
}

/** Whether the text of a certificate request names a group among its organizations. */
function asksForGroup({ spec }: CertificateSigningRequest, group: string): boolean {
  const body = atob(spec.request).replace(/-----[A-Z ]+-----/g, '');
  try {
    return atob(body.replace(/\s/g, '')).includes(group);
  } catch {
    return false;
  }
}

/** CertificateApproval, CertificateSigning and CertificateSubjectRestriction, and the requester of new requests. */
const admitRequests = (authorizer: Authorizer): MutatingPlugin => ({
  name: 'CertificateSigning',
  admit(request) {
    const { kind, operation, subresource, object, old } = request;
    if (kind.resource !== RESOURCE || kind.group !== GROUP || !object) return;
    const now = object as unknown as CertificateSigningRequest;
    if (operation === 'CREATE' && !subresource) {
      noteRequester(request);
      if (now.spec.signerName === CLIENT_SIGNER && asksForGroup(now, SUPERUSERS))
        throw refuse(request, `use of ${CLIENT_SIGNER} signer with ${SUPERUSERS} group is not allowed`);
      return;
    }
    const before = old as unknown as CertificateSigningRequest;
    const { signerName } = before.spec;
    if (subresource === 'approval' && !mayFor(authorizer, request, 'approve', signerName))
      throw refuse(request, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`);
    if (subresource === 'status' && isSigned(now, before) && !mayFor(authorizer, request, 'sign', signerName))
      throw refuse(request, `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`);
  },
});

/** Lets requests for certificates be approved and signed by those who may. */
export function serveCertificates({ subresources, admission, authorizer }: ApiServer): void {
  subresources.add({ group: GROUP, resource: RESOURCE }, approval);
  admission.insert(admitRequests(authorizer), 'RuntimeClass');
}
