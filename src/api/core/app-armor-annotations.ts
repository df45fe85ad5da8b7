/** AppArmor profiles from before they had a field (applyAppArmorVersionSkew). */
import { equal } from '../draft.ts';
import type { Container, Pod, PodSpec } from '../types.ts';
import { APP_ARMOR } from './pod-annotation-checks.ts';
import { containersOf } from './pod-containers.ts';
import { APP_ARMOR_OLD } from './pod-warnings.ts';

type Annotations = Readonly<Record<string, string>>;
type Profile = NonNullable<NonNullable<Container['securityContext']>['appArmorProfile']>;

/** The field that says what an annotation does; nothing for one that makes no sense. */
function profileOf(annotation: string): Profile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const local = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : '';
  return local !== '' && local.trim() === local ? { type: 'Localhost', localhostProfile: local } : undefined;
}

/** What containers' annotations say is written into the fields of those that say nothing there. */
export function takeAppArmorOver(draft: Pod): void {
  const annotations = draft.metadata.annotations ?? {};
  if (draft.spec.os?.name === 'windows' || !Object.keys(annotations).some((key) => key.startsWith(APP_ARMOR))) return;
  const forPod = draft.spec.securityContext?.appArmorProfile;
  const completed = (container: Container): Container => {
    const annotation = annotations[APP_ARMOR + container.name];
    const profile = annotation === undefined ? undefined : profileOf(annotation);
    if (!profile || container.securityContext?.appArmorProfile || equal(profile, forPod)) return container;
    return { ...container, securityContext: { ...container.securityContext, appArmorProfile: profile } };
  };
  draft.spec = { ...draft.spec, containers: draft.spec.containers.map(completed) };
  if (draft.spec.initContainers) draft.spec.initContainers = draft.spec.initContainers.map(completed);
}

/** Said of each annotation that did what the field is for. */
export function appArmorWarnings(annotations: Annotations, spec: PodSpec): string[] {
  if (spec.os?.name === 'windows') return [];
  return containersOf(spec)
    .map(({ container }) => APP_ARMOR + container.name)
    .filter((key) => {
      const annotation = annotations[key];
      return annotation !== undefined && !equal(profileOf(annotation), spec.securityContext?.appArmorProfile);
    })
    .map((key) => `metadata.annotations[${key}]: ${APP_ARMOR_OLD}`);
}
