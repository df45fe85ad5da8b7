import { formatLabelSelector, labelSelectorText } from '../label-selector.ts';
import { newReplicaSet, replicas, replicaSetsOf } from '../commands/rollout/objects.ts';
import { at, list, num, record, text, type Obj } from '../value.ts';
import type { DescribeContext, Describer } from './context.ts';
import { eventsOf } from './events.ts';
import { describePodTemplate } from './pod-template.ts';
import { labelText } from '../print/table.ts';
import { controllerText, metadataOf, rfc1123, type DescribeWriter } from './writer.ts';

const names = (w: DescribeWriter, object: Obj): void => {
  w.line(0, 'Name:', text(object, 'metadata', 'name'));
  w.line(0, 'Namespace:', text(object, 'metadata', 'namespace'));
};

const conditions = (w: DescribeWriter, object: Obj): void => {
  const found = list(object, 'status', 'conditions');
  if (found.length === 0) return;
  w.write(0, 'Conditions:\n  Type\tStatus\tReason\n');
  w.line(1, '----', '------', '------');
  for (const each of found) w.line(1, `${text(each, 'type')} `, text(each, 'status'), text(each, 'reason'));
};

/** How many Pods a controller has in each phase. */
const podPhases = ({ session, object }: DescribeContext, labelSelector: string): string => {
  const found = session.rest.get(`/api/v1/namespaces/${text(object, 'metadata', 'namespace')}/pods`, {
    query: { labelSelector, limit: 500 },
  });
  const count = { Running: 0, Pending: 0, Succeeded: 0, Failed: 0 };
  for (const pod of list(found, 'items')) {
    const mine = list(pod, 'metadata', 'ownerReferences').some(
      (owner) => owner['controller'] && owner['uid'] === at(object, 'metadata', 'uid'),
    );
    const phase = text(pod, 'status', 'phase') as keyof typeof count;
    if (mine && phase in count) count[phase]++;
  }
  return `${count.Running} Running / ${count.Pending} Waiting / ${count.Succeeded} Succeeded / ${count.Failed} Failed`;
};

const selectorOf = (object: Obj): string => labelSelectorText(at(object, 'spec', 'selector') as Obj | undefined);
const templateOf = (object: Obj): Obj | undefined => at(object, 'spec', 'template') as Obj | undefined;

export const describeDeployment: Describer = (context, w) => {
  const { object } = context;
  const status = (field: string): number => num(object, 'status', field);
  names(w, object);
  w.line(0, 'CreationTimestamp:', rfc1123(at(object, 'metadata', 'creationTimestamp')));
  metadataOf(w, object);
  w.line(0, 'Selector:', selectorOf(object));
  w.line(
    0,
    'Replicas:',
    `${replicas(object)} desired | ${status('updatedReplicas')} updated | ${status('replicas')} total | ${status('availableReplicas')} available | ${status('unavailableReplicas')} unavailable`,
  );
  w.line(0, 'StrategyType:', text(object, 'spec', 'strategy', 'type'));
  w.line(0, 'MinReadySeconds:', num(object, 'spec', 'minReadySeconds'));
  const rolling = at(object, 'spec', 'strategy', 'rollingUpdate');
  if (rolling)
    w.line(
      0,
      'RollingUpdateStrategy:',
      `${text(rolling, 'maxUnavailable')} max unavailable, ${text(rolling, 'maxSurge')} max surge`,
    );
  describePodTemplate(w, templateOf(object));
  conditions(w, object);
  replicaSetLines(context, w);
  eventsOf(context, w);
};

const replicaSetLines = ({ session, object }: DescribeContext, w: DescribeWriter): void => {
  const all = replicaSetsOf(session, object);
  if (all.length === 0) return;
  const current = newReplicaSet(object, all);
  const line = (sets: readonly Obj[]): string =>
    sets
      .map(
        (each) =>
          `${text(each, 'metadata', 'name')} (${num(each, 'status', 'replicas')}/${replicas(each)} replicas created)`,
      )
      .join(', ') || '<none>';
  w.line(0, 'OldReplicaSets:', line(all.filter((each) => each !== current)));
  w.line(0, 'NewReplicaSet:', line(current ? [current] : []));
};

