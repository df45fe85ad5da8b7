import { CertificateSigningRequestKind } from '../../api/certificates/certificate-signing-request.ts';
import { checkApproval, timed } from '../../api/certificates/request-status.ts';
import { invalid, notFound } from '../../api/errors.ts';
import { formatTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { CertificateSigningRequest } from '../../api/types.ts';
import { decodeBody } from '../registry/decode-body.ts';
import { patched } from '../registry/patch.ts';
import { replace } from '../registry/update.ts';
import type { Subresource } from '../subresources/subresource.ts';

/** certificatesigningrequests/approval: the decision whether a certificate is to be signed. Changes conditions alone. */
export const approval: Subresource = {
  name: 'approval',
  verbs: ['get', 'patch', 'update'],
  kind: CertificateSigningRequestKind,
  serve: (registry, scope) => {
    const { endpoint, request } = scope;
    const name = request.name!;
    const stored = endpoint.store.get(undefined, name);
    if (!stored) throw notFound(endpoint.kind, name);
    const answer = (object: UntypedObject): ReturnType<Subresource['serve']> => ({
      code: 200,
      object,
      warnings: scope.warnings,
    });
    if (request.verb === 'get') return answer(stored);
    const asked =
      request.verb === 'patch'
        ? patched(scope, endpoint.kind, stored, request.body)
        : decodeBody(scope, request.body, stored);
    const old = stored as unknown as CertificateSigningRequest;
    const { conditions = [] } = (asked as unknown as CertificateSigningRequest).status ?? {};
    const status = { ...old.status, conditions: timed(conditions, old, formatTime(registry.kernel.now)) };
    const draft = { ...stored, metadata: { ...stored.metadata }, status };
    if (asked.metadata.resourceVersion) draft.metadata.resourceVersion = asked.metadata.resourceVersion;
    const errors = checkApproval(draft as unknown as CertificateSigningRequest, old);
    if (errors.length > 0) throw invalid(endpoint.kind, name, errors);
    return answer(replace(registry, scope, draft, stored, stored));
  },
};
