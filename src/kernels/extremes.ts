// Least and greatest of a stretch of values, one function a type so that each stays monomorphic. `out` takes the least
// at 0 and the greatest at 1; an empty stretch leaves the greatest below the least.

export function extremes32(values: Int32Array, from: number, to: number, out: Int32Array): void {
  let least = 0x7fffffff;
  let most = -0x80000000;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  out[0] = least;
  out[1] = most;
}

/**
 * 64-bit values as words, low word first; the least at words 0 and 1 of `out`, the greatest at 2 and 3. Values are
 * compared as doubles, which keeps their order below 2^53; when an extreme lies beyond, word by word.
 */
export function extremes64(words: Int32Array, from: number, to: number, out: Int32Array): void {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 2 * from; i < 2 * to; i += 2) {
    const value = words[i + 1]! * 4294967296 + (words[i]! >>> 0);
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least <= -9007199254740992 || most >= 9007199254740992 || from === to) {
    extremesWords(words, from, to, out);
    return;
  }
  out[0] = least;
  out[1] = Math.floor(least / 4294967296);
  out[2] = most;
  out[3] = Math.floor(most / 4294967296);
}

function extremesWords(words: Int32Array, from: number, to: number, out: Int32Array): void {
  let leastLow = 0xffffffff;
  let leastHigh = 0x7fffffff;
  let mostLow = 0;
  let mostHigh = -0x80000000;
  for (let i = 2 * from; i < 2 * to; i += 2) {
    const low = words[i]! >>> 0;
    const high = words[i + 1]!;
    if (high < leastHigh || (high === leastHigh && low < leastLow)) {
      leastHigh = high;
      leastLow = low;
    }
    if (high > mostHigh || (high === mostHigh && low > mostLow)) {
      mostHigh = high;
      mostLow = low;
    }
  }
  out[0] = leastLow;
  out[1] = leastHigh;
  out[2] = mostLow;
  out[3] = mostHigh;
}

/** False when a NaN is among the values: they have no order then. */
export function extremesFloat(
  values: Float32Array,
  from: number,
  to: number,
  out: Float64Array,
): boolean {
  let least = Infinity;
  let most = -Infinity;
  let ordered = true;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
    if (value !== value) ordered = false;
  }
  out[0] = least;
  out[1] = most;
  return ordered;
}

/** The same for doubles. */
export function extremesDouble(
  values: Float64Array,
  from: number,
  to: number,
  out: Float64Array,
): boolean {
  let least = Infinity;
  let most = -Infinity;
  let ordered = true;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
    if (value !== value) ordered = false;
  }
  out[0] = least;
  out[1] = most;
  return ordered;
}

export function extremesCodes(
  codes: Uint32Array,
  from: number,
  to: number,
  out: Uint32Array,
): void {
  let least = 0xffffffff;
  let most = 0;
  for (let i = from; i < to; i++) {
    const code = codes[i]!;
    if (code < least) least = code;
    if (code > most) most = code;
  }
  out[0] = least;
  out[1] = most;
}

/** The same over the ranks of the codes, for a dictionary that does not lie in order. */
export function extremesRanks(
  codes: Uint32Array,
  ranks: Uint32Array,
  from: number,
  to: number,
  out: Uint32Array,
): void {
  let least = 0xffffffff;
  let most = 0;
  for (let i = from; i < to; i++) {
    const rank = ranks[codes[i]!]!;
    if (rank < least) least = rank;
    if (rank > most) most = rank;
  }
  out[0] = least;
  out[1] = most;
}