export const describeReplicaSet: Describer = (context, w) => {
  const { object } = context;
  names(w, object);
  w.line(0, 'Selector:', formatLabelSelector(at(object, 'spec', 'selector') as Obj));
  metadataOf(w, object);
  if (controllerText(object)) w.line(0, 'Controlled By:', controllerText(object));
  w.line(0, 'Replicas:', `${num(object, 'status', 'replicas')} current / ${replicas(object)} desired`);
  w.line(0, 'Pods Status:', podPhases(context, selectorOf(object)));
  describePodTemplate(w, templateOf(object));
  conditions(w, object);
  eventsOf(context, w);
};

export const describeReplicationController: Describer = (context, w) => {
  const { object } = context;
  const selector = labelText(record(object, 'spec', 'selector'));
  names(w, object);
  w.line(0, 'Selector:', selector);
  metadataOf(w, object);
  w.line(0, 'Replicas:', `${num(object, 'status', 'replicas')} current / ${replicas(object)} desired`);
  w.line(0, 'Pods Status:', podPhases(context, selector));
  describePodTemplate(w, templateOf(object));
  conditions(w, object);
  eventsOf(context, w);
};

export const describeStatefulSet: Describer = (context, w) => {
  const { object } = context;
  names(w, object);
  w.line(0, 'CreationTimestamp:', rfc1123(at(object, 'metadata', 'creationTimestamp')));
  w.line(0, 'Selector:', selectorOf(object));
  metadataOf(w, object);
  w.line(0, 'Replicas:', `${replicas(object)} desired | ${num(object, 'status', 'replicas')} total`);
  w.line(0, 'Update Strategy:', text(object, 'spec', 'updateStrategy', 'type'));
  const rolling = at(object, 'spec', 'updateStrategy', 'rollingUpdate');
  if (at(rolling, 'partition') !== undefined) {
    w.line(1, 'Partition:', num(rolling, 'partition'));
    if (at(rolling, 'maxUnavailable') !== undefined) w.line(1, 'MaxUnavailable:', text(rolling, 'maxUnavailable'));
  }
  w.line(0, 'Pods Status:', podPhases(context, selectorOf(object)));
  describePodTemplate(w, templateOf(object));
  const claims = list(object, 'spec', 'volumeClaimTemplates');
  if (claims.length === 0) w.line(0, 'Volume Claims:', '<none>');
  else w.write(0, 'Volume Claims:\n');
  for (const claim of claims) {
    w.line(1, 'Name:', text(claim, 'metadata', 'name'));
    w.line(1, 'StorageClass:', text(claim, 'spec', 'storageClassName'));
    w.line(1, 'Labels:', labelText(record(claim, 'metadata', 'labels')));
    w.line(1, 'Annotations:', labelText(record(claim, 'metadata', 'annotations')));
    w.line(1, 'Capacity:', text(claim, 'spec', 'resources', 'requests', 'storage') || '<default>');
    w.line(1, 'Access Modes:', `[${(at(claim, 'spec', 'accessModes') as string[] | undefined)?.join(' ') ?? ''}]`);
  }
  eventsOf(context, w);
};

