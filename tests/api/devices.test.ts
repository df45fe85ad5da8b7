import { expect, test } from 'vitest';
import { DeviceClassKind } from '../../src/api/resource/device-class.ts';
import { ResourceClaimKind } from '../../src/api/resource/resource-claim.ts';
import { ResourceSliceKind } from '../../src/api/resource/resource-slice.ts';
import { decode } from '../../src/api/schema/decode.ts';
import type { Kind } from '../../src/api/kind.ts';
import type { KubeObject } from '../../src/api/object.ts';

function refusals<T extends KubeObject>(kind: Kind<T>, spec: object): string[] {
  const { object } = decode<T>(kind, { metadata: { name: 'a' }, spec });
  kind.defaults?.(object);
  return (kind.validate?.(object) ?? []).map(({ field, detail }) => `${field}: ${detail}`);
}

const selecting = (expression: string): object => ({ selectors: [{ cel: { expression } }] });

test('selectors are expressions about a device that are true or false', () => {
  const at = 'spec.selectors[0].cel.expression';
  expect(refusals(DeviceClassKind, selecting(`device.attributes['a.b'].model == 'x'`))).toEqual([]);
  expect(refusals(DeviceClassKind, selecting(`device.attributes['a.b'].shared`))).toEqual([]);
  expect(refusals(DeviceClassKind, selecting('device.driver'))).toEqual([
    `${at}: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string`,
  ]);
  expect(refusals(DeviceClassKind, selecting('device.foo'))).toEqual([
    `${at}: Invalid value: "device.foo": compilation failed: ERROR: <input>:1:7: undefined field 'foo'\n | device.foo\n | ......^`,
  ]);
});

test('constraints and configurations name requests of the claim', () => {
  const exactly = { deviceClassName: 'gpu' };
  const alternatives = { name: 'any', firstAvailable: [{ name: 'big', ...exactly }] };
  const devices = {
    requests: [{ name: 'a', exactly }, alternatives],
    constraints: [{ requests: ['a', 'any/big', 'any/small'], matchAttribute: 'x.io/model' }],
  };
  expect(refusals(ResourceClaimKind, { devices })).toEqual([
    'spec.devices.constraints[0].requests[2]: Invalid value: "any/small": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
  ]);
});

test('a slice says where its devices are, once', () => {
  const pool = { name: 'node-1', resourceSliceCount: 1, generation: 0 };
  const slice = { driver: 'x.io', pool, devices: [{ name: 'a', attributes: { size: { int: 1 } } }] };
  expect(refusals(ResourceSliceKind, { ...slice, nodeName: 'node-1' })).toEqual([]);
  expect(refusals(ResourceSliceKind, slice)).toEqual([
    'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
  ]);
  expect(refusals(ResourceSliceKind, { ...slice, nodeName: 'node-1', allNodes: true })).toEqual([
    'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
  ]);
});
