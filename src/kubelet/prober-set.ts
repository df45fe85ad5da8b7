import type { Pod } from '../api/types.ts';
import type { ProbeVerdicts } from './container-status.ts';
import { containersOf, isSidecar, type ContainerRef } from './names.ts';
import { Prober, type ProbeHost, type ProbeType } from './prober.ts';
import type { ContainerInstance } from './runtime/cri.ts';

const TYPES: readonly ProbeType[] = ['startup', 'liveness', 'readiness'];

const NONE: readonly Prober[] = [];

/** The probers of one Pod. */
export class ProberSet implements ProbeVerdicts {
  #probers: readonly Prober[] | undefined;

  get empty(): boolean {
    return !this.#probers?.length;
  }

  /** Starts the probers that the Pod asks for and that do not run yet. */
  add(pod: Pod, makeHost: () => ProbeHost): void {
    if (this.#probers) return;
    let probers: Prober[] | undefined;
    let host: ProbeHost | undefined;
    for (const ref of containersOf(pod)) {
      if (ref.list === 'ephemeralContainers' || (ref.list === 'initContainers' && !isSidecar(ref))) continue;
      for (const type of TYPES) {
        const probe = ref.container[`${type}Probe`];
        if (probe) (probers ??= []).push(new Prober((host ??= makeHost()), ref, type, probe));
      }
    }
    this.#probers = probers ?? NONE;
  }

  find(container: string, type: ProbeType): Prober | undefined {
    return this.#probers?.find((prober) => prober.type === type && prober.ref.container.name === container);
  }

  started(instance: ContainerInstance, ref: ContainerRef): boolean {
    return instance.state === 'running' && this.passedStartup(instance, ref);
  }

  /** Whether the startup probe, if there is one, has succeeded; also of an instance that has ended since. */
  passedStartup(instance: ContainerInstance, ref: ContainerRef): boolean {
    const prober = this.find(ref.container.name, 'startup');
    return !prober || prober.verdictOf(instance) === 'success';
  }

  ready(instance: ContainerInstance, ref: ContainerRef): boolean {
    if (!this.started(instance, ref)) return false;
    const prober = this.find(ref.container.name, 'readiness');
    return !prober || prober.verdictOf(instance) === 'success';
  }

  /** Has the readiness probes of started containers that are not ready run now: a status was just made. */
  triggerUnready(newest: (container: string) => ContainerInstance | undefined): void {
    for (const prober of this.#probers ?? []) {
      if (prober.type !== 'readiness') continue;
      const instance = newest(prober.ref.container.name);
      if (instance && this.started(instance, prober.ref) && prober.verdictOf(instance) !== 'success') prober.trigger();
    }
  }

  /** The probe that condemned this instance, if one did. */
  condemned(instance: ContainerInstance, ref: ContainerRef): ProbeType | undefined {
    for (const type of ['liveness', 'startup'] as const) {
      const prober = this.find(ref.container.name, type);
      if (prober && prober.verdictOf(instance) === 'failure') return type;
    }
    return undefined;
  }

  /** Stops all, or those that could get a container restarted. */
  stop(which: 'all' | 'restarting' = 'all'): void {
    for (const prober of this.#probers ?? []) if (which === 'all' || prober.type !== 'readiness') prober.stop();
    if (which === 'all') this.#probers = NONE;
  }
}
