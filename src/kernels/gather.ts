// Picking rows by index. target[i] = source[rows[i]], one monomorphic loop per element width: a generic loop that sees
// several array types turns megamorphic and runs 4x slower. Numbers travel as bits (8-byte ones as BigInt64), so NaN
// patterns survive. Bounds: rows[i] < source.length, rows.length <= target.length.

export type AnyArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array;

/** Rows 0..count in order. */
export function allRows(count: number): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(count);
  for (let i = 0; i < count; i++) rows[i] = i;
  return rows;
}

/** target[i] = source[rows[i]] for i < rows.length; both arrays have the same element type. */
export function gather(target: AnyArray, source: AnyArray, rows: Uint32Array): void {
  switch (source.BYTES_PER_ELEMENT) {
    case 1:
      return gather1(bytesOf(target), bytesOf(source), rows);
    case 2:
      return gather2(shortsOf(target), shortsOf(source), rows);
    case 4:
      return gather4(wordsOf(target), wordsOf(source), rows);
    default:
      return gather8(longsOf(target), longsOf(source), rows);
  }
}

/** The same for rows that follow one another (`isStretch`). */
export function copyStretch(target: AnyArray, source: AnyArray, rows: Uint32Array): void {
  const size = source.BYTES_PER_ELEMENT;
  const first = rows[0]!;
  bytesOf(target).set(bytesOf(source).subarray(first * size, (first + rows.length) * size));
}

/** first, first + 1, ... The ends tell nearly always, so the look at all rows is rare. */
export function isStretch(rows: Uint32Array): boolean {
  const count = rows.length;
  if (count < 2 || rows[count - 1]! - rows[0]! !== count - 1) return false;
  for (let i = 1; i < count; i++) if (rows[i]! !== rows[i - 1]! + 1) return false;
  return true;
}

/**
 * Multi-value rows: lays the elements of `rows` end to end and fills their offsets.
 *
 *   sourceOffsets  0   2   3   6        rows 2 0
 *   source         a a b c c c    ->    target c c c a a, targetOffsets 0 3 5
 */
export function gatherLists(
  target: AnyArray,
  targetOffsets: Uint32Array,
  source: AnyArray,
  sourceOffsets: Uint32Array,
  rows: Uint32Array,
): void {
  const elements = new Uint32Array(target.length);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    targetOffsets[i] = at;
    const end = sourceOffsets[rows[i]! + 1]!;
    for (let e = sourceOffsets[rows[i]!]!; e < end; e++) elements[at++] = e;
  }
  targetOffsets[rows.length] = at;
  gather(target, source, elements);
}

/** Elements that `gatherLists` will write. */
export function countElements(offsets: Uint32Array, rows: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < rows.length; i++) count += offsets[rows[i]! + 1]! - offsets[rows[i]!]!;
  return count;
}

function gather1(target: Uint8Array, source: Uint8Array, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) target[i] = source[rows[i]!]!;
}

function gather2(target: Uint16Array, source: Uint16Array, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) target[i] = source[rows[i]!]!;
}

function gather4(target: Uint32Array, source: Uint32Array, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) target[i] = source[rows[i]!]!;
}

function gather8(target: BigInt64Array, source: BigInt64Array, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) target[i] = source[rows[i]!]!;
}

/** The same memory seen as elements of one width, without sign or number format. */
export function bytesOf(values: AnyArray): Uint8Array {
  return values instanceof Uint8Array
    ? values
    : new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function shortsOf(values: AnyArray): Uint16Array {
  return values instanceof Uint16Array
    ? values
    : new Uint16Array(values.buffer, values.byteOffset, values.length);
}

export function wordsOf(values: AnyArray): Uint32Array {
  return values instanceof Uint32Array
    ? values
    : new Uint32Array(values.buffer, values.byteOffset, values.byteLength >>> 2);
}

export function longsOf(values: AnyArray): BigInt64Array {
  return values instanceof BigInt64Array
    ? values
    : new BigInt64Array(values.buffer, values.byteOffset, values.byteLength >>> 3);
}
