/**
 * What one container has used of its machine: the counters that a cgroup keeps. CPU is spent in pieces of work, which
 * take their time, or burnt steadily by loops. With a limit everything takes longer: a container is throttled.
 */
export class ResourceUse {
  /** Memory that its processes hold beyond what its image needs to run, bytes. */
  memoryBytes = 0;
  #limitCores: number;
  #spentMs = 0;
  #burningCores = 0;
  #burningSinceMs = 0;
  #busyUntilMs = 0;

  constructor(limitCores = Infinity) {
    this.#limitCores = limitCores;
  }

  /** CPU time used by now, milliseconds of one core. */
  cpuMs(nowMs: number): number {
    const burning = Math.min(this.#burningCores, this.#limitCores);
    return this.#spentMs + burning * (nowMs - this.#burningSinceMs);
  }

  /** From now on it gets so many cores at most. */
  limit(cores: number, nowMs: number): void {
    this.#spentMs = this.cpuMs(nowMs);
    this.#burningSinceMs = nowMs;
    this.#limitCores = cores;
  }

  /** Something small was done, and took no time to speak of. */
  spend(cpuMs: number): void {
    this.#spentMs += cpuMs;
  }

  /** From now on so many cores more (or fewer) are kept busy. */
  burn(cores: number, nowMs: number): void {
    this.#spentMs = this.cpuMs(nowMs);
    this.#burningSinceMs = nowMs;
    this.#burningCores += cores;
  }

  /**
   * Takes on a piece of work; returns how long it is until it is done, milliseconds. One piece keeps one core busy;
   * below that limit pieces wait for one another.
   */
  work(cpuMs: number, nowMs: number): number {
    this.#spentMs += cpuMs;
    if (this.#limitCores >= 1) return cpuMs;
    this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + cpuMs / this.#limitCores;
    return this.#busyUntilMs - nowMs;
  }
}
