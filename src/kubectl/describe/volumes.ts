import { at, list, num, record, sortedKeys, strings, text, type Obj } from '../value.ts';
import type { DescribeWriter } from './writer.ts';

type Field = readonly [title: string, value: string];

const flag = (source: unknown, field: string): string => String(Boolean(at(source, field)));

/** What each kind of volume is, and which of its fields are shown. */
const sources: Record<string, (source: Obj) => readonly [string, readonly Field[]]> = {
  hostPath: (s) => [
    'HostPath (bare host directory volume)',
    [
      ['Path', text(s, 'path')],
      ['HostPathType', s['type'] === undefined ? '<none>' : text(s, 'type')],
    ],
  ],
  emptyDir: (s) => [
    "EmptyDir (a temporary directory that shares a pod's lifetime)",
    [
      ['Medium', text(s, 'medium')],
      ['SizeLimit', text(s, 'sizeLimit') && text(s, 'sizeLimit') !== '0' ? text(s, 'sizeLimit') : '<unset>'],
    ],
  ],
  secret: (s) => [
    'Secret (a volume populated by a Secret)',
    [
      ['SecretName', text(s, 'secretName')],
      ['Optional', flag(s, 'optional')],
    ],
  ],
  configMap: (s) => [
    'ConfigMap (a volume populated by a ConfigMap)',
    [
      ['Name', text(s, 'name')],
      ['Optional', flag(s, 'optional')],
    ],
  ],
  nfs: (s) => [
    'NFS (an NFS mount that lasts the lifetime of a pod)',
    [
      ['Server', text(s, 'server')],
      ['Path', text(s, 'path')],
      ['ReadOnly', flag(s, 'readOnly')],
    ],
  ],
  persistentVolumeClaim: (s) => [
    'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
    [
      ['ClaimName', text(s, 'claimName')],
      ['ReadOnly', flag(s, 'readOnly')],
    ],
  ],
  image: (s) => [
    'Image (a container image or OCI artifact)',
    [
      ['Reference', text(s, 'reference')],
      ['PullPolicy', text(s, 'pullPolicy')],
    ],
  ],
  local: (s) => ['LocalVolume (a persistent volume backed by local storage on a node)', [['Path', text(s, 'path')]]],
  gitRepo: (s) => [
    'GitRepo (a volume that is pulled from git when the pod is created)',
    [
      ['Repository', text(s, 'repository')],
      ['Revision', text(s, 'revision')],
    ],
  ],
};

export const describeVolumes = (w: DescribeWriter, volumes: readonly Obj[], space: string): void => {
  if (volumes.length === 0) return w.write(0, `${space}Volumes:\t<none>\n`);
  w.write(0, `${space}Volumes:\n`);
  for (const volume of volumes) {
    w.write(1, `${space ? ' ' : ''}${text(volume, 'name')}:\n`);
    describeVolumeSource(w, volume);
  }
};

export const describeVolumeSource = (w: DescribeWriter, volume: Obj): void => {
  const kind = Object.keys(sources).find((key) => volume[key] !== undefined);
  if (kind) {
    const [type, fields] = sources[kind]!(volume[kind] as Obj);
    w.line(2, 'Type:', type);
    for (const [title, value] of fields) w.line(2, `${title}:`, value);
  } else if (volume['downwardAPI']) downward(w, volume['downwardAPI']);
  else if (volume['projected']) projected(w, volume['projected']);
  else if (volume['csi']) csi(w, volume['csi'] as Obj);
  else if (volume['ephemeral']) ephemeral(w, at(volume, 'ephemeral', 'volumeClaimTemplate'));
  else if (volume['iscsi']) iscsi(w, volume['iscsi']);
  else w.write(1, '<unknown>\n');
};

const pairs = (w: DescribeWriter, title: string, sign: string, values: Readonly<Record<string, string>>): void => {
  const [first = '<none>', ...rest] = sortedKeys(values).map((key) => `${key}${sign}${values[key]!}`);
  w.line(2, `${title}:`, first);
  for (const each of rest) w.line(2, '', each);
};

