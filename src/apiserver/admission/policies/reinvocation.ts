import { equal } from '../../../api/draft.ts';
import type { AdmissionRequest } from '../admission.ts';

/**
 * Which policies or webhooks of one plugin are called again in the second round: those that want it and were called
 * before something changed (reinvocationPolicy: IfNeeded).
 */
export class Reinvocations {
  readonly #called = new Set<string>();
  readonly #due = new Set<string>();
  #output: unknown;

  /** The notes of a plugin for a request; they are kept from the first round to the second. */
  static of(request: AdmissionRequest, plugin: string): Reinvocations | undefined {
    return request.reinvocation?.notes.get(plugin) as Reinvocations | undefined;
  }

  /** Has the mutating plugins run once more. */
  static ask(request: AdmissionRequest, plugin: string, notes: Reinvocations): void {
    request.reinvocation ??= { underway: false, notes: new Map() };
    request.reinvocation.notes.set(plugin, notes);
  }

  /** The second round begins: what others changed since is a reason to call everyone again. */
  begin(object: unknown): void {
    if (!equal(this.#output, object)) this.changed();
  }

  /** Somebody changed the object: those called so far are to see it. */
  changed(): void {
    for (const key of this.#called) this.#due.add(key);
    this.#called.clear();
  }

  called(key: string): void {
    this.#called.add(key);
  }

  isDue(key: string): boolean {
    return this.#due.has(key);
  }

  /** The round ends with the object as it is now. */
  end(object: unknown): void {
    this.#output = structuredClone(object);
  }
}
