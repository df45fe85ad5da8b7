/**
 * Who manages which fields of an object. Every write notes who wrote, when, and from which version to which; the sets of
 * fields (metadata.managedFields) are worked out when somebody wants to see them, from what differs between the versions.
 */
import {
  afterUpdate,
  decodeManagers,
  encodeManagers,
  sameManagers,
  type ManagedFieldsEntry,
  type Manager,
} from '../../api/apply/managers.ts';
import { formatTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { FieldWriter } from './field-writers.ts';

/** So many writes may wait to be worked out; one more, and they are, so that old versions can go. */
const LONGEST_WAIT = 24;

/** Where an object keeps its ownership: out of sight of copies, comparisons and JSON. */
const OWNERSHIP = Symbol('field ownership');

const NOBODY: readonly Manager[] = [];

/** A write to work out. */
interface Write {
  readonly writer: FieldWriter;
  /** Virtual milliseconds since the Unix epoch. */
  readonly time: number;
  /** Who managed what before; undefined for a creation. */
  readonly earlier: Ownership | undefined;
  readonly before: UntypedObject | undefined;
  /** The object as it was written: as the client gave it, before admission completed it. */
  readonly after: UntypedObject;
}

/** What is known of the managers of one version of an object: a write to work out, or the result. */
class Ownership {
  #write: Write | undefined;
  #managers: readonly Manager[] = NOBODY;
  readonly #writes: number;

  constructor(known: Write | readonly Manager[]) {
    const write = 'writer' in known ? known : undefined;
    this.#write = write;
    this.#writes = write ? (write.earlier?.waiting ?? 0) + 1 : 0;
    if (!('writer' in known)) this.#managers = known;
  }

  /** How many writes wait to be worked out, this one included. */
  get waiting(): number {
    return this.#write ? this.#writes : 0;
  }

  /** The managers; worked out once. */
  get managers(): readonly Manager[] {
    const write = this.#write;
    if (!write) return this.#managers;
    const { writer, time, earlier, before, after } = write;
    const managers = earlier?.managers ?? NOBODY;
    // An object that nobody took notes of has no managers until it is applied.
    if (before === undefined || managers.length > 0) {
      this.#managers = afterUpdate(managers, writer, formatTime(time), before, after, writer.schema, writer.ignored);
    }
    this.#write = undefined;
    return this.#managers;
  }
}

interface Owned extends UntypedObject {
  [OWNERSHIP]?: Ownership;
}

const ownershipOf = (object: UntypedObject): Ownership | undefined => (object as Owned)[OWNERSHIP];

function attach(object: UntypedObject, ownership: Ownership): void {
  Object.defineProperty(object, OWNERSHIP, { value: ownership, configurable: true, writable: true });
}

/** Who manages the fields of an object; nobody where no notes were taken. */
export const managersOf = (object: UntypedObject): readonly Manager[] => ownershipOf(object)?.managers ?? NOBODY;

/** Whether there is anything to show as metadata.managedFields, which managedFieldsOf() would work out. */
export const isManaged = (object: UntypedObject): boolean => {
  const ownership = ownershipOf(object);
  return ownership !== undefined && (ownership.waiting > 0 || ownership.managers.length > 0);
};

/** metadata.managedFields of an object, as the API shows it. */
export const managedFieldsOf = (object: UntypedObject): ManagedFieldsEntry[] => encodeManagers(managersOf(object));

/** Says who manages the fields of a draft. */
export const setManagers = (draft: UntypedObject, managers: readonly Manager[]): void =>
  attach(draft, new Ownership(managers));

/** Takes the managers that a body names; where it names none, those of the object stay. */
export function takeManagers(draft: UntypedObject, entries: readonly ManagedFieldsEntry[]): void {
  const managers = decodeManagers(entries);
  const reset = entries.length === 1 && Object.keys(entries[0]!).length === 0;
  if (managers.length > 0 || reset) setManagers(draft, managers);
}

/** Takes no notice of what a body says of managers: subresources cannot change them. */
export function forgetManagers(draft: UntypedObject): void {
  if (ownershipOf(draft)) delete (draft as Owned)[OWNERSHIP];
}

/** Gives a version of an object the managers of another, where it has none of its own. */
export function inheritManagers(object: UntypedObject, from: UntypedObject): void {
  if (object === from || ownershipOf(object)) return;
  const ownership = ownershipOf(from);
  if (ownership) attach(object, ownership);
}

/** Whether a draft says of itself who manages it, other than `old` does. */
export const namesOtherManagers = (draft: UntypedObject, old: UntypedObject): boolean =>
  ownershipOf(draft) !== undefined && !sameManagers(managersOf(draft), managersOf(old));

/** Notes a write: `object` is what comes of it, `after` what the client gave, where that is something else. */
export function noteWrite(
  object: UntypedObject,
  before: UntypedObject | undefined,
  writer: FieldWriter,
  now: number,
  after = object,
): void {
  const earlier = ownershipOf(object) ?? (before && ownershipOf(before));
  if (before && !earlier) return;
  const ownership = new Ownership({ writer, time: now, earlier, before, after });
  if (ownership.waiting > LONGEST_WAIT) void ownership.managers;
  attach(object, ownership);
}