/** What a claim template asks for; no volume has been bound to it yet. */
const ephemeral = (w: DescribeWriter, template: unknown): void => {
  w.line(
    2,
    'Type:',
    'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)',
  );
  w.line(2, 'StorageClass:', text(template, 'spec', 'storageClassName'));
  w.line(2, 'Volume:', text(template, 'spec', 'volumeName'));
  pairs(w, 'Labels', '=', record(template, 'metadata', 'labels'));
  pairs(w, 'Annotations', ': ', record(template, 'metadata', 'annotations'));
  w.line(2, 'Capacity:', '');
  w.line(2, 'Access Modes:', '');
  w.line(2, 'VolumeMode:', text(template, 'spec', 'volumeMode') || 'Filesystem');
};

const iscsi = (w: DescribeWriter, volume: unknown): void => {
  w.line(
    2,
    'Type:',
    "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
  );
  w.line(2, 'TargetPortal:', text(volume, 'targetPortal'));
  w.line(2, 'IQN:', text(volume, 'iqn'));
  w.line(2, 'Lun:', text(volume, 'lun') || '0');
  w.line(2, 'ISCSIInterface', text(volume, 'iscsiInterface'));
  w.line(2, 'FSType:', text(volume, 'fsType'));
  w.line(2, 'ReadOnly:', flag(volume, 'readOnly'));
  w.line(2, 'Portals:', `[${strings(volume, 'portals').join(' ')}]`);
  w.line(2, 'DiscoveryCHAPAuth:', flag(volume, 'chapAuthDiscovery'));
  w.line(2, 'SessionCHAPAuth:', flag(volume, 'chapAuthSession'));
  w.line(
    2,
    'SecretRef:',
    at(volume, 'secretRef') ? `&LocalObjectReference{Name:${text(volume, 'secretRef', 'name')},}` : 'nil',
  );
  w.line(2, 'InitiatorName:', text(volume, 'initiatorName') || '<none>');
};

const downward = (w: DescribeWriter, source: unknown): void => {
  w.line(2, 'Type:', 'DownwardAPI (a volume populated by information about the pod)');
  w.write(2, 'Items:\n');
  for (const item of list(source, 'items')) {
    if (item['fieldRef']) w.write(3, `${text(item, 'fieldRef', 'fieldPath')} -> ${text(item, 'path')}\n`);
    if (item['resourceFieldRef'])
      w.write(3, `${text(item, 'resourceFieldRef', 'resource')} -> ${text(item, 'path')}\n`);
  }
};

const projected = (w: DescribeWriter, volume: unknown): void => {
  w.line(2, 'Type:', 'Projected (a volume that contains injected data from multiple sources)');
  for (const source of list(volume, 'sources')) {
    if (source['secret']) {
      w.line(2, 'SecretName:', text(source, 'secret', 'name'));
      w.line(2, 'Optional:', flag(source['secret'], 'optional'));
    } else if (source['downwardAPI']) w.line(2, 'DownwardAPI:', 'true');
    else if (source['configMap']) {
      w.line(2, 'ConfigMapName:', text(source, 'configMap', 'name'));
      w.line(2, 'Optional:', flag(source['configMap'], 'optional'));
    } else if (source['serviceAccountToken'])
      w.line(2, 'TokenExpirationSeconds:', num(source, 'serviceAccountToken', 'expirationSeconds'));
  }
};

const csi = (w: DescribeWriter, source: Obj): void => {
  w.line(2, 'Type:', 'CSI (a Container Storage Interface (CSI) volume source)');
  w.line(2, 'Driver:', text(source, 'driver'));
  w.line(2, 'FSType:', text(source, 'fsType'));
  if (source['volumeHandle'] !== undefined) w.line(2, 'VolumeHandle:', text(source, 'volumeHandle'));
  w.line(2, 'ReadOnly:', flag(source, 'readOnly'));
  const attributes = record(source, 'volumeAttributes');
  const keys = sortedKeys(attributes);
  w.write(2, `VolumeAttributes:\t${keys.length === 0 ? '<none>\n' : ''}`);
  keys.forEach((key, i) => w.write(i === 0 ? 0 : 2, `${i > 0 ? '\t' : ''}${key}=${attributes[key]}\n`));
};
