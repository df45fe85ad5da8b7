import * as baseline from './baseline.ts';
import * as restricted from './restricted.ts';
import type { Check, PodMetadata, PodSpec, Violation } from './violations.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

export const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];

/** A rule, and since which version 1.x it is one. */
interface Rule {
  readonly check: Check;
  readonly since: number;
  /** The baseline rule that it stands for. */
  readonly replaces?: Check;
}

/** In the order in which violations are told, which is that of the checks' ids. */
const BASELINE: readonly Rule[] = [
  { check: baseline.appArmorProfile, since: 0 },
  { check: baseline.capabilities, since: 0 },
  { check: baseline.hostNamespaces, since: 0 },
  { check: baseline.hostPathVolumes, since: 0 },
  { check: baseline.hostPorts, since: 0 },
  { check: baseline.hostProbes, since: 34 },
  { check: baseline.privileged, since: 0 },
  { check: baseline.procMount, since: 0 },
  { check: baseline.seLinuxOptions, since: 0 },
  { check: baseline.seccompProfile, since: 0 },
  { check: baseline.sysctls, since: 0 },
  { check: baseline.windowsHostProcess, since: 0 },
];

const RESTRICTED: readonly Rule[] = [
  { check: restricted.allowPrivilegeEscalation, since: 8 },
  { check: restricted.capabilitiesRestricted, since: 22, replaces: baseline.capabilities },
  { check: baseline.procMountRestricted, since: 35, replaces: baseline.procMount },
  { check: restricted.restrictedVolumes, since: 0, replaces: baseline.hostPathVolumes },
  { check: restricted.runAsNonRoot, since: 0 },
  { check: restricted.runAsUser, since: 23 },
  { check: restricted.seccompRestricted, since: 19, replaces: baseline.seccompProfile },
];

/** The rules of a level as of a version 1.x; Infinity is the latest. */
function rulesOf(level: Level, minor: number): readonly Rule[] {
  if (level === 'privileged') return [];
  const basic = BASELINE.filter(({ since }) => since <= minor);
  if (level === 'baseline') return basic;
  const strict = RESTRICTED.filter(({ since }) => since <= minor);
  return [...basic.filter(({ check }) => !strict.some(({ replaces }) => replaces === check)), ...strict];
}

/** How a Pod violates a standard as of a version (`latest`, `v1.30`); nothing when it keeps it. */
export function violations(
  { level, version }: { readonly level: Level; readonly version: string },
  spec: PodSpec,
  metadata: PodMetadata,
): Violation[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? Infinity : Number(version.slice('v1.'.length));
  return rulesOf(level, minor)
    .map(({ check }) => check(spec, metadata, minor))
    .filter((violation) => violation !== undefined);
}

/** `privileged (container "a" must not …), hostPort (…)` */
export const violationText = (found: readonly Violation[]): string =>
  found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
