// The values of one data page or dictionary page, per encoding. Nothing is allocated before the bytes that the values
// need are known to be there, but for runs and codes, which the caller has bounded by the page's value count.
import type { FixedValues, VarValues } from '../../columns/column.ts';
import { readHybrid } from '../../kernels/run-length.ts';
import { corrupt, unsupported } from './corrupt.ts';
import type { Place } from './corrupt.ts';
import { readDelta32, readDelta64 } from './delta-reader.ts';
import { encoding, nameOf, physicalType } from './format.ts';

/** Decoded values of a leaf: numbers, or bytes (also fixed-length and INT96 ones), or codes into a chunk's dictionary. */
export type LeafValues =
  | { readonly kind: 'fixed'; readonly values: FixedValues }
  | { readonly kind: 'var'; readonly values: VarValues }
  | { readonly kind: 'codes'; readonly codes: Uint32Array; readonly dictionary: LeafValues };

export interface PhysicalType {
  readonly physical: number;
  /** Bytes of FIXED_LEN_BYTE_ARRAY. */
  readonly length: number;
}

/** Values at `at` to the end of `bytes`. */
export function readValues(
  bytes: Uint8Array,
  at: number,
  type: PhysicalType,
  encoded: number,
  count: number,
  dictionary: LeafValues | null,
  place: Place,
): LeafValues {
  switch (encoded) {
    case encoding.PLAIN:
      return readPlain(bytes, at, type, count, place);
    case encoding.PLAIN_DICTIONARY:
    case encoding.RLE_DICTIONARY:
      return readCodes(bytes, at, count, dictionary, place);
    case encoding.RLE:
      return { kind: 'fixed', values: readBooleanRuns(bytes, at, type, count, place) };
    case encoding.DELTA_BINARY_PACKED:
      return { kind: 'fixed', values: readDeltas(bytes, at, type, count, place) };
    case encoding.DELTA_LENGTH_BYTE_ARRAY:
      needBytes(type, encoded, place);
      return { kind: 'var', values: readLengths(bytes, at, count, place).values };
    case encoding.DELTA_BYTE_ARRAY:
      needBytes(type, encoded, place);
      return { kind: 'var', values: readPrefixes(bytes, at, count, place) };
    case encoding.BYTE_STREAM_SPLIT:
      return readPlain(joinStreams(bytes, at, type, count, place), 0, type, count, place);
    default:
      return unsupported(
        place,
        `encoded as ${nameOf(encoding, encoded)}, which segmill cannot read`,
      );
  }
}

function needBytes({ physical }: PhysicalType, encoded: number, place: Place): void {
  if (physical === physicalType.BYTE_ARRAY || physical === physicalType.FIXED_LEN_BYTE_ARRAY)
    return;
  corrupt(place, `${nameOf(physicalType, physical)} values as ${nameOf(encoding, encoded)}`);
}

/** Bytes of one PLAIN value; 0 for BYTE_ARRAY and BOOLEAN. */
function widthOf({ physical, length }: PhysicalType): number {
  switch (physical) {
    case physicalType.INT32:
    case physicalType.FLOAT:
      return 4;
    case physicalType.INT64:
    case physicalType.DOUBLE:
      return 8;
    case physicalType.INT96:
      return 12;
    case physicalType.FIXED_LEN_BYTE_ARRAY:
      return length;
    default:
      return 0;
  }
}

function need(bytes: Uint8Array, at: number, length: number, place: Place): void {
  if (at + length > bytes.length) {
    corrupt(place, `a page has ${bytes.length - at} bytes of values, ${length} are needed`);
  }
}

function readPlain(
  bytes: Uint8Array,
  at: number,
  type: PhysicalType,
  count: number,
  place: Place,
): LeafValues {
  if (type.physical === physicalType.BYTE_ARRAY) {
    return { kind: 'var', values: readPlainBytes(bytes, at, count, place) };
  }
  if (type.physical === physicalType.BOOLEAN) {
    need(bytes, at, (count + 7) >>> 3, place);
    const values = new Uint8Array(count);
    for (let i = 0; i < count; i++) values[i] = (bytes[at + (i >>> 3)]! >>> (i & 7)) & 1;
    return { kind: 'fixed', values };
  }
  const width = widthOf(type);
  need(bytes, at, count * width, place);
  const copy = new Uint8Array(count * width);
  copy.set(bytes.subarray(at, at + count * width));
  switch (type.physical) {
    case physicalType.INT32:
      return { kind: 'fixed', values: new Int32Array(copy.buffer) };
    case physicalType.INT64:
      return { kind: 'fixed', values: new BigInt64Array(copy.buffer) };
    case physicalType.FLOAT:
      return { kind: 'fixed', values: new Float32Array(copy.buffer) };
    case physicalType.DOUBLE:
      return { kind: 'fixed', values: new Float64Array(copy.buffer) };
    default: {
      const offsets = new Uint32Array(count + 1);
      for (let i = 1; i <= count; i++) offsets[i] = i * width;
      return { kind: 'var', values: { offsets, data: copy } };
    }
  }
}

