import type { Info } from '../../builder.ts';
import { describePodTemplateRaw } from '../../describe/pod-template.ts';
import { dryRunOf, saidWith } from '../../dry-run.ts';
import { CliError } from '../../errors.ts';
import { LAST_APPLIED } from '../../last-applied.ts';
import { nameOf, printerFor } from '../../print/printer.ts';
import type { Session } from '../../session.ts';

import { at, num, record, type Obj } from '../../value.ts';
import { JSON_PATCH, patchObject, STRATEGIC_MERGE } from '../../write.ts';
import {
  controllerRevisions,
  replicaSetsOf,
  restored,
  REVISION,
  revisionOf,
  sameTemplate,
  withoutHash,
} from './objects.ts';
import { ROLLED_OUT, unsupported } from './unsupported.ts';

/** An earlier state of a workload, and how to go back to it. */
interface Target {
  readonly template: Obj;
  /** What is named when there is nothing to do. */
  readonly revision: number;
  apply(): void;
}

/** Puts a workload back to a revision, the one before the last unless given. */
export const undo = (session: Session, info: Info): void => {
  const { object, mapping } = info;
  const { io } = session;
  const dryRun = dryRunOf(session);
  const wanted = session.flags.int('to-revision');
  if (!ROLLED_OUT.includes(mapping.kind)) throw unsupported(mapping, 'rollbacker');
  warnApplied(session, info);
  const target = mapping.kind === 'Deployment' ? ofDeployment(session, info, wanted) : ofHistory(session, info, wanted);
  const say = (operation: string): void =>
    io.stdout(printerFor(session, { operation: saidWith(operation, dryRun) })(object));
  if (dryRun === 'client') {
    const intent = mapping.kind === 'Deployment' ? '' : 'will roll back to ';
    return say(`${intent}${describePodTemplateRaw(target.template)}`);
  }
  if (at(object, 'spec', 'paused'))
    throw new CliError(
      "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    );
  if (sameTemplate(target.template, at(object, 'spec', 'template') as Obj)) {
    io.stdout(`${nameOf(object)} skipped rollback (current template already matches revision ${target.revision})\n`);
    return;
  }
  target.apply();
  say('rolled back');
};

const warnApplied = (session: Session, info: Info): void => {
  if (record(info.object, 'metadata', 'annotations')[LAST_APPLIED] === undefined) return;
  session.io.stderr(
    `Warning: resource ${info.mapping.resource}/${info.name} was previously managed with 'kubectl apply'. Rolling back will not update the ${LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`,
  );
};

const notFound = (revision: number): CliError =>
  new CliError(`unable to find specified revision ${revision} in history`);

const ofDeployment = (session: Session, info: Info, wanted: number): Target => {
  const replicaSet = rollbackTarget(replicaSetsOf(session, info.object), wanted, info.name);
  const template = at(replicaSet, 'spec', 'template') as Obj;
  return {
    template,
    revision: revisionOf(replicaSet),
    apply() {
      const patch = [
        { op: 'replace', path: '/spec/template', value: withoutHash(template) },
        { op: 'replace', path: '/metadata/annotations', value: rolledBackAnnotations(info.object, replicaSet) },
      ];
      patchObject(session, info, JSON_PATCH, patch, { dryRun: dryRunOf(session) });
    },
  };
};

const rollbackTarget = (replicaSets: readonly Obj[], target: number, name: string): Obj => {
  const byRevision = [...replicaSets].sort((a, b) => revisionOf(b) - revisionOf(a));
  if (target !== 0) {
    const found = byRevision.find((each) => revisionOf(each) === target);
    if (!found) throw notFound(target);
    return found;
  }
  const [, previous] = byRevision;
  if (!previous) throw new CliError(`no rollout history found for deployment "${name}"`);
  return previous;
};

/** The annotations of the revision, but for those that say where it came from. */
const KEPT = [
  LAST_APPLIED,
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
];
const rolledBackAnnotations = (deployment: Obj, replicaSet: Obj): Record<string, string> => {
  const annotations: Record<string, string> = {};
  for (const key of KEPT) {
    const value = record(deployment, 'metadata', 'annotations')[key];
    if (value !== undefined) annotations[key] = value;
  }
  for (const [key, value] of Object.entries(record(replicaSet, 'metadata', 'annotations')))
    if (!KEPT.includes(key)) annotations[key] = value;
  return annotations;
};

/** DaemonSets and StatefulSets go back by the patch that a ControllerRevision holds. */
const ofHistory = (session: Session, info: Info, wanted: number): Target => {
  const revisions = controllerRevisions(session, info);
  if (wanted === 0 && revisions.length <= 1) throw new CliError('no last revision to roll back to');
  const found = wanted === 0 ? revisions.at(-2) : revisions.find((each) => num(each, 'revision') === wanted);
  if (!found) throw notFound(wanted);
  return {
    template: at(restored(info, found), 'spec', 'template') as Obj,
    revision: wanted,
    apply: () => void patchObject(session, info, STRATEGIC_MERGE, found['data'], { dryRun: dryRunOf(session) }),
  };
};
