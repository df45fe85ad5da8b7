import { ConfigMapKind } from '../api/core/config-map.ts';
import { SecretKind } from '../api/core/secret.ts';
import { hasReason } from '../api/status.ts';
import type { ConfigMap, Node, Pod, Secret, Service } from '../api/types.ts';
import type { Client } from '../client/index.ts';
import { fieldValue, resourceValue } from './downward.ts';
import type { ContainerRef } from './names.ts';
import { StartError } from './start-error.ts';
import { decodeBase64 } from './text.ts';

type Env = Record<string, string>;

const configError = (message: string): StartError => new StartError('CreateContainerConfigError', message);

export interface EnvironmentSources {
  readonly client: Client;
  readonly services: () => readonly Service[];
  readonly node: () => Node | undefined;
  readonly hostIps: readonly string[];
}

/** `$(NAME)` becomes the variable's value, `$$` a dollar; what is not known stays as it is. */
export function expandVariables(text: string, env: Env): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(env, name) ? env[name]! : whole;
  });
}

/** Variables by list of Services and by namespace, '' for Pods that want only the API server's. */
const variables = new WeakMap<readonly Service[], Map<string, Env>>();

/** The variables by which a container finds the Services of its namespace (as Docker links named them). */
export function serviceVariables(pod: Pod, services: readonly Service[]): Env {
  const links = pod.spec.enableServiceLinks ?? true;
  let known = variables.get(services);
  if (!known) variables.set(services, (known = new Map()));
  const namespace = links ? (pod.metadata.namespace ?? '') : '';
  let env = known.get(namespace);
  if (!env) known.set(namespace, (env = makeServiceVariables(namespace, services)));
  return env;
}

function makeServiceVariables(wanted: string, services: readonly Service[]): Env {
  const env: Env = {};
  for (const service of services) {
    const { name, namespace } = service.metadata;
    const api = name === 'kubernetes' && namespace === 'default';
    if (!api && namespace !== wanted) continue;
    const ip = service.spec.clusterIP;
    const [first] = service.spec.ports ?? [];
    if (!ip || ip === 'None' || !first) continue;
    const prefix = name.toUpperCase().replaceAll('-', '_');
    env[`${prefix}_SERVICE_HOST`] = ip;
    env[`${prefix}_SERVICE_PORT`] = String(first.port);
    for (const port of service.spec.ports ?? []) {
      if (port.name) env[`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`] = String(port.port);
    }
    const protocol = (port: { protocol?: string }): string => (port.protocol ?? 'TCP').toLowerCase();
    env[`${prefix}_PORT`] = `${protocol(first)}://${ip}:${first.port}`;
    for (const port of service.spec.ports ?? []) {
      const base = `${prefix}_PORT_${port.port}_${protocol(port).toUpperCase()}`;
      env[base] = `${protocol(port)}://${ip}:${port.port}`;
      env[`${base}_PROTO`] = protocol(port);
      env[`${base}_PORT`] = String(port.port);
      env[`${base}_ADDR`] = ip;
    }
  }
  return env;
}

/** A container's environment. Throws StartError when something that it refers to is missing. */
export function containerEnvironment(
  pod: Pod,
  { container }: ContainerRef,
  podIps: readonly string[],
  sources: EnvironmentSources,
): Env {
  const namespace = pod.metadata.namespace!;
  const links = serviceVariables(pod, sources.services());
  if (!container.env && !container.envFrom) return links;
  const env: Env = {};
  const configMap = (name: string, optional: boolean | undefined): ConfigMap | undefined =>
    found(() => sources.client.resource(ConfigMapKind).get(name, namespace), `configmap "${name}" not found`, optional);
  const secret = (name: string, optional: boolean | undefined): Secret | undefined =>
    found(() => sources.client.resource(SecretKind).get(name, namespace), `secret "${name}" not found`, optional);

  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef
      ? configMap(configMapRef.name ?? '', configMapRef.optional)?.data
      : decoded(secretRef ? secret(secretRef.name ?? '', secretRef.optional)?.data : undefined);
    for (const key in data) env[prefix + key] = data[key]!;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (value !== undefined || !valueFrom) {
      env[name] = expandVariables(value ?? '', { ...links, ...env });
      continue;
    }
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
    if (fieldRef) {
      const text = fieldValue(pod, fieldRef.fieldPath, { pod: podIps, host: sources.hostIps });
      if (text === undefined) throw configError(`unsupported fieldPath: ${fieldRef.fieldPath}`);
      env[name] = text;
    } else if (resourceFieldRef) {
      const of = pod.spec.containers.find((other) => other.name === resourceFieldRef.containerName) ?? container;
      env[name] = resourceValue(of, resourceFieldRef.resource, resourceFieldRef.divisor, sources.node());
    } else if (configMapKeyRef) {
      const { key, optional } = configMapKeyRef;
      const text = configMap(configMapKeyRef.name ?? '', optional)?.data?.[key];
      if (text !== undefined) env[name] = text;
      else if (!optional)
        throw configError(`couldn't find key ${key} in ConfigMap ${namespace}/${configMapKeyRef.name}`);
    } else if (secretKeyRef) {
      const { key, optional } = secretKeyRef;
      const text = secret(secretKeyRef.name ?? '', optional)?.data?.[key];
      if (text !== undefined) env[name] = decodeBase64(text);
      else if (!optional) throw configError(`couldn't find key ${key} in Secret ${namespace}/${secretKeyRef.name}`);
    }
  }
  return { ...links, ...env };
}

function found<T>(get: () => T, missing: string, optional: boolean | undefined): T | undefined {
  try {
    return get();
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    if (optional) return undefined;
    throw configError(missing);
  }
}

const decoded = (data: Readonly<Record<string, string>> | undefined): Env | undefined =>
  data && Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decodeBase64(value)]));
