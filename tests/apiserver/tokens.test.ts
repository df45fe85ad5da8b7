import { describe, expect, test } from 'vitest';
import { Kernel } from '../../src/kernel/index.ts';
import { decodeBase64Url } from '../../src/apiserver/base64url.ts';
import { rs256Signer, signTokens } from '../../src/apiserver/tokens/rs256-signer.ts';
import { trackSecretTokens } from '../../src/apiserver/tokens/token-tracking.ts';
import { Rig } from './rig.ts';

const HOUR_MS = 3600_000;

interface TokenRequest {
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}

function ask(rig: Rig, spec: object = {}): string {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const answer = rig.ask({ verb: 'create', resource: 'serviceaccounts', subresource: 'token', name: 'default', body });
  return (answer as unknown as TokenRequest).status.token;
}

const review = (rig: Rig, token: string, audiences?: readonly string[]): unknown =>
  rig.ask({
    group: 'authentication.k8s.io',
    version: 'v1',
    resource: 'tokenreviews',
    namespace: undefined,
    verb: 'create',
    body: { metadata: {}, spec: { token, ...(audiences ? { audiences } : {}) } },
  })['status'];

const payloadOf = (token: string): Record<string, unknown> =>
  JSON.parse((decodeBase64Url(token.split('.')[1]!) as { text: string }).text) as Record<string, unknown>;

const signing = (): Rig => new Rig({ extensions: [signTokens] });

