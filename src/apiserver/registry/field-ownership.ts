/**
 * Who manages which fields of an object. Every write notes who wrote, when, and from which version to which; the sets of
 * fields (metadata.managedFields) are worked out when somebody wants to see them, from what differs between the versions.
 */
import {
  afterUpdate,
  decodeManagers,
  encodeManagers,
  type ManagedFieldsEntry,
  type Manager,
} from '../../api/apply/managers.ts';
import { formatTime, parseTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { FieldWriter } from './field-writers.ts';
import { onlyChange, valueAt, type FieldPath } from './only-change.ts';

/** So many writes may wait to be worked out; one more, and they are, so that old versions can go. */
const LONGEST_WAIT = 24;

/**
 * Where an object's metadata keeps its note: a key that JSON, comparisons and loops over fields do not see, and that
 * copies of the metadata take along.
 */
const NOTE = Symbol('field ownership');

/** Where a draft keeps the managers that the body of a request named. */
const NAMED = Symbol('named managers');

const NOBODY: readonly Manager[] = [];

/** One write to work out, and then what came of it. */
class Note {
  /** How many writes of the object wait, this one included. */
  waiting: number;
  #writer: FieldWriter | undefined;
  readonly #seconds: number;
  /** The version that was written to; undefined for a creation. */
  #before: UntypedObject | undefined;
  /** The object as it was written: as the client gave it, before admission completed it. */
  #after: UntypedObject | undefined;
  /**
   * The managers, once they have been worked out. Until then the only field that the write changed, null when there are
   * more; undefined as long as nobody has looked.
   */
  #found: readonly Manager[] | FieldPath | null | undefined;

  constructor(
    writer: FieldWriter | undefined,
    seconds: number,
    before: UntypedObject | undefined,
    after: UntypedObject | undefined,
    waiting: number,
  ) {
    this.#writer = writer;
    this.#seconds = seconds;
    this.#before = before;
    this.#after = after;
    this.waiting = waiting;
  }

  /**
   * This write and one more as one, where both are by the same writer and change the same single field, as the renewals
   * of a lease are: whoever wrote last manages it, whatever stood there in between.
   */
  with(writer: FieldWriter, seconds: number, before: UntypedObject, after: UntypedObject): Note | undefined {
    const first = this.#before;
    if (this.#writer !== writer || !first || !this.#after) return undefined;
    if (this.#found === undefined) this.#found = onlyChange(first, this.#after) ?? null;
    if (this.#found === null) return undefined;
    const known = this.#found as FieldPath;
    const only = onlyChange(before, after);
    if (only?.field !== known.field || only.part !== known.part) return undefined;
    if (valueAt(first, only) === valueAt(after, only)) return undefined;
    const note = new Note(writer, seconds, first, after, this.waiting);
    note.#found = only;
    return note;
  }

  /** A note that says who manages what, with nothing to work out. */
  static of(managers: readonly Manager[]): Note {
    const note = new Note(undefined, 0, undefined, undefined, 0);
    note.#found = managers;
    return note;
  }

  /** The managers; worked out once, after which the versions are let go. */
  get managers(): readonly Manager[] {
    const writer = this.#writer;
    if (!writer) return this.#found as readonly Manager[];
    const before = this.#before;
    const earlier = before ? managersOf(before) : NOBODY;
    const managers = afterUpdate(
      earlier,
      writer,
      formatTime(this.#seconds * 1000),
      before,
      this.#after,
      writer.schema,
      writer.ignored,
    );
    this.#writer = this.#before = this.#after = undefined;
    this.waiting = 0;
    this.#found = managers;
    return managers;
  }
}

interface Noted {
  /** Of an object that was written once, as its client gave it, only the writer: all else the object says itself. */
  [NOTE]?: Note | FieldWriter;
  [NAMED]?: readonly Manager[];
}

const noted = (object: UntypedObject): Noted => object.metadata as Noted;

function noteOf(object: UntypedObject): Note | undefined {
  const metadata = noted(object);
  const note = metadata[NOTE];
  if (note === undefined || note instanceof Note) return note;
  const seconds = parseTime(object.metadata.creationTimestamp!) / 1000;
  return (metadata[NOTE] = new Note(note, seconds, undefined, object, 1));
}

/** Who manages the fields of an object; nobody where no notes were taken. */
export const managersOf = (object: UntypedObject): readonly Manager[] => noteOf(object)?.managers ?? NOBODY;

/** Whether there is anything to show as metadata.managedFields, which managedFieldsOf() works out. */
export function isManaged(object: UntypedObject): boolean {
  const note = noteOf(object);
  return note !== undefined && (note.waiting > 0 || note.managers.length > 0);
}

/** metadata.managedFields of an object, as the API shows it. */
export const managedFieldsOf = (object: UntypedObject): ManagedFieldsEntry[] => encodeManagers(managersOf(object));

/** Says who manages the fields of an object that is about to be written. */
export function setManagers(object: UntypedObject, managers: readonly Manager[]): void {
  noted(object)[NOTE] = Note.of(managers);
}

/** Keeps the managers that a body names; where it names none, those of the object stay. */
export function nameManagers(draft: UntypedObject, entries: readonly ManagedFieldsEntry[]): void {
  const managers = decodeManagers(entries);
  const reset = entries.length === 1 && Object.keys(entries[0]!).length === 0;
  if (managers.length > 0 || reset) noted(draft)[NAMED] = managers;
}

/** The managers that the body of a request named, if it named any; they are taken off the draft. */
export function namedManagers(draft: UntypedObject): readonly Manager[] | undefined {
  const metadata = noted(draft);
  const managers = metadata[NAMED];
  if (managers) delete metadata[NAMED];
  return managers;
}

/** Notes a write: `object` is what comes of it, `after` what the client gave, where that is something else. */
export function noteWrite(
  object: UntypedObject,
  before: UntypedObject | undefined,
  writer: FieldWriter,
  now: number,
  after = object,
): void {
  const earlier = before && noteOf(before);
  if (before && !earlier) return;
  if (!before && after === object) {
    noted(object)[NOTE] = writer;
    return;
  }
  const seconds = Math.floor(now / 1000);
  const joined = before && after === object ? earlier?.with(writer, seconds, before, object) : undefined;
  const note = joined ?? new Note(writer, seconds, before, after, (earlier?.waiting ?? 0) + 1);
  if (note.waiting > LONGEST_WAIT) void note.managers;
  noted(object)[NOTE] = note;
}

/** Notes a write whose body named managers: those, and what the write takes beside. */
export function noteNamed(
  object: UntypedObject,
  before: UntypedObject,
  writer: FieldWriter,
  now: number,
  named: readonly Manager[],
): void {
  const managers =
    named.length === 0
      ? named
      : afterUpdate(named, writer, formatTime(now), before, object, writer.schema, writer.ignored);
  setManagers(object, managers);
}
