/** Environment variables and where they come from. */
import { invalid, notSupported, required } from '../field-error.ts';
import { checkConfigMapKey, checkDnsSubdomain, checkEnvVarName, checkQualifiedName } from '../names.ts';
import type { Container } from '../types.ts';
import { checkObjectName, refuse, type Errors } from './common-checks.ts';

type EnvVar = NonNullable<Container['env']>[number];
type FieldRef = NonNullable<NonNullable<EnvVar['valueFrom']>['fieldRef']>;
type ResourceFieldRef = NonNullable<NonNullable<EnvVar['valueFrom']>['resourceFieldRef']>;

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
export const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
/** Fields that the downward API knows at all. */
const KNOWN_FIELDS = new Set([...ENV_FIELDS, ...VOLUME_FIELDS]);
const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

/** `metadata.labels['app']` → [`metadata.labels`, `app`] */
const SUBSCRIPT = /^(.*)\['(.*)'\]$/;

/** A field of the Pod, as env and downward API volumes refer to it. */
export function checkFieldRef(ref: FieldRef, supported: readonly string[], path: string, errors: Errors): void {
  if (!ref.apiVersion) {
    errors.push(required(`${path}.apiVersion`));
    return;
  }
  if (!ref.fieldPath) {
    errors.push(required(`${path}.fieldPath`));
    return;
  }
  const [, base, subscript] = SUBSCRIPT.exec(ref.fieldPath) ?? [];
  const known =
    base === undefined
      ? KNOWN_FIELDS.has(ref.fieldPath)
      : base === 'metadata.labels' || base === 'metadata.annotations';
  if (ref.apiVersion !== 'v1' || !known) {
    const reason =
      ref.apiVersion !== 'v1'
        ? `unsupported pod version: ${ref.apiVersion}`
        : `field label not supported: ${base ?? ref.fieldPath}`;
    errors.push(invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: ${reason}`));
    return;
  }
  if (base !== undefined) {
    refuse(
      path,
      subscript,
      checkQualifiedName(base === 'metadata.annotations' ? subscript!.toLowerCase() : subscript!),
      errors,
    );
  } else if (!supported.includes(ref.fieldPath)) {
    errors.push(notSupported(`${path}.fieldPath`, ref.fieldPath, supported));
  }
}

const CPU_DIVISORS = new Set(['0', '1m', '1']);
const BYTE_DIVISORS = new Set(['0', '1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']);

/** A request or limit of a container; `volume` asks for the container's name. */
export function checkResourceFieldRef(ref: ResourceFieldRef, volume: boolean, path: string, errors: Errors): void {
  if (volume && !ref.containerName) errors.push(required(`${path}.containerName`));
  else if (!ref.resource) errors.push(required(`${path}.resource`));
  else if (!RESOURCES.includes(ref.resource) && !/^(limits|requests)\.hugepages-/.test(ref.resource))
    errors.push(notSupported(`${path}.resource`, ref.resource, RESOURCES));
  const divisor = String(ref.divisor ?? '0');
  const what = ref.resource?.split('.').slice(1).join('.') ?? '';
  if (what === 'cpu' && !CPU_DIVISORS.has(divisor))
    errors.push(
      invalid(`${path}.divisor`, 'cpu', "only divisor's values 1m and 1 are supported with the cpu resource"),
    );
  else if (what !== 'cpu' && what !== '' && !BYTE_DIVISORS.has(divisor))
    errors.push(
      invalid(
        `${path}.divisor`,
        what,
        `only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ${what} resource`,
      ),
    );
}

function checkKeyRef(ref: { name?: string; key?: string }, path: string, errors: Errors): void {
  refuse(`${path}.name`, ref.name ?? '', checkDnsSubdomain(ref.name ?? ''), errors);
  if (!ref.key) errors.push(required(`${path}.key`));
  else refuse(`${path}.key`, ref.key, checkConfigMapKey(ref.key), errors);
}

function checkSource(variable: EnvVar, path: string, errors: Errors): void {
  const from = variable.valueFrom!;
  let count = 0;
  if (from.fieldRef && ++count) checkFieldRef(from.fieldRef, ENV_FIELDS, `${path}.fieldRef`, errors);
  if (from.resourceFieldRef && ++count)
    checkResourceFieldRef(from.resourceFieldRef, false, `${path}.resourceFieldRef`, errors);
  if (from.configMapKeyRef && ++count) checkKeyRef(from.configMapKeyRef, `${path}.configMapKeyRef`, errors);
  if (from.secretKeyRef && ++count) checkKeyRef(from.secretKeyRef, `${path}.secretKeyRef`, errors);
  if ('fileKeyRef' in from && from.fileKeyRef) count++;
  if (count === 0)
    errors.push(
      invalid(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    );
  if (variable.value) {
    if (count > 0) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (count > 1) {
    errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  }
}

export function checkEnv(container: Container, path: string, errors: Errors): void {
  container.env?.forEach((variable, i) => {
    const at = `${path}.env[${i}]`;
    if (!variable.name) errors.push(required(`${at}.name`));
    else refuse(`${at}.name`, variable.name, checkEnvVarName(variable.name), errors);
    if (variable.valueFrom) checkSource(variable, `${at}.valueFrom`, errors);
  });
  container.envFrom?.forEach((source, i) => {
    const at = `${path}.envFrom[${i}]`;
    if (source.prefix) refuse(`${at}.prefix`, source.prefix, checkEnvVarName(source.prefix), errors);
    if (source.configMapRef) checkObjectName(source.configMapRef.name, `${at}.configMapRef.name`, errors);
    if (source.secretRef) checkObjectName(source.secretRef.name, `${at}.secretRef.name`, errors);
    if (!source.configMapRef && !source.secretRef)
      errors.push(invalid(`${path}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (source.configMapRef && source.secretRef)
      errors.push(invalid(`${path}.envFrom`, '', 'may not have more than one field specified at a time'));
  });
}
