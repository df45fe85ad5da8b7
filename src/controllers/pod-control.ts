import { apiVersionOf, type Kind } from '../api/kind.ts';
import { PodKind } from '../api/core/pod.ts';
import { ownerReference } from '../api/meta.ts';
import { checkDnsSubdomain, maskTrailingDash } from '../api/names.ts';
import type { KubeObject, Manifest } from '../api/object.ts';
import { ApiError, hasReason } from '../api/status.ts';
import type { Pod, PodTemplateSpec } from '../api/types.ts';
import type { Client, EventRecorder, EventSubject, ResourceClient } from '../client/index.ts';

/** Pods are made from templates that the API server has read already. */
const WELL_FORMED = { trusted: true } as const;

/** The refusal is because the namespace is going away: nothing can be created there any more. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false);

export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A Pod of a template, owned by a controller; the server chooses its name. */
export function podFromTemplate<O extends KubeObject>(
  { metadata, spec }: PodTemplateSpec,
  owner: O,
  ownerKind: Kind<O>,
): Manifest<Pod> {
  const prefix = `${owner.metadata.name}-`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: checkDnsSubdomain(maskTrailingDash(prefix)).length === 0 ? prefix : owner.metadata.name,
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata?.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [ownerReference(owner, ownerKind)],
    },
    spec: spec!,
  };
}

/** Creates and deletes Pods on behalf of a controller and tells of it in events about the owner. */
export class PodControl {
  readonly #pods: ResourceClient<Pod>;
  readonly #recorder: EventRecorder;

  constructor(client: Client, recorder: EventRecorder) {
    this.#pods = client.resource(PodKind);
    this.#recorder = recorder;
  }

  create<O extends KubeObject>(pod: Manifest<Pod>, owner: O, ownerKind: Kind<O>): Pod {
    const subject = subjectOf(owner, ownerKind);
    try {
      const created = this.#pods.create(pod, WELL_FORMED);
      this.#recorder.event(subject, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (!isNamespaceTerminating(error)) {
        this.#recorder.event(subject, 'Warning', 'FailedCreate', `Error creating: ${errorText(error)}`);
      }
      throw error;
    }
  }

  delete<O extends KubeObject>(name: string, owner: O, ownerKind: Kind<O>): void {
    const subject = subjectOf(owner, ownerKind);
    try {
      this.#pods.delete(name, owner.metadata.namespace);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) {
        this.#recorder.event(subject, 'Warning', 'FailedDelete', `Error deleting: ${errorText(error)}`);
      }
      throw error;
    }
    this.#recorder.event(subject, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
  }
}

/** The owner as events refer to it; objects in lists may lack their apiVersion and kind. */
export const subjectOf = <O extends KubeObject>(owner: O, kind: Kind<O>): EventSubject => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  metadata: owner.metadata,
});
