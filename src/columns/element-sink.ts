// The growable elements of one column being built.
import { Buffer } from 'node:buffer';
import type { CellValue } from '../config/cell.ts';
import type { DataType } from '../config/types.ts';
import type { FixedValues, VarValues } from './column.ts';
import { makeCodes, remapCodes, sortDictionary } from './dictionary.ts';
import { gatherVar, VarBuilder, varCount } from './var-values.ts';

/** Elements appended one by one. */
export interface ElementSink {
  readonly count: number;
  readonly byteLength: number;
  append(value: CellValue): void;
  finish(sortDictionary: boolean): ElementColumn;
  clear(): void;
}

export type ElementColumn =
  | { readonly kind: 'fixed'; readonly values: FixedValues }
  | { readonly kind: 'bytes'; readonly values: VarValues }
  | {
      readonly kind: 'dictionary';
      readonly dictionary: VarValues;
      readonly codes: Uint8Array | Uint16Array | Uint32Array;
      readonly sorted: boolean;
    };

/** @param dictionaryValues distinct values past which a column goes on without a dictionary */
export function createElementSink(dataType: DataType, dictionaryValues: number): ElementSink {
  return makeFixed(dataType, 0) === null
    ? new DictionarySink(dataType, dictionaryValues)
    : new FixedSink(dataType);
}

/** An array for `length` values of a fixed-width type, null for the other types. */
export function makeFixed(dataType: DataType, length: number): FixedValues | null {
  switch (dataType) {
    case 'INT':
      return new Int32Array(length);
    case 'LONG':
    case 'TIMESTAMP':
      return new BigInt64Array(length);
    case 'FLOAT':
      return new Float32Array(length);
    case 'DOUBLE':
      return new Float64Array(length);
    case 'BOOLEAN':
      return new Uint8Array(length);
    case 'BIG_DECIMAL':
    case 'STRING':
    case 'JSON':
    case 'BYTES':
      return null;
  }
}

class FixedSink implements ElementSink {
  readonly #dataType: DataType;
  #values: FixedValues;
  #count = 0;

  constructor(dataType: DataType) {
    this.#dataType = dataType;
    this.#values = makeFixed(dataType, 64)!;
  }

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#count * this.#values.BYTES_PER_ELEMENT;
  }

  append(value: CellValue): void {
    if (this.#count === this.#values.length) this.#grow();
    const values = this.#values;
    // One store a type of array, so that each stays monomorphic.
    if (values instanceof BigInt64Array) values[this.#count++] = value as bigint;
    else if (values instanceof Int32Array) values[this.#count++] = value as number;
    else if (values instanceof Float64Array) values[this.#count++] = value as number;
    else if (values instanceof Float32Array) values[this.#count++] = value as number;
    else values[this.#count++] = value === true ? 1 : 0;
  }

  finish(): ElementColumn {
    return { kind: 'fixed', values: this.#values.slice(0, this.#count) };
  }

  clear(): void {
    this.#count = 0;
  }

  #grow(): void {
    const grown = makeFixed(this.#dataType, 2 * this.#values.length)!;
    (grown as Uint8Array).set(this.#values as Uint8Array);
    this.#values = grown;
  }
}

/** A dictionary while values repeat; plain bytes once there are more distinct ones than `sizeMax`. */
class DictionarySink implements ElementSink {
  readonly #dataType: DataType;
  readonly #sizeMax: number;
  readonly #codeOf = new Map<string, number>();
  readonly #dictionary: VarBuilder = new VarBuilder();
  #codes: Uint32Array = new Uint32Array(64);
  #count = 0;
  #plain: VarBuilder | null = null;

  constructor(dataType: DataType, sizeMax: number) {
    this.#dataType = dataType;
    this.#sizeMax = sizeMax;
  }

  get count(): number {
    return this.#plain?.count ?? this.#count;
  }

  get byteLength(): number {
    const size = this.#dictionary.count;
    const width = size <= 1 << 8 ? 1 : size <= 1 << 16 ? 2 : 4;
    return this.#plain?.byteLength ?? this.#dictionary.byteLength + width * this.#count;
  }

  append(value: CellValue): void {
    if (this.#plain !== null) {
      appendValue(this.#plain, value);
      return;
    }
    const key = typeof value === 'string' ? value : latin1(value as Uint8Array);
    const code = this.#codeOf.get(key) ?? this.#newCode(key, value);
    if (this.#count === this.#codes.length) {
      const grown = new Uint32Array(2 * this.#codes.length);
      grown.set(this.#codes);
      this.#codes = grown;
    }
    this.#codes[this.#count++] = code;
    if (this.#dictionary.count > this.#sizeMax) this.#toPlain();
  }

  finish(sort: boolean): ElementColumn {
    if (this.#plain !== null) return { kind: 'bytes', values: this.#plain.finish() };
    const dictionary = this.#dictionary.finish();
    const codes = this.#codes.subarray(0, this.#count);
    if (sort) {
      const sorted = sortDictionary(dictionary, this.#dataType);
      const size = varCount(sorted.dictionary);
      return {
        kind: 'dictionary',
        dictionary: sorted.dictionary,
        codes: remapCodes(codes, sorted.remap, size),
        sorted: true,
      };
    }
    const narrow = makeCodes(varCount(dictionary), codes.length);
    narrow.set(codes);
    return { kind: 'dictionary', dictionary, codes: narrow, sorted: false };
  }

  clear(): void {
    this.#codeOf.clear();
    this.#dictionary.clear();
    this.#plain = null;
    this.#count = 0;
  }

  #newCode(key: string, value: CellValue): number {
    // A surrogate without its pair becomes U+FFFD in UTF-8, which another text may have brought already.
    const stored = typeof value === 'string' ? value.replace(loneSurrogates, '\ufffd') : key;
    const code = this.#codeOf.get(stored) ?? this.#dictionary.count;
    if (code === this.#dictionary.count) {
      appendValue(this.#dictionary, value);
      this.#codeOf.set(stored, code);
    }
    this.#codeOf.set(key, code);
    return code;
  }

  #toPlain(): void {
    this.#plain = new VarBuilder();
    this.#plain.appendAll(
      gatherVar(this.#dictionary.finish(), this.#codes.subarray(0, this.#count)),
    );
    this.#codeOf.clear();
    this.#dictionary.clear();
    this.#codes = new Uint32Array(64);
    this.#count = 0;
  }
}

const loneSurrogates = /\p{Surrogate}/gu;

function appendValue(builder: VarBuilder, value: CellValue): void {
  if (typeof value === 'string') builder.appendText(value);
  else builder.append(value as Uint8Array);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
