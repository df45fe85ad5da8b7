import { SecretKind } from '../../api/core/secret.ts';
import { formatTime } from '../../api/meta.ts';
import { ApiError } from '../../api/status.ts';
import { Loopback } from '../loopback.ts';
import type { ApiServer } from '../server.ts';

const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const DATE_LENGTH = 'yyyy-mm-dd'.length;

/** Notes on Secrets with tokens on which day they were last used, so that others can be cleaned up (KEP-2799). */
export function trackSecretTokens(server: ApiServer): void {
  const { kernel, tokens } = server;
  const loopback = new Loopback(server);
  const note = (namespace: string, name: string): void => {
    const secret = loopback.get(SecretKind, name, namespace);
    const today = formatTime(kernel.now).slice(0, DATE_LENGTH);
    if (!secret || secret.metadata.labels?.[LAST_USED] === today) return;
    const labels = { ...secret.metadata.labels, [LAST_USED]: today };
    try {
      loopback.update(SecretKind, { ...secret, metadata: { ...secret.metadata, labels } });
    } catch (error) {
      // Whoever was faster has the next use noted.
      if (!(error instanceof ApiError)) throw error;
    }
  };
  tokens.secretTokenUsed = note;
}
