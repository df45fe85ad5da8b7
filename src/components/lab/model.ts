import { signal } from '@preact/signals';
import type { UntypedObject } from '../../api/object.ts';
import type { CheckState, Frame, ShownSpan } from '../../lab/protocol.ts';
import { DECISION } from '../../scheduler/decision.ts';
import { withoutRoutine } from './projection/timeline.ts';

/** Where time stands, as the last frame said. */
export type ClockState = Omit<
  Frame,
  'upserts' | 'deletes' | 'spans' | 'checks' | 'message' | 'telling' | 'inputs' | 'reset' | 'resetSpans'
>;

/** What the reader chose to see in detail: an object by its key, or a span by its id. */
export type Selection =
  { readonly type: 'object'; readonly key: string } | { readonly type: 'span'; readonly id: number };

/** Spans kept for the timeline. Heartbeats and probes go first, then the oldest. */
const MAX_SPANS = 12_000;

/**
 * The page's copy of what a lab's cluster shows, built from its frames. The collections are updated in place; a
 * view reads `objectsVersion` or `spansVersion` to be drawn again when they change.
 */
export class LabModel {
  readonly clock = signal<ClockState | undefined>(undefined);
  readonly objectsVersion = signal(0);
  readonly spansVersion = signal(0);
  /** Things that happened long ago are no longer among the spans. */
  readonly spansDropped = signal(false);
  readonly checks = signal<readonly CheckState[]>([]);
  /** What the scheduler decided before history was begun anew, to compare with. */
  readonly earlierRun = signal<readonly ShownSpan[]>([]);
  /** Revisions that tell a reader something, the oldest that can be shown first. */
  readonly stops = signal<readonly number[]>([]);
  readonly selection = signal<Selection | undefined>(undefined);
  readonly #byKind = new Map<string, Map<string, UntypedObject>>();
  readonly #objects = new Map<string, UntypedObject>();
  readonly #spans = new Map<number, ShownSpan>();

  /** Every object shown, by key. */
  get objects(): ReadonlyMap<string, UntypedObject> {
    return this.#objects;
  }

  /** The spans that are kept, by id. */
  get spans(): ReadonlyMap<number, ShownSpan> {
    return this.#spans;
  }

  ofKind(kind: string): ReadonlyMap<string, UntypedObject> {
    return this.#byKind.get(kind) ?? new Map<string, UntypedObject>();
  }

  apply(frame: Frame): void {
    const { upserts, deletes, spans, checks, telling, message: _message, inputs: _inputs, reset, ...rest } = frame;
    const { resetSpans, ...clock } = rest;
    if (reset) {
      this.#objects.clear();
      this.#byKind.clear();
    }
    for (const key of deletes) this.#delete(key);
    for (const { key, object } of upserts) this.#put(key, object);
    if (reset || deletes.length > 0 || upserts.length > 0) this.objectsVersion.value++;

    if (resetSpans) this.#forgetSpans();
    for (const span of spans) this.#spans.set(span.id, span);
    if (resetSpans || spans.length > 0) {
      this.#dropOldSpans();
      this.spansVersion.value++;
    }
    if (checks) this.checks.value = checks;
    this.#addStops(reset, clock.oldestRevision, telling ?? []);
    this.clock.value = clock;
  }

  #put(key: string, object: UntypedObject): void {
    this.#objects.set(key, object);
    let kind = this.#byKind.get(object.kind);
    if (!kind) this.#byKind.set(object.kind, (kind = new Map<string, UntypedObject>()));
    kind.set(key, object);
  }

  #addStops(reset: boolean, oldest: number, telling: readonly number[]): void {
    const known = this.stops.peek();
    if (!reset && telling.length === 0 && known[0] === oldest) return;
    const kept = reset ? [] : known;
    this.stops.value = [oldest, ...[...kept, ...telling].filter((revision) => revision > oldest)];
  }

  #delete(key: string): void {
    const object = this.#objects.get(key);
    if (!object) return;
    this.#objects.delete(key);
    this.#byKind.get(object.kind)?.delete(key);
  }

  #forgetSpans(): void {
    const decisions = [...this.#spans.values()].filter(({ attributes }) => attributes[DECISION] !== undefined);
    if (decisions.length > 0) this.earlierRun.value = decisions;
    this.#spans.clear();
    this.spansDropped.value = false;
  }

  #dropOldSpans(): void {
    if (this.#spans.size <= MAX_SPANS) return;
    const ordered = [...this.#spans.values()].sort((a, b) => a.id - b.id);
    const recent = ordered.slice(-MAX_SPANS / 4);
    const telling = withoutRoutine(ordered.slice(0, -MAX_SPANS / 4));
    const kept = telling.slice(-MAX_SPANS / 2);
    if (kept.length < telling.length) this.spansDropped.value = true;
    this.#spans.clear();
    for (const span of [...kept, ...recent]) this.#spans.set(span.id, span);
  }
}
