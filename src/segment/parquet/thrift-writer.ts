// Thrift's compact protocol, the part that Parquet's metadata needs.
import { Buffer } from 'node:buffer';

export const thriftType = {
  TRUE: 1,
  FALSE: 2,
  BYTE: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  SET: 10,
  MAP: 11,
  STRUCT: 12,
} as const;

/** Fields must be written in rising order of their ids; `begin`/`end` enclose a struct that is a field or a list element. */
export class ThriftWriter {
  #bytes: Uint8Array = new Uint8Array(256);
  #at = 0;
  #lastId = 0;
  readonly #outer: number[] = [];

  /** A struct as field `id`, or as the next list element when `id` is null. */
  begin(id: number | null): void {
    if (id !== null) this.#field(id, thriftType.STRUCT);
    this.#outer.push(this.#lastId);
    this.#lastId = 0;
  }

  end(): void {
    this.#byte(0);
    this.#lastId = this.#outer.pop() ?? 0;
  }

  boolean(id: number, value: boolean): void {
    this.#field(id, value ? thriftType.TRUE : thriftType.FALSE);
  }

  i8(id: number, value: number): void {
    this.#field(id, thriftType.BYTE);
    this.#byte(value & 0xff);
  }

  i16(id: number, value: number): void {
    this.#field(id, thriftType.I16);
    this.#zigzag(value);
  }

  i32(id: number, value: number): void {
    this.#field(id, thriftType.I32);
    this.#zigzag(value);
  }

  i64(id: number, value: number): void {
    this.#field(id, thriftType.I64);
    this.#zigzag(value);
  }

  binary(id: number, value: Uint8Array | string): void {
    this.#field(id, thriftType.BINARY);
    this.element(value);
  }

  list(id: number, elementType: number, size: number): void {
    this.#field(id, thriftType.LIST);
    if (size < 15) {
      this.#byte((size << 4) | elementType);
      return;
    }
    this.#byte(0xf0 | elementType);
    this.#varint(size);
  }

  /** The next element of a list of binary. */
  element(value: Uint8Array | string): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** The next element of a list of i32 or i64. */
  number(value: number): void {
    this.#zigzag(value);
  }

  /** The next element of a list of bool. */
  flag(value: boolean): void {
    this.#byte(value ? thriftType.TRUE : thriftType.FALSE);
  }

  /** A copy of what was written since the last call. */
  take(): Uint8Array<ArrayBuffer> {
    const out = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    this.#lastId = 0;
    return new Uint8Array(out);
  }

  #field(id: number, type: number): void {
    const step = id - this.#lastId;
    this.#lastId = id;
    if (step > 0 && step < 16) {
      this.#byte((step << 4) | type);
      return;
    }
    this.#byte(type);
    this.#zigzag(id);
  }

  // Up to 2^52 in size: counts, positions and CRCs all are.
  #zigzag(value: number): void {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  #varint(value: number): void {
    for (; value >= 0x80; value = Math.floor(value / 128)) this.#byte((value % 128) | 0x80);
    this.#byte(value);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  #reserve(length: number): void {
    const need = this.#at + length;
    if (need <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(need, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
