import { accessModesText } from '../../api/core/volume-columns.ts';
import { at, list, record, sortedKeys, strings, text, type Obj } from '../value.ts';
import type { Describer } from './context.ts';
import { eventsOf, searchEvents, describeEvents } from './events.ts';
import { describeVolumeSource } from './volumes.ts';
import { annotationsOf, labelsOf, metadataOf, rfc1123, type DescribeWriter } from './writer.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

const classOf = (object: Obj): string =>
  record(object, 'metadata', 'annotations')[BETA_CLASS] ?? text(object, 'spec', 'storageClassName');

const finalizers = (object: Obj): string => `[${strings(object, 'metadata', 'finalizers').join(' ')}]`;

const modes = (given: readonly string[]): string => accessModesText(given);

const terminating = (object: Obj): string => {
  const since = text(object, 'metadata', 'deletionTimestamp');
  return since ? `Terminating (lasts ${since})` : text(object, 'status', 'phase');
};

const OPERATORS: Readonly<Record<string, string>> = { In: 'in', NotIn: 'not in' };

const nodeAffinity = (w: DescribeWriter, affinity: unknown): void => {
  const terms = list(affinity, 'required', 'nodeSelectorTerms');
  if (!affinity) return w.line(0, 'Node Affinity:', '<none>');
  w.line(0, 'Node Affinity:', '');
  if (!at(affinity, 'required')) return w.line(1, 'Required Terms:', '<none>');
  w.line(1, 'Required Terms:', '');
  terms.forEach((term, i) => {
    const expressions = list(term, 'matchExpressions');
    if (expressions.length === 0) return w.line(2, `Term ${i}:`, '<none>');
    w.write(2, `Term ${i}:\t`);
    expressions.forEach((each, j) => {
      const operator = text(each, 'operator');
      const values = strings(each, 'values');
      const known = OPERATORS[operator] ?? operator.toLowerCase();
      const shown = `${text(each, 'key')} ${known}${values.length > 0 ? ` [${values.join(', ')}]` : ''}`;
      w.write(0, `${j > 0 ? '                  \t' : ''}${shown}\n`);
    });
  });
};

export const describePersistentVolume: Describer = (context, w) => {
  const { object } = context;
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  labelsOf(w, 'Labels', record(object, 'metadata', 'labels'));
  annotationsOf(w, 'Annotations', record(object, 'metadata', 'annotations'));
  w.line(0, 'Finalizers:', finalizers(object));
  w.line(0, 'StorageClass:', classOf(object));
  w.line(0, 'Status:', terminating(object));
  const claim = at(object, 'spec', 'claimRef');
  w.line(0, 'Claim:', claim ? `${text(claim, 'namespace')}/${text(claim, 'name')}` : '');
  w.line(0, 'Reclaim Policy:', text(object, 'spec', 'persistentVolumeReclaimPolicy'));
  w.line(0, 'Access Modes:', modes(strings(object, 'spec', 'accessModes')));
  if (text(object, 'spec', 'volumeMode')) w.line(0, 'VolumeMode:', text(object, 'spec', 'volumeMode'));
  w.line(0, 'Capacity:', text(object, 'spec', 'capacity', 'storage') || '0');
  nodeAffinity(w, at(object, 'spec', 'nodeAffinity'));
  w.line(0, 'Message:', text(object, 'status', 'message'));
  w.line(0, 'Source:');
  const before = w.raw;
  describeVolumeSource(w, object['spec'] as Obj);
  if (before === w.raw) w.line(1, '<unknown>');
  eventsOf(context, w);
};

