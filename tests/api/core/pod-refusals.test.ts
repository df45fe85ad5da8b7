import { describe, expect, it } from 'vitest';
import { PodKind, type Pod } from '../../../src/api/index.ts';
import { decode } from '../../../src/api/schema/decode.ts';

const pod = (spec: object, metadata: object = {}): Pod => {
  const { object } = decode<Pod>(PodKind, {
    metadata: { name: 'web', namespace: 'lab', ...metadata },
    spec: { serviceAccountName: 'default', containers: [{ name: 'app', image: 'nginx:1.27' }], ...spec },
  });
  PodKind.defaults?.(object);
  PodKind.prepareForCreate?.(object);
  return object;
};

const refusals = (spec: object, metadata?: object): string[] =>
  (PodKind.validate?.(pod(spec, metadata)) ?? []).map(({ field, detail }) => `${field}: ${detail}`);

const app = (fields: object): object => ({ containers: [{ name: 'app', image: 'nginx:1.27', ...fields }] });

describe('volumes of a Pod', () => {
  it('are refused by the order of their sources, with what Kubernetes calls them', () => {
    const both = { name: 'a', cephfs: { monitors: ['m'] }, downwardAPI: {}, iscsi: { targetPortal: 'p' } };
    expect(refusals({ volumes: [both] })).toEqual([
      'spec.volumes[0].iscsi.iqn: Required value',
      'spec.volumes[0].cephFS: Forbidden: may not specify more than 1 volume type',
      'spec.volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type',
    ]);
  });

  it('show no two files under one path', () => {
    const items = [{ key: 'k', path: 'p' }];
    const sources = [
      { configMap: { name: 'c', items } },
      { secret: { name: 's', items }, serviceAccountToken: { path: '' } },
    ];
    expect(refusals({ volumes: [{ name: 'a', projected: { sources } }] })).toEqual([
      'spec.volumes[0].projected: Invalid value: "s": conflicting duplicate paths',
      'spec.volumes[0].projected.path: Required value',
      'spec.volumes[0].projected.sources[1]: Forbidden: may not specify more than 1 volume type per source',
    ]);
  });

  it('cannot be the claim that another of them makes', () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const volumes = [
      { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } },
      { name: 'b', persistentVolumeClaim: { claimName: 'web-scratch' } },
    ];
    expect(refusals({ volumes })).toEqual([
      'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-scratch": must not reference a PVC that gets created for an ephemeral volume',
    ]);
  });

  it('are mounted as directories or as devices, not both', () => {
    const volumes = [{ name: 'a', emptyDir: {} }];
    const fields = {
      volumeMounts: [{ name: 'a', mountPath: '/a', recursiveReadOnly: 'Enabled', mountPropagation: 'HostToContainer' }],
      volumeDevices: [{ name: 'a', devicePath: '/a' }],
    };
    expect(refusals({ ...app(fields), volumes })).toEqual([
      'spec.containers[0].volumeMounts[0].name: Invalid value: "a": must not already exist in volumeDevices',
      'spec.containers[0].volumeMounts[0].mountPath: Invalid value: "/a": must not already exist as a path in volumeDevices',
      'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
      'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified',
      'spec.containers[0].volumeDevices[0].name: Invalid value: "a": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      'spec.containers[0].volumeDevices[0].name: Invalid value: "a": must not already exist in volumeMounts',
      'spec.containers[0].volumeDevices[0].devicePath: Invalid value: "/a": must not already exist as a path in volumeMounts',
    ]);
  });
});

describe('what a Pod says of itself', () => {
  it('is told apart: fields that are unknown, and fields that may not be asked for', () => {
    const env = ['status.phase', 'spec.foo', "spec.nodeName['a']", 'spec.host'].map((fieldPath, i) => ({
      name: `E${i}`,
      valueFrom: { fieldRef: { fieldPath } },
    }));
    const at = (i: number): string => `spec.containers[0].env[${i}].valueFrom.fieldRef.fieldPath`;
    const found = refusals(app({ env }));
    expect(found).toHaveLength(3);
    expect(found[0]).toContain(`${at(0)}: Unsupported value: "status.phase": supported values: "metadata.name"`);
    expect(found[1]).toBe(
      `${at(1)}: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo`,
    );
    expect(found[2]).toBe(
      `${at(2)}: Invalid value: "spec.nodeName['a']": error converting fieldPath: field label does not support subscript: spec.nodeName['a']`,
    );
  });

  it('counts resources in units that fit', () => {
    const env = [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '3' } } }];
    expect(refusals(app({ env }))).toEqual([
      'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "requests.memory": ' +
        "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource",
    ]);
  });
});

