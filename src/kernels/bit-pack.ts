// Bit packing as Parquet lays it: values of `width` bits end to end, the least significant bit first.
//
//   width 3, values a b c d ...   byte 0: ccbbbaaa   byte 1: fdddddcc ...
//
// Groups of 8 values fill `width` whole bytes; the last group is padded with zeros. All codes are Uint32Array, so that
// each loop here sees one type only.

/** Bits that the values 0..max need. */
export function bitWidthOf(max: number): number {
  return 32 - Math.clz32(max);
}

/** Bytes of `count` values, whole groups of 8. */
export function packedBytes(count: number, width: number): number {
  return ((count + 7) >>> 3) * width;
}

/** Packs values `from` to `to` (excluded), each below 2^width, width 0..32; returns the position behind them. */
export function packBits(
  values: Uint32Array,
  from: number,
  to: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  const end = at + packedBytes(to - from, width);
  const written =
    width === 8
      ? packByte(values, from, to, out, at)
      : width <= 16
        ? packNarrow(values, from, to, width, out, at)
        : packWide(values, from, to, width, out, at);
  for (let i = written; i < end; i++) out[i] = 0;
  return end;
}

function packByte(
  values: Uint32Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  for (let i = from; i < to; i++) out[at++] = values[i]!;
  return at;
}

// Fewer than 16 bits wait in `acc`, so a value of 16 more fits 32.
function packNarrow(
  values: Uint32Array,
  from: number,
  to: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  let acc = 0;
  let bits = 0;
  for (let i = from; i < to; i++) {
    acc |= values[i]! << bits;
    bits += width;
    if (bits >= 16) {
      out[at] = acc;
      out[at + 1] = acc >>> 8;
      at += 2;
      acc >>>= 16;
      bits -= 16;
    }
  }
  for (; bits > 0; bits -= 8) {
    out[at++] = acc;
    acc >>>= 8;
  }
  return at;
}

// Low 16 bits first, then the rest: each half leaves fewer than 16 bits waiting.
function packWide(
  values: Uint32Array,
  from: number,
  to: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  let acc = 0;
  let bits = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    acc |= (value & 0xffff) << bits;
    out[at] = acc;
    out[at + 1] = acc >>> 8;
    at += 2;
    acc = (acc >>> 16) | ((value >>> 16) << bits);
    bits += width - 16;
    if (bits >= 16) {
      out[at] = acc;
      out[at + 1] = acc >>> 8;
      at += 2;
      acc >>>= 16;
      bits -= 16;
    }
  }
  for (; bits > 0; bits -= 8) {
    out[at++] = acc;
    acc >>>= 8;
  }
  return at;
}

/** Unpacks `count` values of `width` bits (0..32) that start at byte `at`; the caller checked that they are there. */
export function unpackBits(
  bytes: Uint8Array,
  at: number,
  width: number,
  count: number,
  out: Uint32Array,
  outAt: number,
): void {
  if (width <= 24) unpackNarrow(bytes, at, width, count, out, outAt);
  else unpackWide(bytes, at, width, count, out, outAt);
}

function unpackNarrow(
  bytes: Uint8Array,
  at: number,
  width: number,
  count: number,
  out: Uint32Array,
  outAt: number,
): void {
  const mask = (1 << width) - 1;
  let acc = 0;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    while (bits < width) {
      acc |= bytes[at++]! << bits;
      bits += 8;
    }
    out[outAt + i] = acc & mask;
    acc >>>= width;
    bits -= width;
  }
}

function unpackWide(
  bytes: Uint8Array,
  at: number,
  width: number,
  count: number,
  out: Uint32Array,
  outAt: number,
): void {
  let bit = 0;
  for (let i = 0; i < count; i++, bit += width) {
    // The value spans at most five bytes: four make its low 32 bits less the shift, the fifth the rest.
    const first = at + Math.floor(bit / 8);
    const shift = bit & 7;
    const low =
      (bytes[first]! |
        (bytes[first + 1]! << 8) |
        (bytes[first + 2]! << 16) |
        (bytes[first + 3]! << 24)) >>>
      shift;
    const high = shift + width > 32 ? bytes[first + 4]! << (32 - shift) : 0;
    const value = (low | high) >>> 0;
    out[outAt + i] = width === 32 ? value : value & (2 ** width - 1);
  }
}
