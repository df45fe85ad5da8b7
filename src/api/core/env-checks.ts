/** Environment variables and where they come from. */
import { invalid, notSupported, required } from '../field-error.ts';
import {
  checkConfigMapKey,
  checkDnsSubdomain,
  checkEnvVarName,
  checkQualifiedName,
  maskTrailingDash,
} from '../names.ts';
import { parseQuantity } from '../quantity.ts';
import type { Container } from '../types.ts';
import { checkDescendingPath, refuse, type Errors } from './common-checks.ts';

type EnvVar = NonNullable<Container['env']>[number];
type FieldRef = NonNullable<NonNullable<EnvVar['valueFrom']>['fieldRef']>;
interface FileKeyRef {
  readonly volumeName?: string;
  readonly path?: string;
  readonly key?: string;
}
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
/** Fields that have a name at all, whether or not they may be referred to (ConvertDownwardAPIFieldLabel). */
const KNOWN_FIELDS = new Set([
  ...ENV_FIELDS,
  ...VOLUME_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);
const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

/** `metadata.labels['app']` → [`metadata.labels`, `app`] */
const SUBSCRIPT = /^(.+?)\['(.*)'\]$/;

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
  const [, base, subscript = ''] = SUBSCRIPT.exec(ref.fieldPath) ?? [];
  const problem = unknownField(ref, base);
  if (problem) {
    errors.push(invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: ${problem}`));
    return;
  }
  if (base !== undefined) {
    const key = base === 'metadata.annotations' ? subscript.toLowerCase() : subscript;
    refuse(path, key, checkQualifiedName(key), errors);
    return;
  }
  // The field's name of long ago.
  const field = ref.fieldPath === 'spec.host' ? 'spec.nodeName' : ref.fieldPath;
  if (!supported.includes(field)) errors.push(notSupported(`${path}.fieldPath`, field, supported));
}

/** Why a field cannot even be looked up. `base` is what stands before a subscript. */
function unknownField({ apiVersion, fieldPath }: FieldRef, base: string | undefined): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  if (base !== undefined)
    return base === 'metadata.labels' || base === 'metadata.annotations'
      ? undefined
      : `field label does not support subscript: ${fieldPath}`;
  return KNOWN_FIELDS.has(fieldPath) || fieldPath === 'spec.host'
    ? undefined
    : `field label not supported: ${fieldPath}`;
}

const CPU_DIVISORS = new Set(['1m', '1']);
const BYTE_DIVISORS = new Set(['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']);

/** A request or limit of a container; `volume` asks for the container's name. */
export function checkResourceFieldRef(ref: ResourceFieldRef, volume: boolean, path: string, errors: Errors): void {
  if (volume && !ref.containerName) errors.push(required(`${path}.containerName`));
  else if (!ref.resource) errors.push(required(`${path}.resource`));
  else if (!RESOURCES.includes(ref.resource) && !/^(limits|requests)\.hugepages-/.test(ref.resource))
    errors.push(notSupported(`${path}.resource`, ref.resource, RESOURCES));
  checkDivisor(ref.resource ?? '', ref.divisor ?? '0', `${path}.divisor`, errors);
}

/** What the amount is told in units of. Errors show the resource, not the divisor. */
function checkDivisor(resource: string, text: string | number, path: string, errors: Errors): void {
  const quantity = parseQuantity(text);
  if (quantity.nano === 0n) return;
  const divisor = quantity.toString();
  const what = DIVIDED.find(([suffix]) => new RegExp(`^(limits|requests)\\.${suffix}`).test(resource))?.[1];
  if (!what || (what === 'cpu' ? CPU_DIVISORS : BYTE_DIVISORS).has(divisor)) return;
  const values = what === 'cpu' ? '1m and 1' : '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';
  errors.push(invalid(path, resource, `only divisor's values ${values} are supported with the ${what} resource`));
}

/** How resources are spoken of in errors about their divisor. */
const DIVIDED = [
  ['cpu$', 'cpu'],
  ['memory$', 'memory'],
  ['ephemeral-storage$', 'local ephemeral storage'],
  ['hugepages-', 'hugepages'],
] as const;

function checkKeyRef(ref: { name?: string; key?: string }, path: string, errors: Errors): void {
  refuse(`${path}.name`, ref.name ?? '', checkDnsSubdomain(ref.name ?? ''), errors);
  if (!ref.key) errors.push(required(`${path}.key`));
  else refuse(`${path}.key`, ref.key, checkConfigMapKey(ref.key), errors);
}

/** A variable in a file that another container wrote. */
function checkFileKeyRef(ref: FileKeyRef, path: string, errors: Errors): void {
  if (!ref.key) errors.push(required(`${path}.key`));
  else refuse(`${path}.key`, ref.key, checkEnvVarName(ref.key), errors);
  if (!ref.volumeName) errors.push(required(`${path}.volumeName`));
  if (!ref.path) errors.push(required(`${path}.path`));
  else checkDescendingPath(ref.path, `${path}.path`, errors);
}

function checkSource(variable: EnvVar, path: string, errors: Errors): void {
  const from = variable.valueFrom!;
  let count = 0;
  if (from.fieldRef && ++count) checkFieldRef(from.fieldRef, ENV_FIELDS, `${path}.fieldRef`, errors);
  if (from.resourceFieldRef && ++count)
    checkResourceFieldRef(from.resourceFieldRef, false, `${path}.resourceFieldRef`, errors);
  if (from.configMapKeyRef && ++count) checkKeyRef(from.configMapKeyRef, `${path}.configMapKeyRef`, errors);
  if (from.secretKeyRef && ++count) checkKeyRef(from.secretKeyRef, `${path}.secretKeyRef`, errors);
  if ('fileKeyRef' in from && ++count) checkFileKeyRef(from.fileKeyRef as FileKeyRef, `${path}.fileKeyRef`, errors);
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

/** Kubernetes checks these names as if something were to be appended: they may end in a hyphen. */
function checkNamePrefix(name: string | undefined, path: string, errors: Errors): void {
  if (!name) errors.push(required(path));
  else refuse(path, name, checkDnsSubdomain(maskTrailingDash(name)), errors);
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
    if (source.configMapRef) checkNamePrefix(source.configMapRef.name, `${at}.configMapRef.name`, errors);
    if (source.secretRef) checkNamePrefix(source.secretRef.name, `${at}.secretRef.name`, errors);
    if (!source.configMapRef && !source.secretRef)
      errors.push(invalid(`${path}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (source.configMapRef && source.secretRef)
      errors.push(invalid(`${path}.envFrom`, '', 'may not have more than one field specified at a time'));
  });
}
