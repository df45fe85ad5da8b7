import type { Info } from '../../builder.ts';
import { alignTabs } from '../../cli/tabwriter.ts';
import { CliError } from '../../errors.ts';
import { describePodTemplateRaw } from '../../describe/pod-template.ts';
import type { Session } from '../../session.ts';
import { at, num, record, withAt, type Obj } from '../../value.ts';

import { CHANGE_CAUSE, controllerRevisions, replicaSetsOf, restored, revisionOf } from './objects.ts';
import { ROLLED_OUT, unsupported } from './unsupported.ts';

interface Revision {
  readonly revision: number;
  readonly cause: string;
  /** The Pod template, with the change cause among its annotations. */
  readonly template: Obj;
}

const withCause = (template: Obj, cause: string): Obj =>
  cause
    ? withAt(template, ['metadata', 'annotations'], {
        ...record(template, 'metadata', 'annotations'),
        [CHANGE_CAUSE]: cause,
      })
    : template;

const causeOf = (object: Obj): string => record(object, 'metadata', 'annotations')[CHANGE_CAUSE] ?? '';

const revisionsOf = (session: Session, info: Info): Revision[] => {
  const { kind } = info.mapping;
  if (kind === 'Deployment')
    return replicaSetsOf(session, info.object)
      .filter((replicaSet) => revisionOf(replicaSet) > 0)
      .map((replicaSet) => ({
        revision: revisionOf(replicaSet),
        cause: causeOf(replicaSet),
        template: withCause(at(replicaSet, 'spec', 'template') as Obj, causeOf(replicaSet)),
      }));
  if (!ROLLED_OUT.includes(kind)) throw unsupported(info.mapping, 'history viewer');
  return controllerRevisions(session, info).map((each) => ({
    revision: num(each, 'revision'),
    cause: causeOf(each),
    template: at(each, 'data', 'spec', 'template') as Obj,
  }));
};

/** What `rollout history` prints for one object; `revision` 0: all of them. */
export const history = (session: Session, info: Info, revision: number): string => {
  const revisions = revisionsOf(session, info).sort((a, b) => a.revision - b.revision);
  if (revision > 0) {
    const found = revisions.find((each) => each.revision === revision);
    if (!found) throw new CliError('unable to find the specified revision');
    return describePodTemplateRaw(found.template);
  }
  if (revisions.length === 0) return 'No rollout history found.';
  return alignTabs(
    `REVISION\tCHANGE-CAUSE\n${revisions.map((each) => `${each.revision}\t${each.cause || '<none>'}\n`).join('')}`,
    { minWidth: 0, padding: 2 },
  );
};

/** What `-o` prints: every revision, or the one asked for, as the object that would be made of it. */
export const printedRevisions = (session: Session, info: Info, revision: number): Obj[] => {
  const all =
    info.mapping.kind === 'Deployment'
      ? replicaSetsOf(session, info.object).map((each): [number, Obj] => [revisionOf(each), replicaSet(each)])
      : controllerRevisions(session, info).map((each): [number, Obj] => [num(each, 'revision'), restored(info, each)]);
  all.sort(([a], [b]) => a - b);
  if (revision === 0) return all.map(([, object]) => object);
  const found = all.find(([number]) => number === revision);
  if (!found) throw new CliError('unable to find the specified revision');
  return [found[1]];
};

const replicaSet = (object: Obj): Obj => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', ...object });
