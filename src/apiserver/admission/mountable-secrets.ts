/** Which Secrets a Pod may reach by its service account, where that account limits it (kubernetes.io/enforce-mountable-secrets). */
import type { Container, Pod, ServiceAccount } from '../../api/types.ts';
import { refuse, type AdmissionRequest, type ValidatingPlugin } from './admission.ts';

const ENFORCED = 'kubernetes.io/enforce-mountable-secrets';
const MIRROR = 'kubernetes.io/config.mirror';

/** What Go's strconv.ParseBool takes for true. */
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

const names = (list: readonly { readonly name?: string }[] | undefined): ReadonlySet<string> =>
  new Set((list ?? []).map(({ name }) => name ?? ''));

/** The first Secret that containers name and their account does not. */
function foreignSecret(
  what: string,
  containers: readonly Container[] | undefined,
  mountable: ReadonlySet<string>,
): string | undefined {
  for (const { name, env = [], envFrom = [] } of containers ?? []) {
    for (const { name: variable, valueFrom } of env) {
      const secret = valueFrom?.secretKeyRef?.name;
      if (secret !== undefined && !mountable.has(secret))
        return `${what} ${name} with envVar ${variable} referencing secret.secretName="${secret}"`;
    }
    for (const { secretRef } of envFrom)
      if (secretRef && !mountable.has(secretRef.name ?? ''))
        return `${what} ${name} with envFrom referencing secret.secretName="${secretRef.name ?? ''}"`;
  }
  return undefined;
}

const ephemeralOf = ({ spec }: Pod): readonly Container[] =>
  (spec.ephemeralContainers ?? []) as unknown as readonly Container[];

/** Why a Pod may not be, by the account that it runs as. */
function limit(pod: Pod, { metadata, secrets, imagePullSecrets }: ServiceAccount): string | undefined {
  const { spec } = pod;
  const mountable = names(secrets);
  const volume = spec.volumes?.find(({ secret }) => secret && !mountable.has(secret.secretName ?? ''));
  const foreign = volume
    ? `volume with secret.secretName="${volume.secret?.secretName ?? ''}"`
    : (foreignSecret('init container', spec.initContainers, mountable) ??
      foreignSecret('container', spec.containers, mountable));
  if (foreign)
    return `${foreign} is not allowed because service account ${metadata.name} does not reference that secret`;
  const pulling = names(imagePullSecrets);
  const at = (spec.imagePullSecrets ?? []).findIndex(({ name }) => !pulling.has(name ?? ''));
  if (at < 0) return undefined;
  return `imagePullSecrets[${at}].name="${spec.imagePullSecrets![at]!.name ?? ''}" is not allowed because service account ${metadata.name} does not reference that imagePullSecret`;
}

/** Why a mirror Pod may not be: it shows what a node runs without the API server. */
function checkMirror({ spec }: Pod): string | undefined {
  const may = 'a mirror pod may not';
  if (spec.serviceAccountName) return `${may} reference service accounts`;
  if (/"secret(Name|KeyRef|Ref)?":|"imagePullSecrets":\[\{/.test(JSON.stringify(spec)))
    return `${may} reference secrets`;
  const projects = spec.volumes?.some(({ projected }) => projected?.sources?.some((one) => one.serviceAccountToken));
  return projects ? `${may} use ServiceAccountToken volume projections` : undefined;
}

/** The second half of ServiceAccount, once all have completed a Pod. */
export const mountableSecrets: ValidatingPlugin = {
  name: 'ServiceAccount',
  validate(request: AdmissionRequest, context) {
    const { kind, operation, subresource, namespace } = request;
    if (kind.kind !== 'Pod' || kind.group !== '') return;
    const debugging = operation === 'UPDATE' && subresource === 'ephemeralcontainers';
    if (!debugging && (operation !== 'CREATE' || subresource)) return;
    const pod = request.object as unknown as Pod;
    if (!debugging && pod.metadata.annotations?.[MIRROR] !== undefined) {
      const reason = checkMirror(pod);
      if (reason) throw refuse(request, reason);
      return;
    }
    const name = pod.spec.serviceAccountName ?? '';
    const account = context.get('', 'serviceaccounts', namespace, name) as ServiceAccount | undefined;
    if (!account || !TRUE.has(account.metadata.annotations?.[ENFORCED] ?? '')) return;
    const foreign = debugging
      ? foreignSecret('ephemeral container', ephemeralOf(pod), names(account.secrets))
      : undefined;
    const reason = debugging
      ? foreign && `${foreign} is not allowed because service account ${name} does not reference that secret`
      : limit(pod, account);
    if (reason) throw refuse(request, reason);
  },
};
