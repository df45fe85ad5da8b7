import type { HorizontalPodAutoscaler } from '../../api/types.ts';

export type Rules = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']['behavior']>['scaleUp']>;

interface Moment {
  readonly replicas: number;
  readonly atMs: number;
}

/** How many replicas are allowed, and what limits them. */
export interface Limited {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

/** What a limit is applied to. */
export interface Step {
  readonly current: number;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
}

const WITHIN = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' };
const TOO_MANY = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const TOO_FEW = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const TOO_FAST_UP = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const TOO_FAST_DOWN = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};
const STABLE_UP = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
const STABLE_DOWN = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};

/** Without rules an autoscaler waits this long before it scales down: --horizontal-pod-autoscaler-downscale-stabilization. */
export const DOWNSCALE_STABILIZATION_SECONDS = 300;

/** Without rules it at most doubles the replicas at once, but may always go to four. */
const UP_FACTOR = 2;
const UP_MINIMUM = 4;

/** What was recommended and done lately for one autoscaler: windows and rates look back on it. */
export class ReplicaHistory {
  #recommended: Moment[];
  #added: Moment[] = [];
  #removed: Moment[] = [];

  constructor(replicas: number, nowMs: number) {
    this.#recommended = [{ replicas, atMs: nowMs }];
  }

  /** Remembers that the target was scaled. */
  scaled(from: number, to: number, nowMs: number): void {
    const moment = { replicas: Math.abs(to - from), atMs: nowMs };
    if (to > from) this.#added.push(moment);
    else this.#removed.push(moment);
  }

  /** The highest recommendation of the window, of an autoscaler without rules. */
  stabilize(desired: number, nowMs: number): Limited {
    const sinceMs = nowMs - DOWNSCALE_STABILIZATION_SECONDS * 1000;
    this.#recommended = this.#recommended.filter(({ atMs }) => atMs >= sinceMs);
    const replicas = Math.max(desired, ...this.#recommended.map((each) => each.replicas));
    this.#recommended.push({ replicas: desired, atMs: nowMs });
    return { replicas, ...STABLE_DOWN };
  }

  /**
   * As near to the current number as the recommendations of both windows allow: up to the lowest of the one, down to
   * the highest of the other.
   */
  stabilizeBy(up: Rules, down: Rules, { current, desired }: Step, nowMs: number): Limited {
    const upMs = nowMs - (up.stabilizationWindowSeconds ?? 0) * 1000;
    const downMs = nowMs - (down.stabilizationWindowSeconds ?? DOWNSCALE_STABILIZATION_SECONDS) * 1000;
    let lowest = desired;
    let highest = desired;
    for (const { replicas, atMs } of this.#recommended) {
      if (atMs > upMs) lowest = Math.min(lowest, replicas);
      if (atMs > downMs) highest = Math.max(highest, replicas);
    }
    const oldestMs = Math.min(upMs, downMs);
    this.#recommended = this.#recommended.filter(({ atMs }) => atMs >= oldestMs);
    this.#recommended.push({ replicas: desired, atMs: nowMs });
    const replicas = Math.min(Math.max(current, lowest), highest);
    return { replicas, ...(desired >= current ? STABLE_UP : STABLE_DOWN) };
  }

  /** Keeps a step within the bounds and the rates of the rules. */
  limitBy(up: Rules, down: Rules, { current, desired, min, max }: Step, nowMs: number): Limited {
    this.#forget(up, down, nowMs);
    if (desired > current) {
      const rate = Math.max(this.#upLimit(up, current, nowMs), current);
      const allowed = Math.min(max, rate);
      if (desired > allowed) return { replicas: allowed, ...(max > rate ? TOO_FAST_UP : TOO_MANY) };
    } else if (desired < current) {
      const rate = Math.min(this.#downLimit(down, current, nowMs), current);
      const allowed = Math.max(min, rate);
      if (desired < allowed) return { replicas: allowed, ...(min < rate ? TOO_FAST_DOWN : TOO_FEW) };
    }
    return { replicas: desired, ...WITHIN };
  }

  /** The number at the start of a policy's period: without what has been added and removed since. */
  #atStart(current: number, periodSeconds: number, nowMs: number): number {
    const sinceMs = nowMs - periodSeconds * 1000;
    const since = (moments: readonly Moment[]): number =>
      moments.reduce((sum, { replicas, atMs }) => (atMs > sinceMs ? sum + replicas : sum), 0);
    return current - since(this.#added) + since(this.#removed);
  }

  #upLimit({ selectPolicy, policies = [] }: Rules, current: number, nowMs: number): number {
    if (selectPolicy === 'Disabled') return current;
    const limits = policies.map(({ type, value, periodSeconds }) => {
      const start = this.#atStart(current, periodSeconds, nowMs);
      return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
    });
    return selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
  }

  /** For scaling down the smallest change leaves the largest number. */
  #downLimit({ selectPolicy, policies = [] }: Rules, current: number, nowMs: number): number {
    if (selectPolicy === 'Disabled') return current;
    const limits = policies.map(({ type, value, periodSeconds }) => {
      const start = this.#atStart(current, periodSeconds, nowMs);
      return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
    });
    return selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
  }

  #forget(up: Rules, down: Rules, nowMs: number): void {
    const longest = Math.max(
      0,
      ...[...(up.policies ?? []), ...(down.policies ?? [])].map((each) => each.periodSeconds),
    );
    const recent = ({ atMs }: Moment): boolean => atMs >= nowMs - longest * 1000;
    this.#added = this.#added.filter(recent);
    this.#removed = this.#removed.filter(recent);
  }
}

/** Keeps a step of an autoscaler without rules within its bounds. */
export function limit({ current, desired, min, max }: Step): Limited {
  const rate = Math.max(UP_FACTOR * current, UP_MINIMUM);
  const allowed = Math.min(max, rate);
  if (desired < min) return { replicas: min, ...TOO_FEW };
  if (desired > allowed) return { replicas: allowed, ...(max > rate ? TOO_FAST_UP : TOO_MANY) };
  return { replicas: desired, ...WITHIN };
}