function readPlainBytes(bytes: Uint8Array, at: number, count: number, place: Place): VarValues {
  need(bytes, at, 4 * count, place);
  const offsets = new Uint32Array(count + 1);
  let from = at;
  let total = 0;
  for (let i = 0; i < count; i++) {
    need(bytes, from, 4, place);
    const length =
      (bytes[from]! |
        (bytes[from + 1]! << 8) |
        (bytes[from + 2]! << 16) |
        (bytes[from + 3]! << 24)) >>>
      0;
    need(bytes, from + 4, length, place);
    from += 4 + length;
    total += length;
    offsets[i + 1] = total;
  }
  const data = new Uint8Array(total);
  from = at;
  for (let i = 0; i < count; i++) {
    const start = offsets[i]!;
    const length = offsets[i + 1]! - start;
    from += 4;
    if (length > 32) data.set(bytes.subarray(from, from + length), start);
    else for (let k = 0; k < length; k++) data[start + k] = bytes[from + k]!;
    from += length;
  }
  return { offsets, data };
}

function readCodes(
  bytes: Uint8Array,
  at: number,
  count: number,
  dictionary: LeafValues | null,
  place: Place,
): LeafValues {
  if (dictionary === null) corrupt(place, 'codes without a dictionary page');
  const codes = new Uint32Array(count);
  if (count > 0) {
    need(bytes, at, 1, place);
    const width = bytes[at]!;
    if (width > 32) corrupt(place, `codes of ${width} bits`);
    if (readHybrid(bytes, at + 1, bytes.length, width, count, codes, 0) < 0) {
      corrupt(place, 'the codes of a page end early');
    }
  }
  const size = leafCount(dictionary);
  let most = 0;
  for (let i = 0; i < count; i++) if (codes[i]! > most) most = codes[i]!;
  if (count > 0 && most >= size) corrupt(place, `code ${most} in a dictionary of ${size} values`);
  return { kind: 'codes', codes, dictionary };
}

export function leafCount(values: LeafValues): number {
  switch (values.kind) {
    case 'fixed':
      return values.values.length;
    case 'var':
      return values.values.offsets.length - 1;
    case 'codes':
      return values.codes.length;
  }
}

function readBooleanRuns(
  bytes: Uint8Array,
  at: number,
  { physical }: PhysicalType,
  count: number,
  place: Place,
): Uint8Array {
  if (physical !== physicalType.BOOLEAN) corrupt(place, 'runs of values that are not booleans');
  const bits = new Uint32Array(count);
  need(bytes, at, 4, place);
  if (count > 0 && readHybrid(bytes, at + 4, bytes.length, 1, count, bits, 0) < 0) {
    corrupt(place, 'the booleans of a page end early');
  }
  return Uint8Array.from(bits);
}

function readDeltas(
  bytes: Uint8Array,
  at: number,
  { physical }: PhysicalType,
  count: number,
  place: Place,
): FixedValues {
  if (physical === physicalType.INT32) {
    const values = new Int32Array(count);
    readDelta32(bytes, at, values, place);
    return values;
  }
  if (physical !== physicalType.INT64) corrupt(place, 'differences of values that are no integers');
  const values = new BigInt64Array(count);
  readDelta64(bytes, at, values, place);
  return values;
}

function readLengths(
  bytes: Uint8Array,
  at: number,
  count: number,
  place: Place,
): { readonly values: VarValues; readonly end: number } {
  const lengths = new Int32Array(count);
  const from = readDelta32(bytes, at, lengths, place);
  const offsets = new Uint32Array(count + 1);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!;
    total += length;
    if (length < 0 || from + total > bytes.length) {
      corrupt(place, `a value of ${length} bytes does not fit its page`);
    }
    offsets[i + 1] = total;
  }
  return { values: { offsets, data: bytes.slice(from, from + total) }, end: from + total };
}

function readPrefixes(bytes: Uint8Array, at: number, count: number, place: Place): VarValues {
  const prefixes = new Int32Array(count);
  const { values: suffixes } = readLengths(
    bytes,
    readDelta32(bytes, at, prefixes, place),
    count,
    place,
  );
  const offsets = new Uint32Array(count + 1);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const previous = i === 0 ? 0 : offsets[i]! - offsets[i - 1]!;
    const prefix = prefixes[i]!;
    if (prefix < 0 || prefix > previous) corrupt(place, `a prefix of ${prefix} bytes`);
    total += prefix + suffixes.offsets[i + 1]! - suffixes.offsets[i]!;
    if (total > prefixBytesMax)
      corrupt(place, `a page unfolds to more than ${prefixBytesMax} bytes`);
    offsets[i + 1] = total;
  }
  const data = new Uint8Array(total);
  for (let i = 0; i < count; i++) {
    const start = offsets[i]!;
    const prefix = prefixes[i]!;
    if (prefix > 0) data.copyWithin(start, offsets[i - 1]!, offsets[i - 1]! + prefix);
    data.set(
      suffixes.data.subarray(suffixes.offsets[i]!, suffixes.offsets[i + 1]!),
      start + prefix,
    );
  }
  return { offsets, data };
}

const prefixBytesMax = 2 ** 30;

/** BYTE_STREAM_SPLIT: byte k of all values, then byte k + 1; back to PLAIN. */
function joinStreams(
  bytes: Uint8Array,
  at: number,
  type: PhysicalType,
  count: number,
  place: Place,
): Uint8Array {
  const width = widthOf(type);
  if (width === 0) corrupt(place, 'split bytes of values without a fixed width');
  need(bytes, at, width * count, place);
  const out = new Uint8Array(width * count);
  for (let k = 0; k < width; k++) {
    for (let i = 0; i < count; i++) out[i * width + k] = bytes[at + k * count + i]!;
  }
  return out;
}
