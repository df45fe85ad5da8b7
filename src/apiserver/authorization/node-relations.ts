import type { UntypedObject } from '../../api/object.ts';
import type { Container, PersistentVolume, Pod } from '../../api/types.ts';

/** What relations are found by. */
export interface RelationSource {
  /** The Pods that are bound to a node. */
  podsOn(node: string): Iterable<Pod>;
  get(group: string, resource: string, namespace: string | undefined, name: string): UntypedObject | undefined;
}

type Volume = NonNullable<Pod['spec']['volumes']>[number];
type AnyContainer = Partial<Pick<Container, 'env' | 'envFrom'>>;

const MIRROR = 'kubernetes.io/config.mirror';

const containersOf = ({ spec }: Pod): AnyContainer[] => [
  ...spec.containers,
  ...(spec.initContainers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

/** References to Secrets that the sorts of volumes have under various names. */
function* secretReferences(source: object): Generator<string> {
  for (const [field, value] of Object.entries(source)) {
    if (typeof value !== 'object' || value === null) continue;
    const { name } = value as { name?: string };
    if (/secretref$/i.test(field) && name) yield name;
  }
}

function* volumeSecrets(volume: Volume): Generator<string> {
  if (volume.secret?.secretName) yield volume.secret.secretName;
  if (volume.azureFile?.secretName) yield volume.azureFile.secretName;
  for (const source of volume.projected?.sources ?? []) if (source.secret?.name) yield source.secret.name;
  for (const source of Object.values(volume)) if (typeof source === 'object') yield* secretReferences(source as object);
}

function* secretsOf(pod: Pod): Generator<string> {
  for (const { name } of pod.spec.imagePullSecrets ?? []) if (name) yield name;
  for (const volume of pod.spec.volumes ?? []) yield* volumeSecrets(volume);
  for (const { env, envFrom } of containersOf(pod)) {
    for (const { valueFrom } of env ?? []) if (valueFrom?.secretKeyRef?.name) yield valueFrom.secretKeyRef.name;
    for (const { secretRef } of envFrom ?? []) if (secretRef?.name) yield secretRef.name;
  }
}

function* configMapsOf(pod: Pod): Generator<string> {
  for (const { configMap, projected } of pod.spec.volumes ?? []) {
    if (configMap?.name) yield configMap.name;
    for (const source of projected?.sources ?? []) if (source.configMap?.name) yield source.configMap.name;
  }
  for (const { env, envFrom } of containersOf(pod)) {
    for (const { valueFrom } of env ?? []) if (valueFrom?.configMapKeyRef?.name) yield valueFrom.configMapKeyRef.name;
    for (const { configMapRef } of envFrom ?? []) if (configMapRef?.name) yield configMapRef.name;
  }
}

function* claimsOf({ metadata, spec }: Pod): Generator<string> {
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? []) {
    if (persistentVolumeClaim) yield persistentVolumeClaim.claimName;
    if (ephemeral) yield `${metadata.name}-${name}`;
  }
}

function* resourceClaimsOf({ spec, status }: Pod): Generator<string> {
  for (const { resourceClaimName } of spec.resourceClaims ?? []) if (resourceClaimName) yield resourceClaimName;
  for (const { resourceClaimName } of status?.resourceClaimStatuses ?? [])
    if (resourceClaimName) yield resourceClaimName;
}

function has(names: Iterable<string>, wanted: string): boolean {
  for (const name of names) if (name === wanted) return true;
  return false;
}

/** The Secrets by which a volume is attached or mounted, in their namespaces. */
function* volumeSecretsOf({ spec }: PersistentVolume): Generator<readonly [namespace: string, name: string]> {
  for (const source of Object.values(spec ?? {})) {
    if (typeof source !== 'object' || source === null) continue;
    for (const [field, reference] of Object.entries(source as object)) {
      const { name, namespace } = (reference ?? {}) as { name?: string; namespace?: string };
      if (/secretref$/i.test(field) && name) yield [namespace ?? spec?.claimRef?.namespace ?? '', name];
    }
  }
}

/**
 * Whether an object is reached from a node: through a Pod that is bound to it, the claims of that Pod, and the volumes
 * of those claims. Only such objects may a kubelet read.
 */
export class NodeRelations {
  readonly #source: RelationSource;

  constructor(source: RelationSource) {
    this.#source = source;
  }

  secret(node: string, namespace: string, name: string): boolean {
    if (this.#any(node, namespace, (pod) => has(secretsOf(pod), name))) return true;
    for (const volume of this.#volumesOf(node))
      for (const [place, secret] of volumeSecretsOf(volume)) if (place === namespace && secret === name) return true;
    return false;
  }

  configMap(node: string, namespace: string, name: string): boolean {
    return this.#any(node, namespace, (pod) => has(configMapsOf(pod), name));
  }

  claim(node: string, namespace: string, name: string): boolean {
    return this.#any(node, namespace, (pod) => has(claimsOf(pod), name));
  }

  volume(node: string, name: string): boolean {
    for (const volume of this.#volumesOf(node)) if (volume.metadata.name === name) return true;
    return false;
  }

  attachment(node: string, name: string): boolean {
    const found = this.#source.get('storage.k8s.io', 'volumeattachments', undefined, name);
    return (found?.['spec'] as { nodeName?: string } | undefined)?.nodeName === node;
  }

  resourceClaim(node: string, namespace: string, name: string): boolean {
    return this.#any(node, namespace, (pod) => has(resourceClaimsOf(pod), name));
  }

  serviceAccount(node: string, namespace: string, name: string): boolean {
    return this.#any(node, namespace, ({ spec }) => spec.serviceAccountName === name);
  }

  pod(node: string, namespace: string, name: string): boolean {
    const found = this.#source.get('', 'pods', namespace, name) as Pod | undefined;
    return found?.spec.nodeName === node;
  }

  resourceSlice(node: string, name: string): boolean {
    const found = this.#source.get('resource.k8s.io', 'resourceslices', undefined, name);
    return (found?.['spec'] as { nodeName?: string } | undefined)?.nodeName === node;
  }

  #any(node: string, namespace: string, refers: (pod: Pod) => boolean): boolean {
    for (const pod of this.#source.podsOn(node))
      if (pod.metadata.namespace === namespace && !pod.metadata.annotations?.[MIRROR] && refers(pod)) return true;
    return false;
  }

  *#volumesOf(node: string): Generator<PersistentVolume> {
    for (const pod of this.#source.podsOn(node)) {
      const { namespace } = pod.metadata;
      for (const claim of claimsOf(pod)) {
        const bound = this.#source.get('', 'persistentvolumeclaims', namespace, claim);
        const { volumeName } = (bound?.['spec'] ?? {}) as { volumeName?: string };
        const volume = volumeName && this.#source.get('', 'persistentvolumes', undefined, volumeName);
        if (volume) yield volume as unknown as PersistentVolume;
      }
    }
  }
}
