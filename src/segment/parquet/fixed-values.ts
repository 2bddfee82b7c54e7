// Arrays of fixed-width values: joined and picked by width, so that each loop sees one array type.
import type { FixedValues } from '../../columns/column.ts';

// Joined columns live until their chunk is written, which nothing interrupts: one buffer serves all of a thread.
let joinRoom = new ArrayBuffer(0);

function roomOf(byteLength: number): ArrayBuffer {
  if (joinRoom.byteLength < byteLength) joinRoom = new ArrayBuffer(byteLength);
  return joinRoom;
}

/** As `joinFixed`, but good only until the next call. */
export function joinForWriting(parts: readonly FixedValues[]): FixedValues {
  return joinFixed(parts, roomOf);
}

/** One after the other; the same array when there is one. All must be of one type. */
export function joinFixed(
  parts: readonly FixedValues[],
  room: (byteLength: number) => ArrayBuffer = (byteLength) => new ArrayBuffer(byteLength),
): FixedValues {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const buffer = room(length * first.BYTES_PER_ELEMENT);
  const bytes = new Uint8Array(buffer);
  let at = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return fixedOver(first, buffer, length);
}

function fixedOver(like: FixedValues, buffer: ArrayBuffer, length: number): FixedValues {
  if (like instanceof Int32Array) return new Int32Array(buffer, 0, length);
  if (like instanceof BigInt64Array) return new BigInt64Array(buffer, 0, length);
  if (like instanceof Float32Array) return new Float32Array(buffer, 0, length);
  if (like instanceof Float64Array) return new Float64Array(buffer, 0, length);
  return new Uint8Array(buffer, 0, length);
}

/** values[kept[0]], values[kept[1]], ... */
export function takeFixed(values: FixedValues, kept: Uint32Array): FixedValues {
  const size = values.BYTES_PER_ELEMENT;
  const out = fixedOver(values, new ArrayBuffer(kept.length * size), kept.length);
  if (size === 8) {
    take64(
      new BigInt64Array(values.buffer, values.byteOffset, values.length),
      kept,
      new BigInt64Array(out.buffer, 0, kept.length),
    );
  } else if (size === 4) {
    take32(
      new Uint32Array(values.buffer, values.byteOffset, values.length),
      kept,
      new Uint32Array(out.buffer, 0, kept.length),
    );
  } else {
    for (let i = 0; i < kept.length; i++) out[i] = values[kept[i]!]!;
  }
  return out;
}

function take64(values: BigInt64Array, kept: Uint32Array, out: BigInt64Array): void {
  for (let i = 0; i < kept.length; i++) out[i] = values[kept[i]!]!;
}

export function take32(values: Uint32Array, kept: Uint32Array, out: Uint32Array): Uint32Array {
  for (let i = 0; i < kept.length; i++) out[i] = values[kept[i]!]!;
  return out;
}
