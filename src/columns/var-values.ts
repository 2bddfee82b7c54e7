// n values of any length laid end to end (`VarValues`): build, pick, cut, join, compare for equality.
import { Buffer } from 'node:buffer';
import { SegmillError } from '../errors.ts';
import { columnBytesMax } from '../limits.ts';
import type { VarValues } from './column.ts';

export function varCount(values: VarValues): number {
  return values.offsets.length - 1;
}

/** Value i where it lies, not a copy. */
export function varBytes(values: VarValues, i: number): Uint8Array {
  return values.data.subarray(values.offsets[i]!, values.offsets[i + 1]!);
}

/** Value i as text; the values are UTF-8. */
export function varText(values: VarValues, i: number): string {
  return utf8Text(values.data, values.offsets[i]!, values.offsets[i + 1]!);
}

/** Bytes `from` to `to` as text. Short ASCII is decoded here: a call into the runtime costs more than the loop. */
export function utf8Text(data: Uint8Array, from: number, to: number): string {
  if (to - from <= 16) {
    let text = '';
    let i = from;
    for (; i < to && data[i]! < 0x80; i++) text += String.fromCharCode(data[i]!);
    if (i === to) return text;
  }
  return Buffer.from(data.buffer, data.byteOffset + from, to - from).toString('utf8');
}

export function varEqual(a: VarValues, i: number, b: VarValues, j: number): boolean {
  const from = a.offsets[i]!;
  const length = a.offsets[i + 1]! - from;
  const other = b.offsets[j]!;
  if (b.offsets[j + 1]! - other !== length) return false;
  for (let k = 0; k < length; k++) if (a.data[from + k] !== b.data[other + k]) return false;
  return true;
}

export function varFromBytes(values: readonly Uint8Array[]): VarValues {
  const builder = new VarBuilder();
  for (const value of values) builder.append(value);
  return builder.finish();
}

export function varFromTexts(texts: readonly string[]): VarValues {
  const builder = new VarBuilder();
  for (const text of texts) builder.appendText(text);
  return builder.finish();
}

/** values[indices[0]], values[indices[1]], ... laid end to end. */
export function gatherVar(
  values: VarValues,
  indices: Uint8Array | Uint16Array | Uint32Array,
): VarValues {
  const source = values.offsets;
  const offsets = new Uint32Array(indices.length + 1);
  let total = 0;
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    total += source[index + 1]! - source[index]!;
    offsets[i + 1] = total;
  }
  checkColumnBytes(total);
  const data = new Uint8Array(total);
  for (let i = 0; i < indices.length; i++) {
    copyShort(values.data, source[indices[i]!]!, data, offsets[i]!, offsets[i + 1]!);
  }
  return { offsets, data };
}

/** Values `from` to `to` (excluded); the bytes stay where they are. */
export function sliceVar(values: VarValues, from: number, to: number): VarValues {
  const first = values.offsets[from]!;
  const offsets = values.offsets.slice(from, to + 1);
  if (first !== 0) for (let i = 0; i < offsets.length; i++) offsets[i] = offsets[i]! - first;
  return { offsets, data: values.data.subarray(first, values.offsets[to]!) };
}

export function concatVar(parts: readonly VarValues[]): VarValues {
  let count = 0;
  let total = 0;
  for (const part of parts) {
    count += varCount(part);
    total += part.offsets.at(-1)!;
  }
  checkColumnBytes(total);
  const offsets = new Uint32Array(count + 1);
  const data = new Uint8Array(total);
  let at = 0;
  let base = 0;
  for (const part of parts) {
    const length = varCount(part);
    for (let i = 1; i <= length; i++) offsets[at + i] = base + part.offsets[i]!;
    const bytes = part.offsets[length]!;
    data.set(bytes === part.data.length ? part.data : part.data.subarray(0, bytes), base);
    at += length;
    base += bytes;
  }
  return { offsets, data };
}

/**
 * A column's bytes against the 32-bit offsets that name them.
 * @throws SegmillError SEGMENT_TOO_LARGE
 */
export function checkColumnBytes(byteLength: number): void {
  if (byteLength <= columnBytesMax) return;
  throw new SegmillError(
    'SEGMENT_TOO_LARGE',
    `a column has ${byteLength} bytes of values, the limit is ${columnBytesMax}: use fewer rows a segment`,
    { byteLength, limit: columnBytesMax },
  );
}

// Below some 32 bytes a loop beats the call behind TypedArray.set.
function copyShort(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  at: number,
  end: number,
): void {
  if (end - at > 32) {
    target.set(source.subarray(from, from + end - at), at);
    return;
  }
  for (let i = at, j = from; i < end; i++, j++) target[i] = source[j]!;
}

const encoder = new TextEncoder();

/** Values appended one by one; `finish` copies, so the builder can go on or be cleared. */
export class VarBuilder {
  #offsets: Uint32Array = new Uint32Array(64);
  #data: Uint8Array = new Uint8Array(256);
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#bytes + 4 * this.#count;
  }

  /** @throws SegmillError SEGMENT_TOO_LARGE past `columnBytesMax` */
  append(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#data.set(value, this.#bytes);
    this.#close(value.length);
  }

  /** @throws SegmillError SEGMENT_TOO_LARGE past `columnBytesMax` */
  appendText(text: string): void {
    this.#reserve(3 * text.length);
    this.#close(encoder.encodeInto(text, this.#data.subarray(this.#bytes)).written);
  }

  appendAll(values: VarValues): void {
    for (let i = 0; i < varCount(values); i++) this.append(varBytes(values, i));
  }

  finish(): VarValues {
    return {
      offsets: this.#offsets.slice(0, this.#count + 1),
      data: this.#data.slice(0, this.#bytes),
    };
  }

  clear(): void {
    this.#count = 0;
    this.#bytes = 0;
  }

  #close(length: number): void {
    this.#bytes += length;
    this.#offsets[++this.#count] = this.#bytes;
  }

  #reserve(length: number): void {
    const need = this.#bytes + length;
    if (need > this.#data.length) {
      checkColumnBytes(need);
      const grown = new Uint8Array(Math.min(columnBytesMax, Math.max(need, this.#data.length * 2)));
      grown.set(this.#data.subarray(0, this.#bytes));
      this.#data = grown;
    }
    if (this.#count + 2 > this.#offsets.length) {
      const grown = new Uint32Array(this.#offsets.length * 2);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
  }
}
