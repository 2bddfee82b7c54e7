// Kernels as one would write them first: plain arrays, Maps, sets, a comparator. What ours have to equal and to beat.

export function sortRows(words: readonly Uint32Array[], rowCount: number): Uint32Array {
  const ids = Array.from({ length: rowCount }, (_, i) => i);
  ids.sort((a, b) => {
    for (const word of words) if (word[a] !== word[b]) return word[a]! - word[b]!;
    return a - b;
  });
  return Uint32Array.from(ids);
}

export function scatter(values: Float64Array, shards: Uint32Array, count: number): Float64Array {
  const lists: number[][] = Array.from({ length: count }, () => []);
  for (const [i, value] of values.entries()) lists[shards[i]!]!.push(value);
  return Float64Array.from(lists.flat());
}

export function gather(values: BigInt64Array, rows: Uint32Array): BigInt64Array {
  return BigInt64Array.from(Array.from(rows, (row) => values[row]!));
}

export function sumByGroup(
  values: BigInt64Array,
  groupOf: Uint32Array,
  groups: number,
): BigInt64Array {
  const sums = new Map<number, bigint>();
  for (const [i, value] of values.entries())
    sums.set(groupOf[i]!, (sums.get(groupOf[i]!) ?? 0n) + value);
  return BigInt64Array.from({ length: groups }, (_, group) => sums.get(group) ?? 0n);
}

/** Dictionaries of texts to one, and the new code of every old one. */
export function mergeDictionaries(dictionaries: readonly (readonly string[])[]): {
  readonly texts: readonly string[];
  readonly remaps: readonly Uint32Array[];
} {
  const texts = [...new Set(dictionaries.flat())].toSorted();
  const codes = new Map(texts.map((text, code) => [text, code]));
  const remaps = dictionaries.map((own) => Uint32Array.from(own, (text) => codes.get(text)!));
  return { texts, remaps };
}

/** Bit by bit. */
export function packBits(values: readonly number[], width: number): number[] {
  const bytes: number[] = Array.from({ length: Math.ceil(values.length / 8) * width }, () => 0);
  for (const [i, value] of values.entries()) {
    for (let b = 0; b < width; b++) {
      const bit = i * width + b;
      bytes[bit >>> 3]! |= (Math.floor(value / 2 ** b) % 2) << (bit & 7);
    }
  }
  return bytes;
}

/** Parquet's DELTA_BINARY_PACKED in blocks of 128 with four runs each. */
export function writeDelta(values: readonly number[]): number[] {
  const bytes = [...varint(128), ...varint(4), ...varint(values.length), ...zigzag(values[0] ?? 0)];
  const deltas = values.slice(1).map((value, i) => value - values[i]!);
  for (let at = 0; at < deltas.length; at += 128) {
    const block = deltas.slice(at, at + 128);
    const least = Math.min(...block);
    const runs = [0, 32, 64, 96].map((from) =>
      block.slice(from, from + 32).map((delta) => delta - least),
    );
    const widths = runs.map(
      (run) => Math.max(0, ...run).toString(2).length * Number(run.some(Boolean)),
    );
    bytes.push(...zigzag(least), ...widths);
    for (const [r, run] of runs.entries()) {
      if (run.length === 0) continue;
      const padded = [...run, ...Array.from({ length: 32 - run.length }, () => 0)];
      bytes.push(...packBits(padded, widths[r]!));
    }
  }
  return bytes;
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function zigzag(value: number): number[] {
  return varint(value < 0 ? -2 * value - 1 : 2 * value);
}

/** Bit by bit. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let b = 0; b < 8; b++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

export function selectTimes(values: BigInt64Array, start: number, end: number): Uint32Array {
  const [from, to] = [BigInt(start), BigInt(end)];
  return Uint32Array.from(
    Array.from(values.keys()).filter((i) => values[i]! >= from && values[i]! < to),
  );
}
