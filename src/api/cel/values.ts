/** What expressions are evaluated to. */

/** An int is a bigint, a double a number. */
export type CelValue =
  | boolean
  | bigint
  | number
  | string
  | null
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | ListValue
  | MapValue
  | Optional
  | TypeValue
  | Opaque;

/** What an evaluation that went wrong gives. */
export class Failure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export type Result = CelValue | Failure;

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

const NANO = 1_000_000_000n;

/** A moment, in nanoseconds since 1970. */
export class Timestamp {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }

  get milliseconds(): number {
    return Number(this.nanoseconds / 1_000_000n - (this.nanoseconds % 1_000_000n < 0n ? 1n : 0n));
  }

  toString(): string {
    const fraction = ((this.nanoseconds % NANO) + NANO) % NANO;
    const whole = new Date(this.milliseconds).toISOString().slice(0, 19);
    const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`;
    return `${whole}${digits}Z`;
  }
}

/** A span of time, in nanoseconds. */
export class Duration {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }

  /** Seconds, as CEL writes durations: `90s`, `1.5s`. */
  toString(): string {
    const sign = this.nanoseconds < 0n ? '-' : '';
    const size = this.nanoseconds < 0n ? -this.nanoseconds : this.nanoseconds;
    const fraction = size % NANO;
    const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`;
    return `${sign}${size / NANO}${digits}s`;
  }
}

/** A list, read one element at a time. */
export abstract class ListValue {
  abstract readonly size: number;
  abstract at(index: number): CelValue;

  *[Symbol.iterator](): Iterator<CelValue> {
    for (let i = 0; i < this.size; i++) yield this.at(i);
  }
}

/** A list of values. Lists that grow one from another share what they have in common. */
export class ArrayList extends ListValue {
  readonly #values: CelValue[];
  readonly size: number;

  constructor(values: CelValue[], size: number = values.length) {
    super();
    this.#values = values;
    this.size = size;
  }

  at(index: number): CelValue {
    return this.#values[index]!;
  }

  /** This list and then another. */
  concat(other: ListValue): ArrayList {
    // The array grows at most once from each of its lengths: whoever comes second copies.
    const values = this.#values.length === this.size ? this.#values : this.#values.slice(0, this.size);
    for (let i = 0; i < other.size; i++) values.push(other.at(i));
    return new ArrayList(values);
  }
}

/** A map, or an object with fields. */
export abstract class MapValue {
  abstract readonly size: number;
  /** The value of a key; a failure where working it out failed. */
  abstract find(key: CelValue): Result | undefined;
  abstract keys(): Iterable<CelValue>;
  /** The name of its type, when it is an object. */
  readonly typeName: string | undefined = undefined;
}

/** What keys that are equal have in common. */
function keyOf(value: CelValue): string {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'boolean') return `b${value}`;
  if (value instanceof Uint) return `n${value.value}`;
  return `n${String(value)}`;
}

/** A map of values. */
export class EntryMap extends MapValue {
  readonly #entries = new Map<string, readonly [CelValue, CelValue]>();
  override readonly typeName: string | undefined;

  constructor(entries: Iterable<readonly [CelValue, CelValue]>, typeName?: string) {
    super();
    this.typeName = typeName;
    for (const entry of entries) this.#entries.set(keyOf(entry[0]), entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: CelValue): CelValue | undefined {
    return this.#entries.get(keyOf(key))?.[1];
  }

  *keys(): Iterable<CelValue> {
    for (const [key] of this.#entries.values()) yield key;
  }
}

/** A value that may be absent. */
export class Optional {
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

export const NONE = new Optional(undefined);

/** A type as a value. */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A value of a library's own type. */
export abstract class Opaque {
  abstract readonly typeName: string;
  abstract equals(other: CelValue): boolean;
  /** What size() sees for the accounting of costs; 1 unless it has a size. */
  readonly costSize: number = 1;
}

/** The name of a value's type at run time. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
  }
  if (value === null) return 'null_type';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof ListValue) return 'list';
  if (value instanceof MapValue) return value.typeName ?? 'map';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  return value.typeName;
}
