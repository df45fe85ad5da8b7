/** Bytes that are not what they should be. */
export class ProtobufError extends Error {}

export interface WireField {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wireType: number;
  /** The value of varints and fixed-width numbers; negative ones as two's complement. */
  readonly number64: bigint;
  /** The content of length-delimited fields. */
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array();

/** The fields of one message in the order in which they come. */
export function* readFields(message: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined || shift > 63n) throw new ProtobufError('unexpected EOF');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  const take = (length: number): Uint8Array => {
    if (length < 0) throw new ProtobufError('proto: negative length found during unmarshaling');
    if (at + length > message.length) throw new ProtobufError('unexpected EOF');
    return message.subarray(at, (at += length));
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    const wireType = tag & 7;
    if (number <= 0) throw new ProtobufError(`proto: illegal tag ${number} (wire type ${wireType})`);
    switch (wireType) {
      case 0:
        yield { number, wireType, number64: varint(), bytes: NO_BYTES };
        break;
      case 2:
        yield { number, wireType, number64: 0n, bytes: take(Number(varint())) };
        break;
      case 1:
      case 5: {
        const bytes = take(wireType === 1 ? 8 : 4);
        const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
        yield { number, wireType, number64: value, bytes };
        break;
      }
      default:
        throw new ProtobufError(`illegal wireType ${wireType}`);
    }
  }
}
