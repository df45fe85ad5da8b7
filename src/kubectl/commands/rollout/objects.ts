import { goJson } from '../../../api/go-text.ts';
import { applyStrategicMergePatch } from '../../../api/patch/strategic-merge-patch.ts';
import type { Info } from '../../builder.ts';
import type { Session } from '../../session.ts';
import { labelSelectorText } from '../../label-selector.ts';
import { at, list, num, record, text, withAt, type Obj } from '../../value.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
export const CHANGE_CAUSE = 'kubernetes.io/change-cause';
const HASH = 'pod-template-hash';

/** The ReplicaSets that a Deployment controls, oldest first. */
export const replicaSetsOf = (session: Session, deployment: Obj): Obj[] => {
  const namespace = text(deployment, 'metadata', 'namespace');
  const selector = labelSelectorText(at(deployment, 'spec', 'selector') as Obj);
  const found = session.rest.get(`/apis/apps/v1/namespaces/${namespace}/replicasets`, {
    query: { labelSelector: selector },
  });
  return list(found, 'items')
    .filter((replicaSet) =>
      list(replicaSet, 'metadata', 'ownerReferences').some(
        (owner) => owner['controller'] && owner['uid'] === at(deployment, 'metadata', 'uid'),
      ),
    )
    .sort((a, b) => (text(a, 'metadata', 'creationTimestamp') < text(b, 'metadata', 'creationTimestamp') ? -1 : 1));
};

/** The revisions of a DaemonSet or StatefulSet, oldest first. */
export const controllerRevisions = (session: Session, { object, namespace }: Info): Obj[] => {
  const selector = labelSelectorText(at(object, 'spec', 'selector') as Obj);
  const found = session.rest.get(`/apis/apps/v1/namespaces/${namespace}/controllerrevisions`, {
    query: { labelSelector: selector },
  });
  return list(found, 'items')
    .filter((each) =>
      list(each, 'metadata', 'ownerReferences').some((owner) => owner['uid'] === at(object, 'metadata', 'uid')),
    )
    .sort((a, b) => num(a, 'revision') - num(b, 'revision'));
};

/** A DaemonSet or StatefulSet as a revision had it. */
export const restored = (info: Info, revision: Obj): Obj =>
  applyStrategicMergePatch(info.object, revision['data'] as Obj, `io.k8s.api.apps.v1.${info.mapping.kind}`) as Obj;

export const revisionOf = (object: Obj): number => Number(record(object, 'metadata', 'annotations')[REVISION] ?? 0);

/** A Pod template without the hash label that its controller added. */
export const withoutHash = (template: Obj): Obj => {
  const labels = { ...record(template, 'metadata', 'labels') };
  delete labels[HASH];
  const { metadata } = template;
  return withAt(
    { ...template, metadata: withAt(metadata, ['creationTimestamp'], undefined) },
    ['metadata', 'labels'],
    Object.keys(labels).length > 0 ? labels : undefined,
  );
};

export const sameTemplate = (a: Obj, b: Obj): boolean => goJson(withoutHash(a)) === goJson(withoutHash(b));

/** The ReplicaSet of a Deployment's present template. */
export const newReplicaSet = (deployment: Obj, replicaSets: readonly Obj[]): Obj | undefined =>
  replicaSets.find((each) =>
    sameTemplate(at(each, 'spec', 'template') as Obj, at(deployment, 'spec', 'template') as Obj),
  );

export const replicas = (object: Obj): number =>
  at(object, 'spec', 'replicas') === undefined ? 1 : num(object, 'spec', 'replicas');
