import { semanticallyEqual } from '../api/draft.ts';
import { formatTime } from '../api/meta.ts';
import type { Container, Pod, PodCondition } from '../api/types.ts';
import { limitsOf } from './container-limits.ts';
import { containersOf, type ContainerRef } from './names.ts';
import type { Refusal } from './pod-admission.ts';
import type { PodView } from './pod-view.ts';

type Spec = Pod['spec'];
type Resources = NonNullable<Container['resources']>;

/** The conditions that tell of a resize. */
export const RESIZE_CONDITIONS: readonly string[] = ['PodResizePending', 'PodResizeInProgress'];

const RESIZABLE = ['cpu', 'memory'] as const;

/** `{"containers":[…],"generation":2}`: what a resize comes to, as its events tell. */
function summary({ metadata, spec }: Pod, error?: string): string {
  const shown = (containers: readonly Container[] | undefined): object[] =>
    (containers ?? []).map(({ name, resources = {} }) => {
      const { limits, requests } = resources;
      return { name, resources: { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) } };
    });
  return JSON.stringify({
    ...(spec.initContainers ? { initContainers: shown(spec.initContainers) } : {}),
    containers: shown(spec.containers),
    generation: metadata.generation ?? 0,
    ...(error ? { error } : {}),
  });
}

/** Whether new amounts take effect only with a restart of the container. */
function needsRestart(next: Container, old: Container): boolean {
  return RESIZABLE.some((name) => {
    const policy = next.resizePolicy?.find(({ resourceName }) => resourceName === name)?.restartPolicy;
    const amounts = ({ resources }: Container): object => ({
      request: resources?.requests?.[name] ?? '',
      limit: resources?.limits?.[name] ?? '',
    });
    return policy === 'RestartContainer' && !semanticallyEqual(amounts(next), amounts(old));
  });
}

/** What the status tells of other resources that a Pod is to have. */
export interface ResizeStatus {
  /** What a container has, where that is not what the spec asks for. */
  resourcesOf(ref: ContainerRef): Resources | undefined;
  readonly conditions: readonly PodCondition[];
}

/**
 * The resources that a Pod has on its node, and how it comes to others that its spec asks for (KEP-1287): they are
 * allocated when they fit, and take effect at once or with a restart of the container.
 */
export class PodResize implements ResizeStatus {
  readonly #view: PodView;
  /** The spec whose resources the Pod has. */
  #allocated: Spec;
  #pending: { readonly refusal: Refusal; readonly generation: number | undefined; readonly since: number } | undefined;
  #started: number | undefined;

  constructor(view: PodView, allocated: Spec) {
    this.#view = view;
    this.#allocated = allocated;
  }

  /** Whether the Pod waits for resources that may become free. */
  get isDeferred(): boolean {
    return this.#pending?.refusal.reason === 'Deferred';
  }

  /**
   * Takes note of what the spec asks for now. Answers the containers that have to be restarted for it; undefined when
   * nothing begins.
   */
  begin(): ReadonlySet<string> | undefined {
    const { pod, context } = this.#view;
    const had = this.#allocated;
    if (had === pod.spec) return undefined;
    const changed = changedContainers(pod.spec, had);
    if (changed.length === 0) {
      this.#allocated = pod.spec;
      this.#pending = undefined;
      return undefined;
    }
    const refusal = context.resize(pod);
    if (refusal) {
      this.#refused(refusal);
      return undefined;
    }
    this.#allocated = pod.spec;
    this.#pending = undefined;
    this.#started = context.kernel.now;
    this.#view.event('Normal', 'ResizeStarted', `Pod resize started: ${summary(pod)}`);
    return new Set(changed.filter(([next, old]) => needsRestart(next, old)).map(([{ name }]) => name));
  }

  /** Lets all containers have what was allocated; false when there was nothing to do. */
  complete(): boolean {
    if (this.#started === undefined) return false;
    const { record, context, pod } = this.#view;
    for (const { container } of containersOf(pod)) {
      const instance = record?.containers.find(({ config }) => config.name === container.name);
      if (instance?.state === 'running') context.runtime.updateContainerResources(instance.id, limitsOf(container));
    }
    this.#started = undefined;
    this.#view.event('Normal', 'ResizeCompleted', `Pod resize completed: ${summary(this.#view.pod)}`);
    return true;
  }

  resourcesOf({ container, list }: ContainerRef): Resources | undefined {
    if (!this.#pending || list === 'ephemeralContainers') return undefined;
    return this.#allocated[list]?.find(({ name }) => name === container.name)?.resources;
  }

  get conditions(): readonly PodCondition[] {
    const { pod } = this.#view;
    const observedGeneration = pod.metadata.generation;
    const condition = (type: string, since: number, rest: Partial<PodCondition> = {}): PodCondition => ({
      lastProbeTime: null as unknown as string,
      lastTransitionTime: formatTime(since),
      ...rest,
      ...(observedGeneration ? { observedGeneration } : {}),
      status: 'True',
      type,
    });
    const list: PodCondition[] = [];
    if (this.#pending) list.push(condition('PodResizePending', this.#pending.since, this.#pending.refusal));
    if (this.#started !== undefined) list.push(condition('PodResizeInProgress', this.#started));
    return list;
  }

  #refused(refusal: Refusal): void {
    const { pod, context } = this.#view;
    const { generation } = pod.metadata;
    const before = this.#pending;
    const same = before?.refusal.reason === refusal.reason;
    this.#pending = { refusal, generation, since: same ? before.since : context.kernel.now };
    if (same && before.generation === generation && before.refusal.message === refusal.message) return;
    const { reason, message } = refusal;
    this.#view.event('Warning', `Resize${reason}`, `Pod resize ${reason}: ${summary(pod, message)}`);
  }
}

/** Containers whose resources are not what they were, with what they were. */
export function changedContainers(next: Spec, old: Spec): (readonly [next: Container, old: Container])[] {
  const before = new Map(containersOf({ spec: old } as Pod).map(({ container }) => [container.name, container]));
  return containersOf({ spec: next } as Pod).flatMap(({ container }) => {
    const was = before.get(container.name);
    return was &&
      was.resources !== container.resources &&
      !semanticallyEqual(was.resources ?? {}, container.resources ?? {})
      ? [[container, was] as const]
      : [];
  });
}
