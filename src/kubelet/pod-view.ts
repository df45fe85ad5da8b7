import type { Pod } from '../api/types.ts';
import { referenceTo, type EventReference } from '../client/index.ts';
import type { ActionTarget } from './actions.ts';
import type { ContainerEvent } from './image-puller.ts';
import { fieldPathOf, type ContainerRef } from './names.ts';
import type { ContainerInstance, PodRecord } from './runtime/cri.ts';
import type { WorkerContext } from './worker-context.ts';

/** A Pod as its worker and the worker's parts see it: the newest version, and what the runtime has of it. */
export class PodView {
  readonly context: WorkerContext;
  pod: Pod;

  constructor(context: WorkerContext, pod: Pod) {
    this.context = context;
    this.pod = pod;
  }

  get uid(): string {
    return this.pod.metadata.uid!;
  }

  get record(): PodRecord | undefined {
    return this.context.runtime.pod(this.uid);
  }

  get ips(): readonly string[] {
    const sandbox = this.record?.sandboxes[0];
    if (!sandbox) return [];
    return sandbox.config.hostNetwork ? this.context.hostIps : sandbox.ips;
  }

  /** A container as probes and hooks reach it. */
  target({ container }: ContainerRef, instance: ContainerInstance): ActionTarget {
    const hostIp = this.context.hostIps[0] ?? '';
    return { pod: this.pod, container, instance, podIp: this.ips[0] ?? hostIp, hostIp };
  }

  /** Records an event about the Pod. */
  event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.context.recorder.event(this.pod, type, reason, message);
  }

  /** Records events about one of its containers. */
  eventOf(ref: ContainerRef): ContainerEvent {
    const fieldPath = fieldPathOf(ref);
    let about: Pod | undefined;
    let reference: EventReference | undefined;
    return (type, reason, message) => {
      if (!reference || about !== this.pod) reference = referenceTo((about = this.pod), fieldPath);
      this.context.recorder.event(reference, type, reason, message);
    };
  }
}
