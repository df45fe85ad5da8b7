import { ConfigMapKind } from '../api/core/config-map.ts';
import { SecretKind } from '../api/core/secret.ts';
import { ServiceAccountKind } from '../api/core/service-account.ts';
import { ApiError, hasReason } from '../api/status.ts';
import type { Node, Pod } from '../api/types.ts';
import type { Client } from '../client/index.ts';
import { fieldValue, resourceValue } from './downward.ts';
import { FileTree, type FileEntry, type FileSet, type ProvidedFiles } from './runtime/file-tree.ts';
import { decodeBase64 } from './text.ts';

type Volume = NonNullable<Pod['spec']['volumes']>[number];
type Items = readonly { readonly key: string; readonly path: string; readonly mode?: number }[] | undefined;
type Files = Map<string, FileEntry>;

/** What a volume holds that mirrors API objects. */
export interface VolumeContents {
  readonly files: FileSet;
  readonly tokens?: ProvidedFiles | undefined;
}

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
  const held = contents(pod, volume, sources);
  return held ? new FileTree(held.files, held.tokens) : new FileTree();
}

/** What a volume that mirrors API objects holds; undefined for volumes that begin empty. */
export function contents(pod: Pod, volume: Volume, sources: VolumeSources): VolumeContents | undefined {
  const files: Files = new Map();
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) addConfigMap(files, pod, { ...configMap, mode: configMap.defaultMode }, sources);
  else if (secret) addSecret(files, pod, { ...secret, name: secret.secretName, mode: secret.defaultMode }, sources);
  else if (downwardAPI) addDownward(files, pod, downwardAPI, sources);
  else if (projected) {
    const mode = projected.defaultMode ?? DEFAULT_MODE;
    let tokens: TokenFile | undefined;
    for (const source of projected.sources ?? []) {
      if (source.configMap) addConfigMap(files, pod, { ...source.configMap, mode }, sources);
      else if (source.secret) addSecret(files, pod, { ...source.secret, mode }, sources);
      else if (source.downwardAPI) addDownward(files, pod, source.downwardAPI, sources);
      else if (source.serviceAccountToken) {
        const { path, audience, expirationSeconds } = source.serviceAccountToken;
        tokens = new TokenFile(path, requestToken(pod, audience, expirationSeconds, sources), mode, tokens);
      }
    }
    return { files: projected.sources ? sharedFiles(projected.sources, pod, files) : files, tokens };
  } else return undefined;
  return { files };
}

/** What was last projected from a list of sources, by namespace: Pods that say nothing of their own share the list. */
const projections = new WeakMap<object, Map<string, Files>>();

/** The files, in the one copy that is kept of them for all Pods that project the same. */
function sharedFiles(sources: object, { metadata }: Pod, files: Files): Files {
  let known = projections.get(sources);
  if (!known) projections.set(sources, (known = new Map()));
  const namespace = metadata.namespace ?? '';
  const last = known.get(namespace);
  if (last && sameFiles(last, files)) return last;
  known.set(namespace, files);
  return files;
}

function sameFiles(a: Files, b: Files): boolean {
  if (a.size !== b.size) return false;
  for (const [path, { text, mode }] of a) {
    const other = b.get(path);
    if (other?.text !== text || other.mode !== mode) return false;
  }
  return true;
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

/** The token as a file, with the others of its volume. It is written out when something reads it, which few programs do. */
class TokenFile implements FileEntry, ProvidedFiles {
  readonly mode: number;
  readonly #path: string;
  readonly #granted: GrantedToken;
  readonly #next: TokenFile | undefined;

  constructor(path: string, granted: GrantedToken, mode: number, next: TokenFile | undefined) {
    this.mode = mode;
    this.#path = path;
    this.#granted = granted;
    this.#next = next;
  }

  get names(): readonly string[] {
    return [this.#path, ...(this.#next?.names ?? [])];
  }

  file(path: string): FileEntry | undefined {
    return path === this.#path ? this : this.#next?.file(path);
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
