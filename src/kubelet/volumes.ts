import { ConfigMapKind } from '../api/core/config-map.ts';
import { SecretKind } from '../api/core/secret.ts';
import { ServiceAccountKind } from '../api/core/service-account.ts';
import { ApiError, hasReason } from '../api/status.ts';
import type { Node, Pod } from '../api/types.ts';
import type { Client } from '../client/index.ts';
import { fieldValue, resourceValue } from './downward.ts';
import { FileTree, type FileEntry } from './runtime/file-tree.ts';
import { decodeBase64 } from './text.ts';

type Volume = NonNullable<Pod['spec']['volumes']>[number];
type Items = readonly { readonly key: string; readonly path: string; readonly mode?: number }[] | undefined;
type Files = Map<string, FileEntry>;

/** Why a volume could not be set up, in the kubelet's words. */
export class MountError extends Error {}

export interface VolumeSources {
  readonly client: Client;
  readonly hostIps: readonly string[];
  readonly podIps: readonly string[];
  readonly node: () => Node | undefined;
  /** Directories of the node, and what stands in for remote storage, by name. */
  readonly shared: Map<string, FileTree>;
}

const DEFAULT_MODE = 0o644;

/** Sets up one volume of a Pod as files in memory. Throws MountError. */
export function mountVolume(pod: Pod, volume: Volume, sources: VolumeSources): FileTree {
  if (volume.hostPath) return sharedTree(sources, `hostPath:${volume.hostPath.path}`);
  const claim = volume.persistentVolumeClaim;
  if (claim) return sharedTree(sources, `pvc:${pod.metadata.namespace}/${claim.claimName}`);
  const files = contents(pod, volume, sources);
  return files ? new FileTree(files) : new FileTree();
}

/** The files of a volume that mirrors API objects; undefined for volumes that begin empty. */
export function contents(pod: Pod, volume: Volume, sources: VolumeSources): Files | undefined {
  const files: Files = new Map();
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) addConfigMap(files, pod, { ...configMap, mode: configMap.defaultMode }, sources);
  else if (secret) addSecret(files, pod, { ...secret, name: secret.secretName, mode: secret.defaultMode }, sources);
  else if (downwardAPI) addDownward(files, pod, downwardAPI, sources);
  else if (projected) {
    const mode = projected.defaultMode ?? DEFAULT_MODE;
    for (const source of projected.sources ?? []) {
      if (source.configMap) addConfigMap(files, pod, { ...source.configMap, mode }, sources);
      else if (source.secret) addSecret(files, pod, { ...source.secret, mode }, sources);
      else if (source.downwardAPI) addDownward(files, pod, source.downwardAPI, sources);
      else if (source.serviceAccountToken) {
        const { path, audience, expirationSeconds } = source.serviceAccountToken;
        files.set(path, new TokenFile(requestToken(pod, audience, expirationSeconds, sources), mode));
      }
    }
  } else return undefined;
  return files;
}

function sharedTree({ shared }: VolumeSources, key: string): FileTree {
  let tree = shared.get(key);
  if (!tree) shared.set(key, (tree = new FileTree()));
  return tree;
}

interface KeyedSource {
  readonly name?: string;
  readonly items?: Items;
  readonly optional?: boolean;
  readonly mode?: number | undefined;
}

function addConfigMap(files: Files, pod: Pod, source: KeyedSource, { client }: VolumeSources): void {
  const name = source.name ?? '';
  const object = found(
    () => client.resource(ConfigMapKind).get(name, pod.metadata.namespace),
    `configmap "${name}" not found`,
    source,
  );
  const data: Record<string, string> = { ...object?.data };
  for (const [key, value] of Object.entries(object?.binaryData ?? {})) data[key] = decodeBase64(value);
  addKeys(files, data, source, (key) => `configmap references non-existent config key: ${key}`);
}

function addSecret(files: Files, pod: Pod, source: KeyedSource, { client }: VolumeSources): void {
  const name = source.name ?? '';
  const object = found(
    () => client.resource(SecretKind).get(name, pod.metadata.namespace),
    `secret "${name}" not found`,
    source,
  );
  const data: Record<string, string> = {};
  for (const [key, value] of Object.entries(object?.data ?? {})) data[key] = decodeBase64(value);
  addKeys(files, data, source, (key) => `references non-existent secret key: ${key}`);
}

function addKeys(
  files: Files,
  data: Readonly<Record<string, string>>,
  source: KeyedSource,
  missing: (key: string) => string,
): void {
  const mode = source.mode ?? DEFAULT_MODE;
  if (!source.items) {
    for (const key in data) files.set(key, { text: data[key]!, mode });
    return;
  }
  for (const item of source.items) {
    const text = data[item.key];
    if (text !== undefined) files.set(item.path, { text, mode: item.mode ?? mode });
    else if (!source.optional) throw new MountError(missing(item.key));
  }
}

type Downward = NonNullable<Volume['downwardAPI']> | { items?: NonNullable<Volume['downwardAPI']>['items'] };

function addDownward(files: Files, pod: Pod, source: Downward, sources: VolumeSources): void {
  for (const { path, fieldRef, resourceFieldRef, mode } of source.items ?? []) {
    let text = '';
    if (fieldRef) text = fieldValue(pod, fieldRef.fieldPath, { pod: sources.podIps, host: sources.hostIps }) ?? '';
    else if (resourceFieldRef) {
      const container =
        pod.spec.containers.find(({ name }) => name === resourceFieldRef.containerName) ?? pod.spec.containers[0]!;
      text = resourceValue(container, resourceFieldRef.resource, resourceFieldRef.divisor, sources.node());
    }
    files.set(path, { text, mode: mode ?? DEFAULT_MODE });
  }
}

type GrantedToken = { readonly token?: string } | undefined;

/** The token as a file. It is written out when something reads it, which few programs do. */
class TokenFile implements FileEntry {
  readonly #granted: GrantedToken;
  readonly mode: number;

  constructor(granted: GrantedToken, mode: number) {
    this.#granted = granted;
    this.mode = mode;
  }

  get text(): string {
    return this.#granted?.token ?? '';
  }
}

/** Asks the API server for a token of the Pod's service account, bound to the Pod. */
function requestToken(
  pod: Pod,
  audience: string | undefined,
  expirationSeconds: number | undefined,
  { client }: VolumeSources,
): GrantedToken {
  const account = pod.spec.serviceAccountName ?? 'default';
  const { name, uid, namespace } = pod.metadata;
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: {},
    spec: {
      audiences: audience ? [audience] : [],
      expirationSeconds: expirationSeconds ?? 3600,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, ...(uid ? { uid } : {}) },
    },
  };
  try {
    const answer = client
      .resource(ServiceAccountKind)
      .subresource<{ status?: GrantedToken }>(account, namespace, 'token', 'create', body, { trusted: true });
    return answer.status;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new MountError(`failed to fetch token: ${error.message}`);
  }
}

function found<T>(get: () => T, missing: string, { optional }: KeyedSource): T | undefined {
  try {
    return get();
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    if (optional) return undefined;
    throw new MountError(missing);
  }
}
