/** Writes one protobuf message. Fields that say nothing are left out. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  text(number: number, value: string | undefined): this {
    return value === undefined || value === '' ? this : this.bytes(number, new TextEncoder().encode(value));
  }

  bool(number: number, value: boolean | undefined): this {
    if (value) {
      this.#varint(number << 3);
      this.#varint(1);
    }
    return this;
  }

  message(number: number, value: WireWriter | undefined): this {
    return value === undefined ? this : this.bytes(number, value.finish());
  }

  bytes(number: number, value: Uint8Array): this {
    this.#varint((number << 3) | 2);
    this.#varint(value.length);
    return this.#push(value);
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  #varint(value: number): void {
    const bytes: number[] = [];
    for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
    bytes.push(value);
    this.#push(Uint8Array.from(bytes));
  }

  #push(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}
