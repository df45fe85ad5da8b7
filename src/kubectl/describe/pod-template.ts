import { formatLabelSelector } from '../label-selector.ts';
import { at, byText, list, num, record, text, type Obj } from '../value.ts';
import { describeContainers } from './containers.ts';
import { describeVolumes } from './volumes.ts';
import { annotationsOf, DescribeWriter, labelsOf } from './writer.ts';

export const describePodTemplate = (w: DescribeWriter, template: Obj | undefined): void => {
  w.write(0, 'Pod Template:\n');
  if (!template) return w.write(1, '<unset>');
  labelsOf(w, '  Labels', record(template, 'metadata', 'labels'));
  if (Object.keys(record(template, 'metadata', 'annotations')).length > 0)
    annotationsOf(w, '  Annotations', record(template, 'metadata', 'annotations'));
  if (text(template, 'spec', 'serviceAccountName'))
    w.line(1, 'Service Account:', text(template, 'spec', 'serviceAccountName'));
  const containers = (label: string, field: string): void =>
    describeContainers(w, { label, containers: list(template, 'spec', field), statuses: [], space: '  ' });
  if (list(template, 'spec', 'initContainers').length > 0) containers('Init Containers', 'initContainers');
  containers('Containers', 'containers');
  describeVolumes(w, list(template, 'spec', 'volumes'), '  ');
  topologySpread(w, list(template, 'spec', 'topologySpreadConstraints'), '  ');
  if (text(template, 'spec', 'priorityClassName'))
    w.line(1, 'Priority Class Name:', text(template, 'spec', 'priorityClassName'));
  labelsOf(w, '  Node-Selectors', record(template, 'spec', 'nodeSelector'));
  tolerations(w, '  Tolerations', list(template, 'spec', 'tolerations'));
};

/** A template as `rollout history --revision` and `rollout undo --dry-run` print it: tabs not aligned. */
export const describePodTemplateRaw = (template: Obj): string => {
  const w = new DescribeWriter();
  describePodTemplate(w, template);
  return w.raw;
};

export const topologySpread = (w: DescribeWriter, constraints: readonly Obj[], space: string): void => {
  if (constraints.length === 0) return;
  w.write(0, `${space}Topology Spread Constraints:\t`);
  [...constraints]
    .sort((a, b) => byText(text(a, 'topologyKey'), text(b, 'topologyKey')))
    .forEach((each, i) => {
      if (i > 0) w.write(0, `${space}\t`);
      const selector = each['labelSelector']
        ? ` for selector ${formatLabelSelector(each['labelSelector'] as Obj)}`
        : '';
      w.write(
        0,
        `${text(each, 'topologyKey')}:${text(each, 'whenUnsatisfiable')} when max skew ${num(each, 'maxSkew')} is exceeded${selector}\n`,
      );
    });
};

export const tolerations = (w: DescribeWriter, title: string, given: readonly Obj[]): void => {
  w.write(0, `${title}:\t`);
  if (given.length === 0) w.write(0, '<none>\n');
  [...given]
    .sort((a, b) => byText(text(a, 'key'), text(b, 'key')))
    .forEach((each, i) => {
      const key = text(each, 'key');
      const value = text(each, 'value');
      const effect = text(each, 'effect');
      const exists = text(each, 'operator') === 'Exists' && !value ? `${key || effect ? ' ' : ''}op=Exists` : '';
      const seconds = at(each, 'tolerationSeconds') === undefined ? '' : ` for ${num(each, 'tolerationSeconds')}s`;
      w.write(
        0,
        `${i > 0 ? '\t' : ''}${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}${exists}${seconds}\n`,
      );
    });
};
