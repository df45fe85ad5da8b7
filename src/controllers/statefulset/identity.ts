import { StatefulSetKind } from '../../api/apps/stateful-set.ts';
import type { Manifest } from '../../api/object.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet } from '../../api/types.ts';
import { podFromTemplate } from '../pod-control.ts';
import { REVISION_HASH } from '../revisions.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

/** The number of a Pod in its StatefulSet, undefined when its name is not one of the set's. */
export function ordinalOf(
  set: StatefulSet,
  { metadata: { name } }: { metadata: { name: string } },
): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const text = name.slice(prefix.length);
  return name.startsWith(prefix) && /^\d+$/.test(text) ? Number(text) : undefined;
}

export const startOrdinal = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0;
export const replicasOf = ({ spec }: StatefulSet): number => spec.replicas ?? 1;

/** Whether the set wants a Pod of this number. */
export const wantsOrdinal = (set: StatefulSet, ordinal: number): boolean =>
  ordinal >= startOrdinal(set) && ordinal < startOrdinal(set) + replicasOf(set);

type Template = NonNullable<StatefulSet['spec']['volumeClaimTemplates']>[number];

const claimName = (set: StatefulSet, template: Template, ordinal: number): string =>
  `${template.metadata?.name ?? ''}-${set.metadata.name}-${ordinal}`;

/** The claims of one Pod, named after it. */
export const claimsOf = (set: StatefulSet, ordinal: number): Manifest<PersistentVolumeClaim>[] =>
  (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    ...(template as PersistentVolumeClaim),
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name: claimName(set, template, ordinal),
      namespace: set.metadata.namespace!,
      labels: { ...template.metadata?.labels, ...set.spec.selector.matchLabels },
    },
  }));

/** A Pod with the volumes that are its claims; volumes of the template with the same names give way. */
function withClaims(set: StatefulSet, ordinal: number, spec: Pod['spec']): Pod['spec'] {
  const templates = set.spec.volumeClaimTemplates ?? [];
  if (templates.length === 0) return spec;
  const names = new Set(templates.map(({ metadata }) => metadata?.name));
  return {
    ...spec,
    volumes: [
      ...templates.map((template) => ({
        name: template.metadata?.name ?? '',
        persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
      })),
      ...(spec.volumes ?? []).filter(({ name }) => !names.has(name)),
    ],
  };
}

const identityLabels = (name: string, ordinal: number): Record<string, string> => ({
  [POD_NAME]: name,
  [POD_INDEX]: String(ordinal),
});

/** The Pod of a number, made from the template of a revision. */
export function newPod(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Manifest<Pod> {
  const pod = podFromTemplate(template, set, StatefulSetKind);
  const name = `${set.metadata.name}-${ordinal}`;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name,
      labels: { ...pod.metadata.labels, ...identityLabels(name, ordinal), [REVISION_HASH]: revision },
    },
    spec: {
      ...withClaims(set, ordinal, pod.spec),
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
    },
  };
}

/** The Pod with the labels and volumes that its number asks for; the same one when it has them. */
export function withIdentity(set: StatefulSet, pod: Pod, ordinal: number): Pod {
  const wanted = identityLabels(pod.metadata.name, ordinal);
  const labels = pod.metadata.labels ?? {};
  const named = Object.entries(wanted).every(([key, value]) => labels[key] === value);
  const mounted = (set.spec.volumeClaimTemplates ?? []).every((template) =>
    pod.spec.volumes?.some(
      (volume) =>
        volume.name === template.metadata?.name &&
        volume.persistentVolumeClaim?.claimName === claimName(set, template, ordinal),
    ),
  );
  if (named && mounted) return pod;
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...labels, ...wanted } },
    spec: mounted ? pod.spec : withClaims(set, ordinal, pod.spec),
  };
}
