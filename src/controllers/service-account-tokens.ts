import { SecretKind } from '../api/core/secret.ts';
import { ServiceAccountKind } from '../api/core/service-account.ts';
import { keyOf } from '../api/meta.ts';
import { hasReason } from '../api/status.ts';
import type { Secret, ServiceAccount } from '../api/types.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

const MAX_RETRIES = 10;

/** Keys of accounts that are gone, and of Secrets that are, stand in the same queue as those of Secrets. */
const GONE_ACCOUNT = 'gone account:';
const GONE_SECRET = 'gone secret:';

/** The Secret is for a token of this very account. */
function isTokenOf({ metadata }: Secret, account: ServiceAccount): boolean {
  const { [ACCOUNT_NAME]: name, [ACCOUNT_UID]: uid } = metadata.annotations ?? {};
  return name === account.metadata.name && (!uid || uid === account.metadata.uid);
}

/**
 * Fills Secrets of type kubernetes.io/service-account-token: the account's uid into the annotations; a token that does
 * not expire, the cluster's certificate and the namespace into the data. Deletes them when the account is gone or is
 * another one by now, and takes deleted ones off the account's list. Since Kubernetes 1.24 nobody creates such Secrets
 * for every account.
 *
 * The real one signs with the key that the API server verifies with; here the signer is given by whoever starts the
 * process. Without a signer the controller does nothing, as without --service-account-private-key-file.
 */
export function startServiceAccountTokens(context: ControllerContext): Controller {
  const { signAccountToken, rootCa } = context;
  const accounts = context.informers.for(ServiceAccountKind);
  const secrets = context.informers.for(SecretKind, { fieldSelector: `type=${TYPE}` });
  const loop = new ControlLoop({
    context,
    name: 'serviceaccount-token-controller',
    user: context.client.user,
    maxRetries: MAX_RETRIES,
    reconcile: (key) => {
      if (key.startsWith(GONE_ACCOUNT)) accountGone(key.slice(GONE_ACCOUNT.length));
      else if (key.startsWith(GONE_SECRET)) secretGone(key.slice(GONE_SECRET.length));
      else syncSecret(key);
    },
  });
  const client = loop.client.resource(SecretKind);

  function remove({ metadata }: Secret): void {
    try {
      client.delete(metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid! } });
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
    }
  }

  /** An account that is gone takes its tokens along. */
  function accountGone(key: string): void {
    if (accounts.getByKey(key)) return;
    const [namespace = '', name] = key.split('/');
    for (const secret of secrets.list(namespace))
      if (secret.metadata.annotations?.[ACCOUNT_NAME] === name) loop.queue.add(keyOf(secret));
  }

  /** The account that a Secret names, from the server where the cache has none; undefined when it is another one. */
  function accountOf(secret: Secret): ServiceAccount | undefined {
    const { namespace, annotations } = secret.metadata;
    const name = annotations?.[ACCOUNT_NAME] ?? '';
    const cached = accounts.get(namespace, name);
    if (cached && isTokenOf(secret, cached)) return cached;
    try {
      const fresh = loop.client.resource(ServiceAccountKind).get(name, namespace);
      return isTokenOf(secret, fresh) ? fresh : undefined;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  function syncSecret(key: string): void {
    const secret = secrets.getByKey(key);
    if (!secret) return;
    const account = accountOf(secret);
    if (account) fill(secret, account);
    else remove(secret);
  }

  function fill(secret: Secret, account: ServiceAccount): void {
    const { name, namespace = '' } = secret.metadata;
    const { data = {} } = secret;
    const ca = btoa(rootCa);
    if (data['token'] && data['namespace'] && data['ca.crt'] === ca) return;
    const token = data['token'] ?? btoa(signAccountToken!({ namespace, secret: name, account: account.metadata }));
    const annotations = {
      ...secret.metadata.annotations,
      [ACCOUNT_NAME]: account.metadata.name,
      [ACCOUNT_UID]: account.metadata.uid!,
    };
    try {
      client.update({
        ...secret,
        metadata: { ...secret.metadata, annotations },
        data: { ...data, token, 'ca.crt': ca, namespace: data['namespace'] ?? btoa(namespace) },
      });
    } catch (error) {
      // Somebody else's change is on its way here; a Secret that is gone needs nothing.
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
    }
  }

  /** A Secret that is gone is no longer on its account's list. */
  function secretGone(key: string): void {
    const [namespace, accountName = '', secretName] = key.split('/');
    const account = accounts.get(namespace, accountName);
    const rest = account?.secrets?.filter(({ name }) => name !== secretName);
    if (!account || !rest || rest.length === account.secrets!.length) return;
    loop.client.resource(ServiceAccountKind).update({ ...account, secrets: rest });
  }

  if (!signAccountToken) return loop;
  loop.on(accounts, { delete: (account) => loop.queue.add(`${GONE_ACCOUNT}${keyOf(account)}`) });
  const enqueue = (secret: Secret): void => loop.queue.add(keyOf(secret));
  loop.on(secrets, {
    add: enqueue,
    update: enqueue,
    delete: ({ metadata: { name, namespace, annotations } }) =>
      loop.queue.add(`${GONE_SECRET}${namespace}/${annotations?.[ACCOUNT_NAME]}/${name}`),
  });
  return loop;
}
