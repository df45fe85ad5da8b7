import type { ApiServer } from '../server.ts';
import { ISSUER } from './token-claims.ts';

const KEYS_PATH = '/openid/v1/jwks';
const CACHE = 'public, max-age=3600';

/** Where clients outside reach the API server. */
const ADVERTISED = 'https://10.96.0.1:443';

/** Publishes how others verify the tokens that the server issues (OpenID Connect discovery, KEP-1393). */
export function publishIssuer(server: ApiServer): void {
  const { tokens, documents } = server;
  const configuration = (): object => ({
    issuer: ISSUER,
    jwks_uri: `${ADVERTISED}${KEYS_PATH}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [tokens.signer.algorithm],
  });
  const keys = (): object => ({ keys: tokens.signer.publicKey ? [tokens.signer.publicKey] : [] });
  const publish = (path: string, contentType: string, body: () => object): void => {
    const source = (): { status: number; headers: Record<string, string>; body: string } => ({
      status: 200,
      headers: { 'content-type': contentType, 'cache-control': CACHE },
      body: JSON.stringify(body()),
    });
    documents.set(path, source);
    documents.set(`${path}/`, source);
  };
  publish('/.well-known/openid-configuration', 'application/json', configuration);
  publish(KEYS_PATH, 'application/jwk-set+json', keys);
}
