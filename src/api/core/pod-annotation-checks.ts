/** Annotations of Pods that the control plane reads (ValidatePodSpecificAnnotations). */
import { forbidden, invalid, quote } from '../field-error.ts';
import type { PodSpec } from '../types.ts';
import { checkDescendingPath, type Errors } from './common-checks.ts';
import { containersOf } from './pod-containers.ts';

type Annotations = Readonly<Record<string, string>>;

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
export const MIRROR = 'kubernetes.io/config.mirror';
export const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
export const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

const MAX_INT32 = 2 ** 31 - 1;

const isCost = (text: string): boolean => {
  const number = /^(0|-?[1-9]\d*|-0+\d*)$/.test(text) ? Number(text) : NaN;
  return number >= -MAX_INT32 - 1 && number <= MAX_INT32;
};

function checkSeccomp(profile: string, path: string, errors: Errors): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith('localhost/')) checkDescendingPath(profile.slice('localhost/'.length), path, errors);
  else errors.push(invalid(path, profile, 'must be a valid seccomp profile'));
}

const goodAppArmor = (profile: string): boolean =>
  profile === '' || profile === 'runtime/default' || profile === 'unconfined' || profile.startsWith('localhost/');

function checkAppArmor(annotations: Annotations, spec: PodSpec, path: string, errors: Errors): void {
  for (const key of Object.keys(annotations).sort()) {
    if (!key.startsWith(APP_ARMOR)) continue;
    const name = key.slice(APP_ARMOR.length);
    const profile = annotations[key]!;
    if (!containersOf(spec).some(({ container }) => container.name === name))
      errors.push(invalid(`${path}[${key}]`, name, 'container not found'));
    if (!goodAppArmor(profile))
      errors.push(invalid(`${path}[${key}]`, profile, `invalid AppArmor profile name: ${quote(profile)}`));
  }
}

/** `path` is that of the annotations. An `old` cost that was wrong already may stay so. */
export function checkPodAnnotations(
  annotations: Annotations,
  spec: PodSpec,
  path: string,
  errors: Errors,
  old?: Annotations,
): void {
  const mirrored = annotations[MIRROR];
  if (mirrored !== undefined && !spec.nodeName)
    errors.push(invalid(`${path}[${MIRROR}]`, mirrored, 'must set spec.nodeName if mirror pod annotation is set'));
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !isCost(cost) && isCost(old?.[DELETION_COST] ?? '0'))
    errors.push(invalid(`${path}[${DELETION_COST}]`, cost, 'must be a 32bit integer'));
  const seccomp = annotations[SECCOMP_POD];
  if (seccomp !== undefined) checkSeccomp(seccomp, `${path}.${SECCOMP_POD}`, errors);
  for (const key of Object.keys(annotations).sort())
    if (key.startsWith(SECCOMP_CONTAINER)) checkSeccomp(annotations[key]!, `${path}.${key}`, errors);
  checkAppArmor(annotations, spec, path, errors);
}

/** Annotations that a Pod keeps as it was created with them. */
export function checkAnnotationUpdates(next: Annotations = {}, old: Annotations = {}, errors: Errors): void {
  const path = 'metadata.annotations';
  const kept = (key: string): string | undefined =>
    key.startsWith(APP_ARMOR) ? 'AppArmor annotations' : key === MIRROR ? 'mirror pod annotation' : undefined;
  for (const key of Object.keys(old).sort()) {
    const what = kept(key);
    if (what && next[key] !== old[key]) errors.push(forbidden(`${path}[${key}]`, `may not remove or update ${what}`));
  }
  for (const key of Object.keys(next).sort()) {
    const what = kept(key);
    if (what && old[key] === undefined) errors.push(forbidden(`${path}[${key}]`, `may not add ${what}`));
  }
}

interface Profile {
  readonly type: string;
  readonly localhostProfile?: string;
}

function checkMatch(annotation: string, profile: Profile, what: string, path: string, errors: Errors): void {
  const defaults = what === 'seccomp' ? ['runtime/default', 'docker/default'] : ['runtime/default'];
  const sameType =
    profile.type === 'Unconfined'
      ? annotation === 'unconfined'
      : profile.type === 'RuntimeDefault'
        ? defaults.includes(annotation)
        : profile.type !== 'Localhost' || annotation.startsWith('localhost/');
  if (!sameType) errors.push(forbidden(`${path}.type`, `${what} type in annotation and field must match`));
  else if (profile.type === 'Localhost' && annotation.slice('localhost/'.length) !== profile.localhostProfile)
    errors.push(forbidden(`${path}.localhostProfile`, `${what} profile in annotation and field must match`));
}

/** Profiles that are named twice, in an annotation of old and in their field, must be the same. */
export function checkProfilesMatch(annotations: Annotations, spec: PodSpec, path: string, errors: Errors): void {
  const own = spec.securityContext;
  const forPod = annotations[SECCOMP_POD];
  if (own?.seccompProfile && forPod !== undefined)
    checkMatch(forPod, own.seccompProfile, 'seccomp', `${path}.securityContext.seccompProfile`, errors);
  const all = containersOf(spec, path);
  for (const { container, path: at } of all) {
    const profile = container.securityContext?.seccompProfile;
    const annotation = annotations[SECCOMP_CONTAINER + container.name];
    if (profile && annotation !== undefined)
      checkMatch(annotation, profile, 'seccomp', `${at}.securityContext.seccompProfile`, errors);
  }
  if (spec.os?.name === 'windows') return;
  for (const { container, path: at } of all) {
    const profile = container.securityContext?.appArmorProfile ?? own?.appArmorProfile;
    const annotation = annotations[APP_ARMOR + container.name];
    if (profile && annotation !== undefined)
      checkMatch(annotation, profile, 'apparmor', `${at}.securityContext.appArmorProfile`, errors);
  }
}
