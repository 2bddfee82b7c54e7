// Avro's primitive encodings over a block of bytes, each bounded by the block.

/** Items without bytes of their own (nulls) that one array may hold beyond the bytes that are left. */
const emptyItemsMax = 1 << 16;

export class AvroReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  boolean(): boolean {
    return this.#bytes[this.#take(1)] !== 0;
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** A zig-zag variable-length integer of 64 bits. */
  long(): bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#bytes[this.#take(1)]!;
      low += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return zigZag(BigInt(low));
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#take(1)]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return zigZag(value);
    }
    throw new Error('an integer of more than ten bytes');
  }

  /** A length or index: not negative, a safe integer. */
  length(): number {
    const value = Number(this.long());
    if (value < 0 || !Number.isSafeInteger(value)) throw new Error(`length ${value}`);
    return value;
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  text(): string {
    const length = this.length();
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** The items of an array or map: blocks of a count each, a negative one with its byte size. */
  items<T>(read: () => T): T[] {
    const items: T[] = [];
    for (;;) {
      let count = Number(this.long());
      if (count === 0) return items;
      if (count < 0) {
        count = -count;
        this.length();
      }
      if (count > this.left + emptyItemsMax)
        throw new Error(`${count} items in ${this.left} bytes`);
      for (let i = 0; i < count; i++) items.push(read());
    }
  }

  #take(length: number): number {
    if (length > this.left) throw new Error(`${length} bytes needed, ${this.left} left`);
    const start = this.#at;
    this.#at += length;
    return start;
  }
}

function zigZag(value: bigint): bigint {
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
}
