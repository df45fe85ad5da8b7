import { CertificateSigningRequestKind } from '../../api/certificates/certificate-signing-request.ts';
import { parseTime } from '../../api/meta.ts';
import { hasReason } from '../../api/status.ts';
import type { CertificateSigningRequest } from '../../api/types.ts';
import { findCondition } from '../conditions.ts';
import { controllerUser, type Controller, type ControllerContext } from '../context.ts';
import { notAfter } from './validity.ts';

const NAME = 'certificatesigningrequest-cleaner-controller';
const HOUR_MS = 3_600_000;
/** Time after which a request that was decided goes, and one that nobody decides. */
const DECIDED_MS = HOUR_MS;
const PENDING_MS = 24 * HOUR_MS;

function isOld({ metadata, status }: CertificateSigningRequest, nowMs: number): boolean {
  const { conditions = [], certificate } = status ?? {};
  const since = (time: string | undefined): number => (time ? nowMs - parseTime(time) : 0);
  const decided = (type: string): boolean => since(findCondition(conditions, type)?.lastUpdateTime) > DECIDED_MS;
  if (certificate && findCondition(conditions, 'Approved') && nowMs > notAfter(atob(certificate))) return true;
  return (
    (certificate !== undefined && decided('Approved')) ||
    decided('Denied') ||
    decided('Failed') ||
    (conditions.length === 0 && since(metadata.creationTimestamp) > PENDING_MS)
  );
}

/**
 * Deletes requests for certificates that nobody needs any more, once an hour: an hour after they were signed, denied or
 * failed, a day after they were made when nobody decided, or when their certificates have expired.
 */
export function startCertificateCleaning(context: ControllerContext): Controller {
  const { kernel, informers } = context;
  const requests = informers.for(CertificateSigningRequestKind);
  const client = context.client
    .as(NAME, controllerUser('certificate-controller'))
    .resource(CertificateSigningRequestKind);
  const clean = (): void => {
    timer = kernel.after(HOUR_MS, NAME, clean, { background: true });
    for (const request of requests.list()) {
      if (!isOld(request, kernel.now)) continue;
      try {
        client.delete(request.metadata.name);
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    }
  };
  let timer = kernel.after(HOUR_MS, NAME, clean, { background: true });
  return { stop: () => timer.cancel() };
}