export const describePersistentVolumeClaim: Describer = (context, w) => {
  const { object, session } = context;
  const namespace = text(object, 'metadata', 'namespace');
  const name = text(object, 'metadata', 'name');
  w.line(0, 'Name:', name);
  w.line(0, 'Namespace:', namespace);
  w.line(0, 'StorageClass:', classOf(object));
  w.line(0, 'Status:', terminating(object));
  w.line(0, 'Volume:', text(object, 'spec', 'volumeName'));
  metadataOf(w, object);
  w.line(0, 'Finalizers:', finalizers(object));
  const bound = text(object, 'spec', 'volumeName') !== '';
  w.line(0, 'Capacity:', bound ? text(object, 'status', 'capacity', 'storage') : '');
  w.line(0, 'Access Modes:', bound ? modes(strings(object, 'status', 'accessModes')) : '');
  if (text(object, 'spec', 'volumeMode')) w.line(0, 'VolumeMode:', text(object, 'spec', 'volumeMode'));
  const source = at(object, 'spec', 'dataSource');
  if (source) {
    w.line(0, 'DataSource:');
    if (text(source, 'apiGroup')) w.line(1, 'APIGroup:', text(source, 'apiGroup'));
    w.line(1, 'Kind:', text(source, 'kind'));
    w.line(1, 'Name:', text(source, 'name'));
  }
  const pods = list(session.rest.get(`/api/v1/namespaces/${namespace}/pods`), 'items');
  const users = pods
    .filter((pod) =>
      list(pod, 'spec', 'volumes').some((each) => text(each, 'persistentVolumeClaim', 'claimName') === name),
    )
    .map((pod) => text(pod, 'metadata', 'name'));
  w.write(0, `Used By:\t${users.length === 0 ? '<none>\n' : ''}`);
  users.forEach((user, i) => w.write(0, `${i > 0 ? '\t' : ''}${user}\n`));
  const conditions = list(object, 'status', 'conditions');
  if (conditions.length > 0) {
    w.line(0, 'Conditions:');
    w.line(1, 'Type', 'Status', 'LastProbeTime', 'LastTransitionTime', 'Reason', 'Message');
    w.line(1, '----', '------', '-----------------', '------------------', '------', '-------');
    for (const each of conditions)
      w.line(
        1,
        `${text(each, 'type')} `,
        `${text(each, 'status')} `,
        `${rfc1123(each['lastProbeTime'])} `,
        `${rfc1123(each['lastTransitionTime'])} `,
        `${text(each, 'reason')} `,
        text(each, 'message'),
      );
  }
  eventsOf(context, w);
};

/** Annotations in one line, all of them, as a few kinds show them. */
export const annotationLine = (object: Obj): string => {
  const annotations = record(object, 'metadata', 'annotations');
  const keys = sortedKeys(annotations);
  return keys.map((key) => `${key}=${annotations[key]}`).join(',') || '<none>';
};

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

export const describeStorageClass: Describer = (context, w) => {
  const { object } = context;
  const annotations = record(object, 'metadata', 'annotations');
  const isDefault = [DEFAULT_CLASS, 'storageclass.beta.kubernetes.io/is-default-class'].some(
    (key) => annotations[key] === 'true',
  );
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'IsDefaultClass:', isDefault ? 'Yes' : 'No');
  w.line(0, 'Annotations:', annotationLine(object));
  w.line(0, 'Provisioner:', text(object, 'provisioner'));
  const parameters = record(object, 'parameters');
  w.line(
    0,
    'Parameters:',
    sortedKeys(parameters)
      .map((key) => `${key}=${parameters[key]}`)
      .join(',') || '<none>',
  );
  const expansion = object['allowVolumeExpansion'];
  w.line(0, 'AllowVolumeExpansion:', expansion === undefined ? '<unset>' : expansion ? 'True' : 'False');
  const options = strings(object, 'mountOptions');
  if (options.length === 0) w.line(0, 'MountOptions:', '<none>');
  else w.line(0, 'MountOptions:');
  for (const option of options) w.line(1, option);
  if (text(object, 'reclaimPolicy')) w.line(0, 'ReclaimPolicy:', text(object, 'reclaimPolicy'));
  if (text(object, 'volumeBindingMode')) w.line(0, 'VolumeBindingMode:', text(object, 'volumeBindingMode'));
  topologies(w, list(object, 'allowedTopologies'));
  if (context.showEvents) describeEvents(w, searchEvents(context), context.now);
};

const topologies = (w: DescribeWriter, terms: readonly Obj[]): void => {
  if (terms.length === 0) return;
  w.line(0, 'AllowedTopologies:', '');
  terms.forEach((term, i) => {
    w.write(1, `Term ${i}:\t`);
    const expressions = list(term, 'matchLabelExpressions');
    if (expressions.length === 0) w.write(0, '<none>\n');
    expressions.forEach((each, j) =>
      w.write(0, `${j > 0 ? '\t' : ''}${text(each, 'key')} in [${strings(each, 'values').join(', ')}]\n`),
    );
  });
};
