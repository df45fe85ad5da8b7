import type { ContainerInstance, PodRecord, Sandbox } from './cri.ts';

/** Dead instances kept per container, besides the newest. */
const KEPT_DEAD = 1;

interface Draft {
  readonly uid: string;
  sandboxes: Sandbox[];
  containers: ContainerInstance[];
}

/** What a runtime remembers of its node's Pods, newest first; old dead containers are dropped as new ones come. */
export class PodRecords {
  readonly #pods = new Map<string, Draft>();
  readonly #bySandbox = new Map<string, Draft>();
  readonly #byContainer = new Map<string, ContainerInstance>();

  get(uid: string): PodRecord | undefined {
    return this.#pods.get(uid);
  }

  all(): Iterable<PodRecord> {
    return this.#pods.values();
  }

  podOfSandbox(id: string): PodRecord | undefined {
    return this.#bySandbox.get(id);
  }

  sandbox(id: string): Sandbox | undefined {
    return this.#bySandbox.get(id)?.sandboxes.find((sandbox) => sandbox.id === id);
  }

  container(id: string): ContainerInstance | undefined {
    return this.#byContainer.get(id);
  }

  addSandbox(sandbox: Sandbox): void {
    const { uid } = sandbox.config;
    let pod = this.#pods.get(uid);
    if (!pod) this.#pods.set(uid, (pod = { uid, sandboxes: [], containers: [] }));
    // Exactly sized: most lists hold one element for as long as the Pod lives.
    pod.sandboxes = [sandbox, ...pod.sandboxes];
    this.#bySandbox.set(sandbox.id, pod);
  }

  /** Returns the instances that were dropped to make room. */
  addContainer(instance: ContainerInstance): readonly ContainerInstance[] {
    const pod = this.#bySandbox.get(instance.sandboxId);
    if (!pod) return [];
    pod.containers = [instance, ...pod.containers];
    this.#byContainer.set(instance.id, instance);
    const { name } = instance.config;
    const older = pod.containers.filter((other) => other.config.name === name && other !== instance);
    const dropped = older.slice(KEPT_DEAD).filter(({ state }) => state === 'exited');
    for (const { id } of dropped) this.removeContainer(id);
    return dropped;
  }

  removeContainer(id: string): void {
    const instance = this.#byContainer.get(id);
    if (!instance) return;
    this.#byContainer.delete(id);
    const pod = this.#bySandbox.get(instance.sandboxId);
    if (pod) pod.containers = pod.containers.filter((other) => other !== instance);
  }

  /** Removes a sandbox with its containers; the Pod goes with its last sandbox. */
  removeSandbox(id: string): void {
    const pod = this.#bySandbox.get(id);
    if (!pod) return;
    for (const { id: container, sandboxId } of pod.containers)
      if (sandboxId === id) this.#byContainer.delete(container);
    pod.containers = pod.containers.filter(({ sandboxId }) => sandboxId !== id);
    pod.sandboxes = pod.sandboxes.filter((sandbox) => sandbox.id !== id);
    this.#bySandbox.delete(id);
    if (pod.sandboxes.length === 0) this.#pods.delete(pod.uid);
  }
}
