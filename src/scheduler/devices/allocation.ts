import type { DeviceClass, ResourceClaim } from '../../api/types.ts';
import type { Device } from './pools.ts';

export type Allocation = NonNullable<NonNullable<ResourceClaim['status']>['allocation']>;
type AllocatedDevices = NonNullable<Allocation['devices']>;
type AllocatedDevice = NonNullable<AllocatedDevices['results']>[number];
type Configuration = NonNullable<AllocatedDevices['config']>[number];
type DeviceSpec = NonNullable<ResourceClaim['spec']['devices']>;
type Request = NonNullable<DeviceSpec['requests']>[number];
type ExactRequest = NonNullable<Request['exactly']>;

/** One way to fulfil a request. */
export interface Alternative {
  /** `request`, or `request/alternative`. */
  readonly name: string;
  readonly request: Pick<
    ExactRequest,
    'deviceClassName' | 'selectors' | 'allocationMode' | 'count' | 'adminAccess' | 'tolerations'
  >;
}

/** A device that a claim is to get. */
export interface Chosen {
  /** Which of the claims that are allocated together, by number. */
  readonly claim: number;
  readonly alternative: Alternative;
  readonly device: Device;
}

const result = ({ alternative, device }: Chosen): AllocatedDevice => ({
  request: alternative.name,
  driver: device.driver,
  pool: device.pool,
  device: device.device.name,
  ...(alternative.request.adminAccess === true ? { adminAccess: true } : {}),
  ...(alternative.request.tolerations?.length ? { tolerations: alternative.request.tolerations } : {}),
});

/** What is written into a claim that gets these devices. */
export function allocationOf(
  { spec }: ResourceClaim,
  chosen: readonly Chosen[],
  deviceClass: (name: string) => DeviceClass | undefined,
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
