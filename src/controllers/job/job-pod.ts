import { JobKind } from '../../api/batch/job.ts';
import type { Manifest } from '../../api/object.ts';
import type { Container, Job, Pod } from '../../api/types.ts';
import { podFromTemplate } from '../pod-control.ts';
import { INDEX } from './indexes.ts';

/** Holds a Pod until the Job has counted it. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';
/** How often the Pods of an index had failed before this one, where failures are counted per index. */
export const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
/** The same for failures that do not count. */
export const IGNORED_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** What the Pod of an index is told of those before it. */
export const failureAnnotations = (failed: number, ignored: number): Record<string, string> => ({
  [FAILURE_COUNT]: String(failed),
  ...(ignored > 0 ? { [IGNORED_COUNT]: String(ignored) } : {}),
});

const ENV = 'JOB_COMPLETION_INDEX';

export const isTracked = ({ metadata: { finalizers } }: Pod): boolean => finalizers?.includes(TRACKING) ?? false;

const withIndexVariable = (container: Container): Container =>
  container.env?.some(({ name }) => name === ENV)
    ? container
    : {
        ...container,
        env: [
          ...(container.env ?? []),
          { name: ENV, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` } } },
        ],
      };

/** A Pod of a Job that the Job has still to count. */
export function newJobPod(job: Job): Manifest<Pod> {
  const pod = podFromTemplate(job.spec.template, job, JobKind);
  return { ...pod, metadata: { ...pod.metadata, finalizers: [...(pod.metadata.finalizers ?? []), TRACKING] } };
}

/** The Pod of one index, which it finds in a label, an annotation, a variable and its host name. */
export function newIndexedPod(job: Job, index: number, annotations: Readonly<Record<string, string>>): Manifest<Pod> {
  const { metadata, spec, ...rest } = newJobPod(job);
  const { name } = job.metadata;
  return {
    ...rest,
    metadata: {
      ...metadata,
      generateName: `${name.slice(0, 57 - String(index).length)}-${index}-`,
      labels: { ...metadata.labels, [INDEX]: String(index) },
      annotations: { ...metadata.annotations, [INDEX]: String(index), ...annotations },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: spec.containers.map(withIndexVariable),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(withIndexVariable) } : {}),
    },
  };
}