describe('tokens of service accounts', () => {
  test('are signed with a key that follows from the seed, and verified by its public half', async () => {
    const signer = rs256Signer(new Kernel({ seed: 3 }).random('key'));
    expect(signer.keyId).toBe(rs256Signer(new Kernel({ seed: 3 }).random('key')).keyId);
    const token = ask(signing());
    const rig = signing();
    const { publicKey } = rig.server.tokens.signer;
    const key = await crypto.subtle.importKey('jwk', publicKey!, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, [
      'verify',
    ]);
    const [header, payload, signature] = token.split('.');
    const verified = await crypto.subtle.verify(
      'RSASSA-PKCS1-v1_5',
      key,
      Buffer.from(signature!, 'base64url'),
      Buffer.from(`${header}.${payload}`),
    );
    expect(verified).toBe(true);
  });

  test('are known by their signature, whoever kept them', () => {
    const rig = signing();
    const token = ask(rig);
    const forged = `${token.slice(0, -4)}AAAA`;
    expect(rig.server.tokens.authenticate(token)?.user.username).toBe('system:serviceaccount:default:default');
    expect(review(rig, forged)).toEqual({
      user: {},
      error: '[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]',
    });
    expect(review(rig, 'nonsense')).toEqual({ user: {}, error: 'invalid bearer token' });
  });

  test('expire on the virtual clock, a minute of grace included', () => {
    const rig = signing();
    const token = ask(rig);
    rig.kernel.runFor(HOUR_MS + 59_000);
    expect(review(rig, token)).toMatchObject({ authenticated: true });
    rig.kernel.runFor(2_000);
    expect(review(rig, token)).toEqual({
      user: {},
      error: '[invalid bearer token, service account token has expired]',
    });
  });

  test('are for their audiences only', () => {
    const rig = signing();
    const token = ask(rig, { audiences: ['vault'] });
    expect(review(rig, token, ['vault', 'other'])).toMatchObject({ authenticated: true, audiences: ['vault'] });
    expect(review(rig, token)).toEqual({
      user: {},
      error:
        '[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ' +
        '["https://kubernetes.default.svc"]]',
    });
  });

  test('bound to a Pod name it and its node, and die with it', () => {
    const rig = signing();
    rig.create('nodes', { metadata: { name: 'n1' } });
    const pod = rig.create('pods', {
      metadata: { name: 'web' },
      spec: { nodeName: 'n1', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'i' }] },
    });
    const token = ask(rig, { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'web' }, expirationSeconds: 3607 });
    const {
      exp,
      iat,
      'kubernetes.io': claims,
    } = payloadOf(token) as {
      exp: number;
      iat: number;
      'kubernetes.io': object;
    };
    expect(exp - iat).toBe(365 * 24 * 3600);
    expect(claims).toMatchObject({ warnafter: iat + 3607, node: { name: 'n1' }, pod: { name: 'web' } });
    const { status } = { status: review(rig, token) } as { status: { user: { extra: Record<string, string[]> } } };
    expect(status.user.extra).toMatchObject({
      'authentication.kubernetes.io/node-name': ['n1'],
      'authentication.kubernetes.io/pod-name': ['web'],
      'authentication.kubernetes.io/pod-uid': [pod.metadata.uid],
    });
    rig.ask({ verb: 'delete', resource: 'pods', name: 'web', options: { gracePeriodSeconds: 0 } });
    expect(review(rig, token)).toMatchObject({
      error: '[invalid bearer token, service account token has been invalidated]',
    });
  });

  test('are not bound to the Pod of another account, nor to things that cannot be bound to', () => {
    const rig = signing();
    rig.create('serviceaccounts', { metadata: { name: 'robot' } });
    rig.create('pods', {
      metadata: { name: 'web' },
      spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'i' }] },
    });
    const bound =
      (reference: object): (() => string) =>
      () =>
        ask(rig, { boundObjectRef: reference });
    expect(bound({ apiVersion: 'v1', kind: 'Pod', name: 'web' })).toThrow(
      'cannot bind token for serviceaccount "default" to pod running with different serviceaccount name.',
    );
    expect(bound({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' })).toThrow(
      'cannot bind token to object of type apps/v1, Kind=Deployment',
    );
    expect(bound({ apiVersion: 'v1', kind: 'Secret', name: 'nope' })).toThrow('secrets "nope" not found');
  });

  test('end with their account', () => {
    const rig = signing();
    const token = ask(rig);
    rig.ask({ verb: 'delete', resource: 'serviceaccounts', name: 'default' });
    expect(review(rig, token)).toMatchObject({
      error: '[invalid bearer token, serviceaccounts "default" not found]',
    });
    expect(rig.server.http({ method: 'GET', url: '/api', headers: { authorization: `Bearer ${token}` } }).status).toBe(
      401,
    );
  });

  test('in Secrets are noted on the day of their use, and may be marked invalid', () => {
    const rig = new Rig({ extensions: [signTokens, trackSecretTokens] });
    const account = rig.ask({ verb: 'get', resource: 'serviceaccounts', name: 'default' }).metadata;
    const token = rig.server.tokens.issueForSecret({ namespace: 'default', secret: 'tok', account });
    rig.create('secrets', { metadata: { name: 'tok' }, data: { token: btoa(token) } });
    rig.server.tokens.authenticate(token);
    const { labels } = rig.get('secrets', 'tok').metadata;
    expect(labels?.['kubernetes.io/legacy-token-last-used']).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    rig.patch('secrets', 'tok', { metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } } });
    expect(() => rig.server.tokens.authenticate(token)).toThrow('has been marked invalid');
  });

  test('in Secrets are good as long as the Secret holds them', () => {
    const rig = signing();
    const account = rig.ask({ verb: 'get', resource: 'serviceaccounts', name: 'default' }).metadata;
    const token = rig.server.tokens.issueForSecret({ namespace: 'default', secret: 'tok', account });
    expect(review(rig, token)).toMatchObject({ error: '[invalid bearer token, Token has been invalidated]' });
    rig.create('secrets', { metadata: { name: 'tok' }, data: { token: btoa(token) } });
    expect(review(rig, token)).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:default:default', uid: account.uid },
    });
    rig.ask({
      verb: 'patch',
      resource: 'secrets',
      name: 'tok',
      patchType: 'merge',
      body: { data: { token: btoa('x') } },
    });
    expect(review(rig, token)).toMatchObject({ error: "[invalid bearer token, Token does not match server's copy]" });
  });
});
