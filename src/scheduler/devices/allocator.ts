import type { SelectableNode } from '../../api/core/node-selector.ts';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../api/types.ts';
import { allocationOf, type Allocation, type Alternative, type Chosen } from './allocation.ts';
import { deviceConstraint, type DeviceConstraint } from './constraints.ts';
import { selectsDevice } from './device-selector.ts';
import { devicesFor, type Device } from './pools.ts';

type Toleration = NonNullable<Alternative['request']['tolerations']>[number];

/** Most devices of one claim (AllocationResultsMaxSize). */
const MAX_RESULTS = 32;
/** Most alternatives of one request (FirstAvailableDeviceRequestMaxSize). */
const MAX_ALTERNATIVES = 8;

/** The claim's requests, each with the ways to fulfil it, the preferred one first. */
const alternativesOf = ({ spec }: ResourceClaim): Alternative[][] =>
  (spec.devices?.requests ?? []).map(({ name, exactly, firstAvailable }) =>
    exactly
      ? [{ name, request: exactly }]
      : (firstAvailable ?? []).map((request) => ({ name: `${name}/${request.name}`, request })),
  );

/** Names and classes of everything that a claim requests. */
export const requestedClasses = (claim: ResourceClaim): { readonly name: string; readonly className: string }[] =>
  alternativesOf(claim)
    .flat()
    .map(({ name, request }) => ({ name, className: request.deviceClassName }));

const tolerates = (toleration: Toleration, taint: { key: string; value?: string; effect: string }): boolean =>
  (!toleration.effect || toleration.effect === taint.effect) &&
  (!toleration.key || toleration.key === taint.key) &&
  (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? ''));

const isUsable = ({ device }: Device, tolerations: readonly Toleration[] | undefined): boolean =>
  (device.taints ?? []).every(
    (taint) =>
      (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') ||
      tolerations?.some((toleration) => tolerates(toleration, taint)),
  );

/** What is known of the cluster when devices are chosen. */
export interface DeviceSupply {
  readonly slices: readonly ResourceSlice[];
  readonly deviceClass: (name: string) => DeviceClass | undefined;
  /** Whether a device is allocated already, by its id. */
  readonly isTaken: (id: string) => boolean;
}

/** What claims would get on a node. */
export interface ClaimAllocations {
  /** One for each claim, in their order. */
  readonly allocations: readonly Allocation[];
  /** The more of the preferred alternatives were to be had, the higher. */
  readonly preference: number;
}

/**
 * Chooses devices for claims that are not allocated yet, all of them or none: the first combination in the order of
 * requests, alternatives and devices that fulfils every request and constraint (structured allocation). Undefined
 * when there is none on the node. Throws SelectorError.
 */
export function allocate(
  claims: readonly ResourceClaim[],
  node: SelectableNode,
  { slices, deviceClass, isTaken }: DeviceSupply,
): ClaimAllocations | undefined {
  const devices = devicesFor(slices, node);
  const requests = claims.flatMap((claim, i) =>
    alternativesOf(claim).map((alternatives) => ({ claim: i, alternatives })),
  );
  const constraints: DeviceConstraint[][] = claims.map(({ spec }) =>
    (spec.devices?.constraints ?? []).map(deviceConstraint),
  );
  const chosen: Chosen[] = [];
  const used = new Set<string>();
  let preference = 0;
  const suitable = new Map<string, readonly Device[]>();

  /** The devices that an alternative's class and selectors allow, taken or not. */
  const suiting = (claim: number, { name, request }: Alternative): readonly Device[] => {
    const key = `${claim}/${name}`;
    let found = suitable.get(key);
    if (!found) {
      const { metadata } = claims[claim]!;
      const className = request.deviceClassName;
      const selectors = [
        ...(deviceClass(className)?.spec.selectors ?? []).map(
          ({ cel }, i) => [cel?.expression ?? '', `class ${className}: selector #${i}`] as const,
        ),
        ...(request.selectors ?? []).map(
          ({ cel }, i) =>
            [cel?.expression ?? '', `claim ${metadata.namespace}/${metadata.name}: selector #${i}`] as const,
        ),
      ];
      found = devices.filter(
        (device) =>
          isUsable(device, request.tolerations) &&
          selectors.every(([text, where]) => selectsDevice(text, device, where)),
      );
      suitable.set(key, found);
    }
    return found;
  };

  const take = (claim: number, alternative: Alternative, device: Device): boolean => {
    const ofClaim = constraints[claim]!;
    const refusing = ofClaim.findIndex((constraint) => !constraint.add(alternative.name, device));
    if (refusing >= 0) {
      for (const constraint of ofClaim.slice(0, refusing).reverse()) constraint.remove(alternative.name, device);
      return false;
    }
    chosen.push({ claim, alternative, device });
    if (!alternative.request.adminAccess) used.add(device.id);
    return true;
  };

  const giveBack = (): void => {
    const { claim, alternative, device } = chosen.pop()!;
    for (const constraint of constraints[claim]!) constraint.remove(alternative.name, device);
    if (!alternative.request.adminAccess) used.delete(device.id);
  };

  const isFree = ({ id }: Device, { request }: Alternative): boolean =>
    request.adminAccess === true || (!used.has(id) && !isTaken(id));

  /** Goes on from the `next` request. */
  const choose = (next: number): boolean => {
    const current = requests[next];
    if (!current) return true;
    const { claim, alternatives } = current;
    return alternatives.some((alternative, rank) => {
      const gain = alternatives.length > 1 || alternative.name.includes('/') ? MAX_ALTERNATIVES - rank : 0;
      preference += gain;
      const all = suiting(claim, alternative);
      const done =
        alternative.request.allocationMode === 'All'
          ? takeAll(claim, alternative, all, next)
          : takeSome(claim, alternative, all, alternative.request.count ?? 1, 0, next);
      if (!done) preference -= gain;
      return done;
    });
  };

  const takeAll = (claim: number, alternative: Alternative, all: readonly Device[], next: number): boolean => {
    const before = chosen.length;
    const complete =
      all.length > 0 &&
      all.every((device) => !device.incomplete && isFree(device, alternative) && take(claim, alternative, device));
    if (complete && choose(next + 1)) return true;
    while (chosen.length > before) giveBack();
    return false;
  };

  const takeSome = (
    claim: number,
    alternative: Alternative,
    all: readonly Device[],
    missing: number,
    from: number,
    next: number,
  ): boolean => {
    if (missing === 0) return choose(next + 1);
    if (chosen.filter((each) => each.claim === claim).length + missing > MAX_RESULTS) return false;
    for (let i = from; i + missing <= all.length; i++) {
      const device = all[i]!;
      if (device.incomplete || !isFree(device, alternative) || !take(claim, alternative, device)) continue;
      if (takeSome(claim, alternative, all, missing - 1, i + 1, next)) return true;
      giveBack();
    }
    return false;
  };

  if (!choose(0)) return undefined;
  const allocations = claims.map((claim, i) =>
    allocationOf(
      claim,
      chosen.filter((each) => each.claim === i),
      deviceClass,
    ),
  );
  return { allocations, preference };
}
