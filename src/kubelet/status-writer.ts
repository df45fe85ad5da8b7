import { PodKind } from '../api/core/pod.ts';
import { ApiError } from '../api/status.ts';
import type { Pod, PodCondition, PodStatus } from '../api/types.ts';
import type { Client } from '../client/index.ts';
import { equal } from '../api/draft.ts';

type StatusFields = Record<string, unknown>;

/** Fields that go away again when the kubelet no longer says them. */
const REMOVABLE = ['message', 'reason', 'ephemeralContainerStatuses'] as const;

/** Details that a condition may stop giving. */
const OPTIONAL = ['message', 'reason'] as const;

/** The condition, with a null for each detail that it no longer gives. */
function withRemovals(before: PodCondition, condition: PodCondition): object {
  let patch: StatusFields | undefined;
  for (const key of OPTIONAL) {
    if (before[key] === undefined || condition[key] !== undefined) continue;
    patch ??= { ...condition };
    patch[key] = null;
  }
  return patch ?? condition;
}

/** A strategic merge patch of conditions: those that changed, with nulls for what they no longer say, and the order of all. */
function conditionsPatch(old: readonly PodCondition[], next: readonly PodCondition[]): StatusFields {
  const changed: object[] = [];
  for (const condition of next) {
    const before = old.find(({ type }) => type === condition.type);
    if (before && equal(before, condition)) continue;
    changed.push(before ? withRemovals(before, condition) : condition);
  }
  const kept = old.filter(({ type }) => !next.some((condition) => condition.type === type));
  const all = kept.length === 0 ? next : [...next, ...kept];
  return { '$setElementOrder/conditions': orderOf(all), conditions: changed };
}

/** The order that was said last: nearly all Pods have the same conditions. */
let lastOrder: readonly { readonly type: string }[] = [];

function orderOf(conditions: readonly PodCondition[]): readonly { readonly type: string }[] {
  const same = lastOrder.length === conditions.length && lastOrder.every(({ type }, i) => type === conditions[i]!.type);
  if (!same) lastOrder = conditions.map(({ type }) => ({ type }));
  return lastOrder;
}

/** What turns one status into the other, or undefined when nothing does. */
export function statusPatch(old: PodStatus, next: PodStatus): StatusFields | undefined {
  const before = old as StatusFields;
  const after = next as StatusFields;
  let patch: StatusFields | undefined;
  for (const key in after) {
    if (equal(before[key], after[key])) continue;
    patch ??= {};
    if (key === 'conditions') Object.assign(patch, conditionsPatch(old.conditions ?? [], next.conditions ?? []));
    else patch[key] = after[key];
  }
  for (const key of REMOVABLE) {
    if (before[key] === undefined || after[key] !== undefined) continue;
    patch ??= {};
    patch[key] = null;
  }
  return patch;
}

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
