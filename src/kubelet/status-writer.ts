import { PodKind } from '../api/core/pod.ts';
import { ApiError } from '../api/status.ts';
import type { Pod, PodStatus } from '../api/types.ts';
import type { Client } from '../client/index.ts';
import { statusPatch } from './status-patch.ts';

/** Writes Pod statuses to the API server as PATCHes of what changed (the kubelet's status manager). */
export class StatusWriter {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Makes the server's status of `pod` say `status`. Returns the Pod as the server has it afterwards; undefined
   * when it is gone, another of its name has taken its place, or the server refuses: the next sync tries again.
   */
  write(pod: Pod, status: PodStatus): Pod | undefined {
    const patch = statusPatch(pod.status ?? {}, status);
    if (!patch) return pod;
    const { name, namespace, uid } = pod.metadata;
    const body = { metadata: { uid }, status: patch };
    try {
      return this.#client.resource(PodKind).patch(name, namespace, 'strategic', body, { subresource: 'status' });
    } catch (error) {
      if (error instanceof ApiError) return undefined;
      throw error;
    }
  }

  /** Removes a Pod whose containers are gone from the API: the last step of a graceful deletion. */
  finish(pod: Pod): void {
    const { name, namespace, uid } = pod.metadata;
    try {
      this.#client.resource(PodKind).delete(name, namespace, {
        gracePeriodSeconds: 0,
        ...(uid ? { preconditions: { uid } } : {}),
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
}
