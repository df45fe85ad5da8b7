import type { ResourceClaim } from '../../api/types.ts';
import type { Device } from './pools.ts';

type Constraint = NonNullable<NonNullable<ResourceClaim['spec']['devices']>['constraints']>[number];

/** The value of a device's attribute as text, typed; undefined when it has none. A name without domain is the driver's. */
function attributeOf({ device, driver }: Device, name: string): string | undefined {
  const slash = name.indexOf('/');
  const own = slash >= 0 && name.slice(0, slash) === driver ? device.attributes?.[name.slice(slash + 1)] : undefined;
  const attribute = device.attributes?.[name] ?? own;
  return attribute && JSON.stringify(attribute);
}

/** A claim's wish about the devices of several requests taken together, while they are chosen. */
export interface DeviceConstraint {
  /** Whether the device may be added; counts it in when it may. */
  add(request: string, device: Device): boolean;
  /** Takes back what was counted last. */
  remove(request: string, device: Device): void;
}

/** matchAttribute: all have the same value. distinctAttribute: no two have. */
export function deviceConstraint({ requests, matchAttribute, distinctAttribute }: Constraint): DeviceConstraint {
  const name = matchAttribute ?? distinctAttribute ?? '';
  const chosen: string[] = [];
  /** A request with alternatives is meant with all of them. */
  const concerns = (request: string): boolean =>
    !requests?.length || requests.includes(request) || requests.includes(request.split('/')[0]!);
  return {
    add(request, device) {
      if (!concerns(request)) return true;
      const value = attributeOf(device, name);
      if (value === undefined) return false;
      if (matchAttribute ? chosen.length > 0 && chosen[0] !== value : chosen.includes(value)) return false;
      chosen.push(value);
      return true;
    },
    remove(request) {
      if (concerns(request)) chosen.pop();
    },
  };
}