describe('a Pod as a whole', () => {
  it('asks for no less than its containers do', () => {
    const containers = [{ name: 'app', image: 'i', resources: { requests: { cpu: '2' }, limits: { cpu: '3' } } }];
    expect(refusals({ containers, resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } })).toEqual([
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
      'spec.resources.containers[0][cpu].limits: Invalid value: "3": must be less than or equal to pod limits of 2',
    ]);
  });

  it('gets requests from its containers, or else from its limits', () => {
    const { spec } = pod({
      ...app({ resources: { requests: { cpu: '100m' } } }),
      resources: { limits: { cpu: '1', memory: '1Gi' } },
    });
    expect(spec.resources?.requests).toEqual({ cpu: '100m', memory: '1Gi' });
  });

  it('has ports of its own or of its node', () => {
    const containers = [{ name: 'app', image: 'i', ports: [{ containerPort: 80, hostPort: 81 }] }];
    expect(refusals({ hostNetwork: true, containers })).toEqual([
      'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
    ]);
  });

  it('has nothing of another operating system', () => {
    const linux = { os: { name: 'linux' }, ...app({ securityContext: { windowsOptions: { hostProcess: false } } }) };
    expect(refusals(linux)).toEqual([
      'spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
    ]);
    const windows = { os: { name: 'windows' }, hostPID: true, securityContext: { runAsUser: 1, seLinuxOptions: {} } };
    expect(refusals(windows)).toEqual([
      'spec.securityContext.seLinuxOptions: Forbidden: cannot be set for a windows pod',
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
    ]);
  });

  it('looks names up where it says', () => {
    const dnsConfig = { nameservers: ['1.2.3.04', 'x'], searches: ['_a.b', '.', 'A'], options: [{ value: '1' }] };
    expect(refusals({ dnsPolicy: 'None', dnsConfig }).map((text) => text.replace(/ \(.*/, ''))).toEqual([
      'spec.dnsConfig.nameservers[0]: Invalid value: "1.2.3.04": must not have leading 0s',
      'spec.dnsConfig.nameservers[1]: Invalid value: "x": must be a valid IP address,',
      `spec.dnsConfig.searches[2]: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character`,
      'spec.dnsConfig.options[0]: Required value: must not be empty',
    ]);
  });

  it('names no profile in an annotation and another in the field', () => {
    const annotations = {
      'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
      'container.apparmor.security.beta.kubernetes.io/app': 'localhost/other',
      'container.apparmor.security.beta.kubernetes.io/gone': 'x',
    };
    const securityContext = {
      seccompProfile: { type: 'RuntimeDefault' },
      appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' },
    };
    expect(refusals(app({ securityContext: { appArmorProfile: securityContext.appArmorProfile } }), {})).toEqual([]);
    expect(
      refusals(
        { ...app({ securityContext: { appArmorProfile: securityContext.appArmorProfile } }), securityContext },
        { annotations },
      ),
    ).toEqual([
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/gone]: Invalid value: "gone": container not found',
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/gone]: Invalid value: "x": invalid AppArmor profile name: "x"',
      'spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match',
      'spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match',
    ]);
  });
});

describe('warnings of a Pod', () => {
  const warnings = (spec: object, metadata?: object): string[] =>
    PodKind.warnings?.(pod(spec, metadata), undefined) ?? [];

  it('tell of ports that meet, exactly or nearly', () => {
    const ports = [
      { containerPort: 80, hostPort: 80 },
      { containerPort: 80 },
      { containerPort: 80, hostPort: 80, hostIP: '1.2.3.4' },
      { containerPort: 81, hostIP: '1.2.3.4' },
    ];
    const at = (i: number): string => `spec.containers[0].ports[${i}]`;
    expect(warnings(app({ ports }))).toEqual([
      `${at(1)}: overlapping port definition with ${at(0)}`,
      `${at(2)}: dangerously ambiguous port definition with ${at(0)}`,
      `${at(2)}: overlapping port definition with ${at(1)}`,
      `${at(3)}: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:81 Protocol:TCP HostIP:1.2.3.4}`,
    ]);
  });

  it('come with what is created only', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '$(A)' },
      { name: 'A', value: '$(A)2' },
    ];
    const web = pod(app({ env }));
    expect(PodKind.warnings?.(web, undefined)).toEqual([
      'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    ]);
    expect(PodKind.warnings?.(web, web)).toEqual([]);
  });

  it('speak of the annotation that became a field', () => {
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/app': 'runtime/default' };
    const { spec } = pod({}, { annotations });
    expect(spec.containers[0]?.securityContext?.appArmorProfile).toEqual({ type: 'RuntimeDefault' });
    expect(warnings({}, { annotations })).toEqual([
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/app]: deprecated since v1.30; use the "appArmorProfile" field instead',
    ]);
  });
});
