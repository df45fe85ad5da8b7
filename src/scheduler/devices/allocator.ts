import type { SelectableNode } from '../../api/core/node-selector.ts';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../api/types.ts';
import { deviceConstraint, type DeviceConstraint } from './constraints.ts';
import { selectsDevice } from './device-selector.ts';
import { devicesFor, type Device } from './pools.ts';

export type Allocation = NonNullable<NonNullable<ResourceClaim['status']>['allocation']>;
type AllocatedDevices = NonNullable<Allocation['devices']>;
type AllocatedDevice = NonNullable<AllocatedDevices['results']>[number];
type Configuration = NonNullable<AllocatedDevices['config']>[number];
type DeviceSpec = NonNullable<ResourceClaim['spec']['devices']>;
type Request = NonNullable<DeviceSpec['requests']>[number];
type ExactRequest = NonNullable<Request['exactly']>;
type Toleration = NonNullable<ExactRequest['tolerations']>[number];

/** Most devices of one claim (AllocationResultsMaxSize). */
const MAX_RESULTS = 32;
/** Most alternatives of one request (FirstAvailableDeviceRequestMaxSize). */
const MAX_ALTERNATIVES = 8;

/** One way to fulfil a request. */
interface Alternative {
  /** `request`, or `request/alternative`. */
  readonly name: string;
  readonly request: Pick<
    ExactRequest,
    'deviceClassName' | 'selectors' | 'allocationMode' | 'count' | 'adminAccess' | 'tolerations'
  >;
}

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

interface Chosen {
  readonly claim: number;
  readonly alternative: Alternative;
  readonly device: Device;
}

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

const result = ({ alternative, device }: Chosen): AllocatedDevice => ({
  request: alternative.name,
  driver: device.driver,
  pool: device.pool,
  device: device.device.name,
  ...(alternative.request.adminAccess === true ? { adminAccess: true } : {}),
  ...(alternative.request.tolerations?.length ? { tolerations: alternative.request.tolerations } : {}),
});

function allocationOf(
  { spec }: ResourceClaim,
  chosen: readonly Chosen[],
  deviceClass: DeviceSupply['deviceClass'],
): Allocation {
  const config: Configuration[] = [];
  const alternatives = [...new Set(chosen.map(({ alternative }) => alternative))];
  for (const { name, request } of alternatives) {
    for (const { opaque } of deviceClass(request.deviceClassName)?.spec.config ?? []) {
      config.push({ source: 'FromClass', requests: [name], ...(opaque ? { opaque } : {}) });
    }
  }
  for (const { requests, opaque } of spec.devices?.config ?? []) {
    const concerns =
      !requests?.length ||
      alternatives.some(({ name }) => requests.includes(name) || requests.includes(name.split('/')[0]!));
    if (!concerns) continue;
    config.push({ source: 'FromClaim', ...(requests ? { requests } : {}), ...(opaque ? { opaque } : {}) });
  }
  const nodeSelector = selectorOf(chosen.map(({ device }) => device.place));
  return {
    devices: { results: chosen.map(result), ...(config.length > 0 ? { config } : {}) },
    ...(nodeSelector ? { nodeSelector } : {}),
  };
}

/** Where all of the devices can be used; undefined for everywhere. */
function selectorOf(places: readonly Device['place'][]): Allocation['nodeSelector'] {
  const named = places.find((place) => typeof place === 'string');
  if (named !== undefined) {
    return {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [named as string] }] }],
    };
  }
  const selectors = [...new Set(places.filter((place) => typeof place === 'object'))];
  if (selectors.length === 0) return undefined;
  // Each has exactly one term: together they mean the requirements of all.
  const terms = selectors.flatMap(({ nodeSelectorTerms }) => nodeSelectorTerms);
  const matchExpressions = terms.flatMap((term) => term.matchExpressions ?? []);
  const matchFields = terms.flatMap((term) => term.matchFields ?? []);
  return {
    nodeSelectorTerms: [
      {
        ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
        ...(matchFields.length > 0 ? { matchFields } : {}),
      },
    ],
  };
}
