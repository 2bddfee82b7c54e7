// Thrift's compact protocol into plain values: a struct becomes a map of field id to value. Sizes are checked against the
// bytes that are there, so hostile ones allocate nothing.
import { Buffer } from 'node:buffer';
import { corrupt } from './corrupt.ts';
import type { Place } from './corrupt.ts';
import { thriftType } from './thrift-writer.ts';

export type ThriftValue = boolean | number | Uint8Array | ThriftStruct | readonly ThriftValue[];

const depthMax = 24;

/** Typed access to a struct's fields; a field of another type than asked for is corruption. */
export class ThriftStruct {
  readonly #fields: ReadonlyMap<number, ThriftValue>;
  readonly #place: Place;

  constructor(fields: ReadonlyMap<number, ThriftValue>, place: Place) {
    this.#fields = fields;
    this.#place = place;
  }

  has(id: number): boolean {
    return this.#fields.has(id);
  }

  /** The only field's id: unions. */
  get tag(): number {
    return this.#fields.keys().next().value ?? 0;
  }

  optionalNumber(id: number): number | null {
    const value = this.#fields.get(id);
    if (value === undefined) return null;
    return typeof value === 'number' ? value : this.#wrong(id);
  }

  /** A count, size or position: whole and not negative. */
  count(id: number): number {
    const value = this.optionalNumber(id);
    return value === null || !Number.isSafeInteger(value) || value < 0 ? this.#wrong(id) : value;
  }

  boolean(id: number, absent: boolean): boolean {
    const value = this.#fields.get(id);
    if (value === undefined) return absent;
    return typeof value === 'boolean' ? value : this.#wrong(id);
  }

  optionalBytes(id: number): Uint8Array | null {
    const value = this.#fields.get(id);
    if (value === undefined) return null;
    return value instanceof Uint8Array ? value : this.#wrong(id);
  }

  text(id: number): string {
    const bytes = this.optionalBytes(id) ?? this.#wrong(id);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  }

  optionalStruct(id: number): ThriftStruct | null {
    const value = this.#fields.get(id);
    if (value === undefined) return null;
    return value instanceof ThriftStruct ? value : this.#wrong(id);
  }

  struct(id: number): ThriftStruct {
    return this.optionalStruct(id) ?? this.#wrong(id);
  }

  structs(id: number): readonly ThriftStruct[] {
    return this.#list(id).map((item) => (item instanceof ThriftStruct ? item : this.#wrong(id)));
  }

  numbers(id: number): readonly number[] {
    return this.#list(id).map((item) => (typeof item === 'number' ? item : this.#wrong(id)));
  }

  texts(id: number): readonly string[] {
    return this.#list(id).map((item) =>
      item instanceof Uint8Array ? Buffer.from(item).toString('utf8') : this.#wrong(id),
    );
  }

  /** Empty when the field is missing. */
  #list(id: number): readonly ThriftValue[] {
    const value = this.#fields.get(id);
    if (value === undefined) return [];
    return Array.isArray(value) ? (value as readonly ThriftValue[]) : this.#wrong(id);
  }

  #wrong(id: number): never {
    return corrupt(this.#place, `metadata field ${id} is missing or makes no sense`);
  }
}

/** The struct at `at`, and the position behind it; nothing at or behind `end` is looked at. */
export function readThrift(
  bytes: Uint8Array,
  at: number,
  end: number,
  place: Place,
): { readonly struct: ThriftStruct; readonly end: number } {
  const reader = new ThriftReader(bytes, at, end, place);
  const struct = reader.struct(0);
  return { struct, end: reader.position };
}

class ThriftReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #place: Place;
  #at: number;

  constructor(bytes: Uint8Array, at: number, end: number, place: Place) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = Math.min(end, bytes.length);
    this.#place = place;
  }

  get position(): number {
    return this.#at;
  }

  struct(depth: number): ThriftStruct {
    if (depth > depthMax) this.#fail('metadata is nested too deep');
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return new ThriftStruct(fields, this.#place);
      const step = head >>> 4;
      id = step === 0 ? this.#zigzag() : id + step;
      const type = head & 15;
      if (type === thriftType.TRUE) fields.set(id, true);
      else if (type === thriftType.FALSE) fields.set(id, false);
      else fields.set(id, this.#value(type, depth));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case thriftType.TRUE:
      case thriftType.FALSE:
        return this.#byte() === thriftType.TRUE;
      case thriftType.BYTE:
        return (this.#byte() << 24) >> 24;
      case thriftType.I16:
      case thriftType.I32:
      case thriftType.I64:
        return this.#zigzag();
      case thriftType.DOUBLE:
        return new DataView(this.#take(8).slice().buffer).getFloat64(0, true);
      case thriftType.BINARY:
        return this.#take(this.#varint());
      case thriftType.LIST:
      case thriftType.SET:
        return this.#list(depth);
      case thriftType.MAP:
        return this.#map(depth);
      case thriftType.STRUCT:
        return this.struct(depth + 1);
      default:
        return this.#fail(`metadata has an unknown type ${type}`);
    }
  }

  #list(depth: number): readonly ThriftValue[] {
    if (depth > depthMax) this.#fail('metadata is nested too deep');
    const head = this.#byte();
    const size = head >>> 4 === 15 ? this.#varint() : head >>> 4;
    // An element takes a byte at least.
    if (size > this.#end - this.#at) this.#fail(`a list of ${size} elements does not fit`);
    const out: ThriftValue[] = [];
    for (let i = 0; i < size; i++) out.push(this.#value(head & 15, depth + 1));
    return out;
  }

  /** Read over: Parquet has no maps, a later version may. */
  #map(depth: number): readonly ThriftValue[] {
    const size = this.#varint();
    if (size === 0) return [];
    if (size > this.#end - this.#at) this.#fail(`a map of ${size} entries does not fit`);
    const types = this.#byte();
    for (let i = 0; i < size; i++) {
      this.#value(types >>> 4, depth + 1);
      this.#value(types & 15, depth + 1);
    }
    return [];
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Exact below 2^53; larger numbers come out rounded and fail the checks of whoever wants a count. */
  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++, scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return this.#fail('metadata has a number of more than 64 bits');
  }

  #take(length: number): Uint8Array {
    if (length > this.#end - this.#at) this.#fail(`metadata ends before ${length} bytes of text`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #byte(): number {
    if (this.#at >= this.#end) this.#fail('metadata ends early');
    return this.#bytes[this.#at++]!;
  }

  #fail(what: string): never {
    return corrupt(this.#place, `${what} at byte ${this.#at}`);
  }
}
