import type { UntypedObject } from '../api/object.ts';
import { CelError, compileCel } from './cel.ts';
import type { CheckDefinition, LabSetup } from './definition.ts';
import type { CheckState, CheckStatus, ShownSpan } from './protocol.ts';

/** The objects that a frame shows, as checks look at them. */
export interface ShownStore {
  ofKind(kind: string): Iterable<UntypedObject>;
}

interface Check {
  readonly step: string;
  readonly definition: CheckDefinition;
  /** A field that is not there yet is no error in a check: it does not hold. */
  readonly test: (value: unknown) => boolean;
  /** Virtual time at which it first held; undefined until then. */
  since: number | undefined;
  status: CheckStatus;
  readonly detail?: string;
}

const matches = (
  { name, namespace, labels }: NonNullable<CheckDefinition['on']>,
  { metadata }: UntypedObject,
): boolean =>
  (name === undefined || metadata.name === name) &&
  (namespace === undefined || metadata.namespace === namespace) &&
  Object.entries(labels ?? {}).every(([key, value]) => metadata.labels?.[key] === value);

/**
 * The checks of a lab, kept up to date with what is shown. A check on objects holds or not at the moment shown; a
 * check on the trace holds from the first span on that satisfies it. What held once stays done.
 */
export class CheckBoard {
  readonly #checks: Check[];
  #changed = true;

  constructor(steps: LabSetup['steps']) {
    this.#checks = steps.flatMap(({ id: step, checks }) =>
      checks.map((definition): Check => {
        const base = { step, definition, since: undefined };
        try {
          const scope =
            definition.trace !== undefined ? 'span' : definition.on?.name !== undefined ? 'object' : 'objects';
          const test = compileCel(scope, definition.trace ?? definition.cel ?? 'false');
          return { ...base, test, status: 'pending' };
        } catch (error) {
          if (!(error instanceof CelError)) throw error;
          return { ...base, test: () => false, status: 'broken', detail: error.message };
        }
      }),
    );
  }

  /** Tells of spans that ended. */
  spans(spans: readonly ShownSpan[]): void {
    const open = this.#checks.filter(
      (c) => c.definition.trace !== undefined && c.since === undefined && c.status !== 'broken',
    );
    for (const check of open) {
      const found = spans.find((span) => check.test(span));
      if (found) check.since = found.end;
    }
  }

  /**
   * Evaluates what may have changed: checks on these kinds (undefined: on all), at virtual time `shownTime`.
   * `live` is false while the past is shown, which earns no new ticks.
   */
  evaluate(store: ShownStore, kinds: ReadonlySet<string> | undefined, shownTime: number, live: boolean): void {
    for (const check of this.#checks) {
      if (check.status === 'broken') continue;
      const { on, trace } = check.definition;
      const done = check.since !== undefined && check.since <= shownTime;
      if (trace !== undefined) {
        this.#set(check, done ? 'passed' : 'pending');
        continue;
      }
      if (on === undefined || (kinds !== undefined && !kinds.has(on.kind))) continue;
      const now = this.#holdsOver(check, on, store);
      if (now && live) check.since ??= shownTime;
      this.#set(check, now ? 'passed' : done ? 'kept' : 'pending');
    }
  }

  /** Forgets what was achieved after a time, because history goes on differently from there. */
  forgetAfter(time: number): void {
    for (const check of this.#checks) if (check.since !== undefined && check.since > time) check.since = undefined;
    this.#changed = true;
  }

  /** The state of every check when any changed since the last call, else undefined. */
  takeChanges(): CheckState[] | undefined {
    return this.#changed ? this.all() : undefined;
  }

  /** The state of every check. */
  all(): CheckState[] {
    this.#changed = false;
    return this.#checks.map(({ step, definition, status, detail }) => ({
      step,
      id: definition.id,
      state: status,
      ...(detail === undefined ? {} : { detail }),
    }));
  }

  #holdsOver(check: Check, on: NonNullable<CheckDefinition['on']>, store: ShownStore): boolean {
    const objects: UntypedObject[] = [];
    for (const object of store.ofKind(on.kind)) if (matches(on, object)) objects.push(object);
    if (on.name === undefined) return check.test(objects);
    return objects.some((object) => check.test(object));
  }

  #set(check: Check, status: CheckStatus): void {
    if (check.status === status) return;
    check.status = status;
    this.#changed = true;
  }
}
