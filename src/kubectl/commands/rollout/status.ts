import type { Info } from '../../builder.ts';
import { pathOf } from '../../discovery.ts';
import { AggregateFailure, CliError } from '../../errors.ts';
import { goQuote } from '../../go-format.ts';
import type { Session } from '../../session.ts';
import { at, list, num, text, type Obj } from '../../value.ts';
import { EventStream } from '../../wait-stream.ts';
import { replicas, revisionOf } from './objects.ts';

interface Progress {
  readonly message: string;
  readonly done: boolean;
}

/** Prints how each rollout goes until it is done; synchronous when all are done already. */
export const rolloutStatus = (session: Session, infos: readonly Info[]): void | Promise<void> => {
  const { io, flags } = session;
  const revision = flags.int('revision');
  const first = infos.map((info) => ({ info, progress: progressOf(info.object, revision) }));
  if (!flags.bool('watch') || first.every(({ progress }) => progress.done)) {
    for (const { progress } of first) io.stdout(progress.message);
    return;
  }
  return (async () => {
    const given = flags.int('timeout');
    const end = given > 0 ? io.now() + given : undefined;
    const failures: Error[] = [];
    for (const { info } of first) {
      try {
        await follow(session, info, revision, end);
      } catch (error) {
        failures.push(error as Error);
      }
    }
    if (failures.length > 0) throw failures.length === 1 ? failures[0]! : new AggregateFailure(failures);
  })();
};

const follow = async (session: Session, info: Info, revision: number, end: number | undefined): Promise<void> => {
  let last = '';
  const report = (object: Obj): boolean => {
    const { message, done } = progressOf(object, revision);
    if (message !== last || done) session.io.stdout(message);
    last = message;
    return done;
  };
  if (report(info.object)) return;
  let version = text(info.object, 'metadata', 'resourceVersion');
  for (;;) {
    const left = end === undefined ? undefined : end - session.io.now();
    if (left !== undefined && left <= 0) throw new CliError('timed out waiting for the condition');
    const stream = new EventStream(
      session.rest,
      session.io,
      pathOf(info.mapping, info.namespace),
      { query: { watch: true, resourceVersion: version, fieldSelector: `metadata.name=${info.name}` } },
      left,
    );
    try {
      for (let event = await stream.next(); event; event = await stream.next()) {
        if (event.type === 'ERROR') break;
        version = text(event.object, 'metadata', 'resourceVersion');
        if (event.type === 'DELETED') throw new CliError('object has been deleted');
        if (event.type !== 'BOOKMARK' && report(event.object)) return;
      }
    } finally {
      stream.close();
    }
    if (session.io.signal?.aborted) throw new CliError('interrupted', 130);
  }
};

const progressOf = (object: Obj, revision: number): Progress => {
  switch (object['kind']) {
    case 'Deployment':
      return deploymentProgress(object, revision);
    case 'DaemonSet':
      return daemonSetProgress(object);
    case 'StatefulSet':
      return statefulSetProgress(object);
    default:
      throw new CliError(`no status viewer has been implemented for ${groupKind(object)}`);
  }
};

/** `Job.batch`, `Pod` */
const groupKind = (object: Obj): string => {
  const [group = '', version] = text(object, 'apiVersion').split('/');
  return version === undefined ? text(object, 'kind') : `${text(object, 'kind')}.${group}`;
};

const SPEC_CHANGING = 'Waiting for deployment spec update to be observed...\n';
const observed = (object: Obj): boolean =>
  num(object, 'metadata', 'generation') <= num(object, 'status', 'observedGeneration');

const deploymentProgress = (object: Obj, revision: number): Progress => {
  const name = goQuote(text(object, 'metadata', 'name'));
  if (revision > 0 && revisionOf(object) !== revision)
    throw new CliError(`desired revision (${revision}) is different from the running revision (${revisionOf(object)})`);
  if (!observed(object)) return { message: SPEC_CHANGING, done: false };
  const progressing = list(object, 'status', 'conditions').find(({ type }) => type === 'Progressing');
  if (progressing?.['reason'] === 'ProgressDeadlineExceeded')
    throw new CliError(`deployment ${name} exceeded its progress deadline`);
  const wanted = replicas(object);
  const total = num(object, 'status', 'replicas');
  const updated = num(object, 'status', 'updatedReplicas');
  const available = num(object, 'status', 'availableReplicas');
  const waiting = (what: string): Progress => ({
    message: `Waiting for deployment ${name} rollout to finish: ${what}...\n`,
    done: false,
  });
  if (at(object, 'spec', 'replicas') !== undefined && updated < wanted)
    return waiting(`${updated} out of ${wanted} new replicas have been updated`);
  if (total > updated) return waiting(`${total - updated} old replicas are pending termination`);
  if (available < updated) return waiting(`${available} of ${updated} updated replicas are available`);
  return { message: `deployment ${name} successfully rolled out\n`, done: true };
};

const daemonSetProgress = (object: Obj): Progress => {
  const name = goQuote(text(object, 'metadata', 'name'));
  if (text(object, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate')
    throw new CliError(`rollout status is only available for RollingUpdate strategy type`);
  if (!observed(object)) return { message: 'Waiting for daemon set spec update to be observed...\n', done: false };
  const wanted = num(object, 'status', 'desiredNumberScheduled');
  const updated = num(object, 'status', 'updatedNumberScheduled');
  const available = num(object, 'status', 'numberAvailable');
  if (updated < wanted)
    return {
      message: `Waiting for daemon set ${name} rollout to finish: ${updated} out of ${wanted} new pods have been updated...\n`,
      done: false,
    };
  if (available < wanted)
    return {
      message: `Waiting for daemon set ${name} rollout to finish: ${available} of ${wanted} updated pods are available...\n`,
      done: false,
    };
  return { message: `daemon set ${name} successfully rolled out\n`, done: true };
};

const statefulSetProgress = (object: Obj): Progress => {
  if (text(object, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate')
    throw new CliError('rollout status is only available for RollingUpdate strategy type');
  if (!at(object, 'status', 'observedGeneration') || !observed(object))
    return { message: 'Waiting for statefulset spec update to be observed...\n', done: false };
  const wanted = replicas(object);
  const ready = num(object, 'status', 'readyReplicas');
  const updated = num(object, 'status', 'updatedReplicas');
  if (at(object, 'spec', 'replicas') !== undefined && ready < wanted)
    return { message: `Waiting for ${wanted - ready} pods to be ready...\n`, done: false };
  const partition = at(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (partition !== undefined) {
    const rolled = wanted - num(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
    if (updated < rolled)
      return {
        message: `Waiting for partitioned roll out to finish: ${updated} out of ${rolled} new pods have been updated...\n`,
        done: false,
      };
    return { message: `partitioned roll out complete: ${updated} new pods have been updated...\n`, done: true };
  }
  const update = text(object, 'status', 'updateRevision');
  if (update !== text(object, 'status', 'currentRevision'))
    return {
      message: `waiting for statefulset rolling update to complete ${updated} pods at revision ${update}...\n`,
      done: false,
    };
  return {
    message: `statefulset rolling update complete ${num(object, 'status', 'currentReplicas')} pods at revision ${text(object, 'status', 'currentRevision')}...\n`,
    done: true,
  };
};
