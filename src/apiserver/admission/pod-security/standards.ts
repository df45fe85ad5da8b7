import * as baseline from './baseline.ts';
import * as restricted from './restricted.ts';
import type { Check, PodMetadata, PodSpec, Violation } from './violations.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

export const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];

/** In the order in which violations are told, which is that of the checks' ids. */
const BASELINE: readonly Check[] = [
  baseline.appArmorProfile,
  baseline.capabilities,
  baseline.hostNamespaces,
  baseline.hostPathVolumes,
  baseline.hostPorts,
  baseline.hostProbes,
  baseline.privileged,
  baseline.procMount,
  baseline.seLinuxOptions,
  baseline.seccompProfile,
  baseline.sysctls,
  baseline.windowsHostProcess,
];

/** Baseline rules that a stricter one stands for. */
const REPLACED: ReadonlySet<Check> = new Set([
  baseline.capabilities,
  baseline.hostPathVolumes,
  baseline.procMount,
  baseline.seccompProfile,
]);

const RESTRICTED: readonly Check[] = [
  ...BASELINE.filter((check) => !REPLACED.has(check)),
  restricted.allowPrivilegeEscalation,
  restricted.capabilitiesRestricted,
  baseline.procMountRestricted,
  restricted.restrictedVolumes,
  restricted.runAsNonRoot,
  restricted.runAsUser,
  restricted.seccompRestricted,
];

const CHECKS: Readonly<Record<Level, readonly Check[]>> = {
  privileged: [],
  baseline: BASELINE,
  restricted: RESTRICTED,
};

/** How a Pod violates a standard; nothing when it keeps it. */
export const violations = (level: Level, spec: PodSpec, metadata: PodMetadata): Violation[] =>
  CHECKS[level].map((check) => check(spec, metadata)).filter((violation) => violation !== undefined);

/** `privileged (container "a" must not …), hostPort (…)` */
export const violationText = (found: readonly Violation[]): string =>
  found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
