import type { Info } from '../../builder.ts';
import { alignTabs } from '../../cli/tabwriter.ts';
import { CliError } from '../../errors.ts';
import { describePodTemplateRaw } from '../../describe/pod-template.ts';
import { labelSelectorText } from '../../label-selector.ts';
import type { Session } from '../../session.ts';
import { at, list, num, record, text, withAt, type Obj } from '../../value.ts';
import { CHANGE_CAUSE, replicaSetsOf, revisionOf } from './objects.ts';

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
  if (kind !== 'DaemonSet' && kind !== 'StatefulSet')
    throw new CliError(
      `error retrieving history for "${kind}", no visitor method exists for {${info.mapping.group} ${kind}}`,
    );
  const selector = labelSelectorText(at(info.object, 'spec', 'selector') as Obj);
  const found = session.rest.get(`/apis/apps/v1/namespaces/${info.namespace}/controllerrevisions`, {
    query: { labelSelector: selector },
  });
  return list(found, 'items')
    .filter((each) =>
      list(each, 'metadata', 'ownerReferences').some((owner) => owner['uid'] === at(info.object, 'metadata', 'uid')),
    )
    .map((each) => ({
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

/** The object that `-o` prints: the latest revision, or the one asked for. */
export const revisionTemplate = (session: Session, info: Info, revision: number): Obj => {
  if (info.mapping.kind !== 'Deployment') return info.object;
  const sets = replicaSetsOf(session, info.object);
  const found =
    revision > 0
      ? sets.find((each) => revisionOf(each) === revision)
      : sets.reduce<Obj | undefined>((a, b) => (a && revisionOf(a) > revisionOf(b) ? a : b), undefined);
  if (!found) throw new CliError(revision > 0 ? 'unable to find the specified revision' : 'no rollout history found');
  return { apiVersion: text(found, 'apiVersion') || 'apps/v1', kind: text(found, 'kind') || 'ReplicaSet', ...found };
};