export const describeDaemonSet: Describer = (context, w) => {
  const { object } = context;
  const status = (field: string): number => num(object, 'status', field);
  names(w, object);
  w.line(0, 'Selector:', selectorOf(object));
  w.line(0, 'Node-Selector:', labelText(record(object, 'spec', 'template', 'spec', 'nodeSelector')));
  metadataOf(w, object);
  w.write(0, `Desired Number of Nodes Scheduled: ${status('desiredNumberScheduled')}\n`);
  w.write(0, `Current Number of Nodes Scheduled: ${status('currentNumberScheduled')}\n`);
  w.write(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status('updatedNumberScheduled')}\n`);
  w.write(0, `Number of Nodes Scheduled with Available Pods: ${status('numberAvailable')}\n`);
  w.write(0, `Number of Nodes Misscheduled: ${status('numberMisscheduled')}\n`);
  w.line(0, 'Pods Status:', podPhases(context, selectorOf(object)));
  describePodTemplate(w, templateOf(object));
  eventsOf(context, w);
};

export const describeJob: Describer = (context, w) => {
  const { object } = context;
  const spec = object['spec'] as Obj;
  names(w, object);
  w.line(0, 'Selector:', selectorOf(object));
  metadataOf(w, object);
  if (controllerText(object)) w.line(0, 'Controlled By:', controllerText(object));
  if (spec['parallelism'] !== undefined) w.line(0, 'Parallelism:', num(spec, 'parallelism'));
  w.line(0, 'Completions:', spec['completions'] === undefined ? '<unset>' : num(spec, 'completions'));
  for (const [title, field] of [
    ['Completion Mode', 'completionMode'],
    ['Suspend', 'suspend'],
    ['Backoff Limit', 'backoffLimit'],
    ['TTL Seconds After Finished', 'ttlSecondsAfterFinished'],
  ] as const)
    if (spec[field] !== undefined) w.line(0, `${title}:`, text(spec, field));
  if (text(object, 'status', 'startTime')) w.line(0, 'Start Time:', rfc1123(text(object, 'status', 'startTime')));
  if (text(object, 'status', 'completionTime'))
    w.line(0, 'Completed At:', rfc1123(text(object, 'status', 'completionTime')));
  if (spec['activeDeadlineSeconds'] !== undefined)
    w.line(0, 'Active Deadline Seconds:', `${num(spec, 'activeDeadlineSeconds')}s`);
  const ready = at(object, 'status', 'ready') === undefined ? '' : ` (${num(object, 'status', 'ready')} Ready)`;
  w.line(
    0,
    'Pods Statuses:',
    `${num(object, 'status', 'active')} Active${ready} / ${num(object, 'status', 'succeeded')} Succeeded / ${num(object, 'status', 'failed')} Failed`,
  );
  if (spec['completionMode'] === 'Indexed')
    w.line(0, 'Completed Indexes:', text(object, 'status', 'completedIndexes') || '<none>');
  describePodTemplate(w, templateOf(object));
  eventsOf(context, w);
};

export const describeCronJob: Describer = (context, w) => {
  const { object } = context;
  const spec = object['spec'] as Obj;
  const job = at(spec, 'jobTemplate', 'spec');
  names(w, object);
  metadataOf(w, object);
  w.line(0, 'Schedule:', text(spec, 'schedule'));
  w.line(0, 'Concurrency Policy:', text(spec, 'concurrencyPolicy'));
  w.line(0, 'Suspend:', spec['suspend'] === undefined ? '<unset>' : spec['suspend'] ? 'True' : 'False');
  w.line(0, 'Time Zone:', text(spec, 'timeZone') || '<unset>');
  w.line(0, 'Successful Job History Limit:', text(spec, 'successfulJobsHistoryLimit') || '<unset>');
  w.line(0, 'Failed Job History Limit:', text(spec, 'failedJobsHistoryLimit') || '<unset>');
  const deadline = text(spec, 'startingDeadlineSeconds');
  w.line(0, 'Starting Deadline Seconds:', deadline ? `${deadline}s` : '<unset>');
  const selector = at(job, 'selector') as Obj | undefined;
  w.line(0, 'Selector:', selector ? labelSelectorText(selector) : '<unset>');
  w.line(0, 'Parallelism:', text(job, 'parallelism') || '<unset>');
  w.line(0, 'Completions:', text(job, 'completions') || '<unset>');
  if (text(job, 'activeDeadlineSeconds'))
    w.line(0, 'Active Deadline Seconds:', `${text(job, 'activeDeadlineSeconds')}s`);
  describePodTemplate(w, at(job, 'template') as Obj | undefined);
  const last = text(object, 'status', 'lastScheduleTime');
  w.line(0, 'Last Schedule Time:', last ? rfc1123(last) : '<unset>');
  const active = list(object, 'status', 'active').map((each) => text(each, 'name'));
  w.line(0, 'Active Jobs:', active.join(', ') || '<none>');
  eventsOf(context, w);
};
