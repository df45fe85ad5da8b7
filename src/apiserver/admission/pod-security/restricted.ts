/** The rules that the restricted standard adds (k8s.io/pod-security-admission/policy), as far as Kubernetes 1.36. */
import { addedBeyond, badSeccomp } from './baseline.ts';
import {
  byContainers,
  containersOf,
  contextOf,
  hasOwnUsers,
  isWindows,
  named,
  plural,
  quoteAll,
  setters,
  sortedSet,
  type Check,
} from './violations.ts';

export const allowPrivilegeEscalation: Check = (spec, _, minor) =>
  isWindows(spec, minor)
    ? undefined
    : byContainers(
        spec,
        'allowPrivilegeEscalation != false',
        (container) => contextOf(container).allowPrivilegeEscalation !== false,
        () => 'must set securityContext.allowPrivilegeEscalation=false',
      );

const ADDABLE: ReadonlySet<string> = new Set(['NET_BIND_SERVICE']);

export const capabilitiesRestricted: Check = (spec, _, minor) => {
  if (isWindows(spec, minor)) return undefined;
  const containers = containersOf(spec);
  const keeping = containers.filter((one) => !contextOf(one).capabilities?.drop?.includes('ALL'));
  const adding = containers.filter((one) => addedBeyond(one, ADDABLE).length > 0);
  const details = [
    ...(keeping.length > 0 ? [`${named(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [
          `${named(adding)} must not include ${quoteAll(sortedSet(adding.flatMap((one) => addedBeyond(one, ADDABLE))))} in securityContext.capabilities.add`,
        ]
      : []),
  ];
  return details.length > 0 ? { reason: 'unrestricted capabilities', detail: details.join('; ') } : undefined;
};

const VOLUMES: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

export const restrictedVolumes: Check = ({ volumes = [] }) => {
  const typeOf = (volume: object): string => Object.keys(volume).find((field) => field !== 'name') ?? 'unknown';
  const bad = volumes.filter((volume) => !VOLUMES.has(typeOf(volume)));
  if (bad.length === 0) return undefined;
  const types = sortedSet(bad.map(typeOf));
  const verb = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', bad)} ${quoteAll(bad.map(({ name }) => name))} ${verb} ${plural('restricted volume type', types)} ${quoteAll(types)}`,
  };
};

export const runAsNonRoot: Check = (spec, _, minor) => {
  if (hasOwnUsers(spec, minor)) return undefined;
  const reason = 'runAsNonRoot != true';
  const who = setters(spec, (context) => context.runAsNonRoot === false);
  if (who) return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  if (contextOf(spec).runAsNonRoot) return undefined;
  const silent = containersOf(spec).filter((container) => contextOf(container).runAsNonRoot === undefined);
  return silent.length > 0
    ? { reason, detail: `pod or ${named(silent)} must set securityContext.runAsNonRoot=true` }
    : undefined;
};

export const runAsUser: Check = (spec, _, minor) => {
  if (hasOwnUsers(spec, minor)) return undefined;
  const who = setters(spec, (context) => context.runAsUser === 0);
  return who ? { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` } : undefined;
};

export const seccompRestricted: Check = (spec, _, minor) => {
  if (isWindows(spec, minor)) return undefined;
  const reason = 'seccompProfile';
  const bad = badSeccomp(spec);
  if (bad) return { reason, detail: bad };
  if (contextOf(spec).seccompProfile) return undefined;
  const silent = containersOf(spec).filter((container) => contextOf(container).seccompProfile === undefined);
  if (silent.length === 0) return undefined;
  return {
    reason,
    detail: `pod or ${named(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
};
