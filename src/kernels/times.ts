// Times of many rows at once. Epoch milliseconds are doubles here: exact to the millisecond for every date in reach, and
// free of BigInt, which costs a call a row. 64-bit columns are read and written through their 32-bit halves.
//
// All division floors (design 5.4), also before 1970. Bounds: values beyond 2^53 in either direction lose digits, so a
// caller with nanoseconds divides in BigInt before.

const word = 4294967296;

/** Little-endian 64-bit integers as doubles. */
export function longsToNumbers(values: BigInt64Array): Float64Array<ArrayBuffer> {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = halves[2 * i + 1]! * word + (halves[2 * i]! >>> 0);
  return out;
}

export function numbersToLongs(values: Float64Array): BigInt64Array<ArrayBuffer> {
  const out = new BigInt64Array(values.length);
  const halves = new Int32Array(out.buffer);
  for (let i = 0; i < values.length; i++) {
    const high = Math.floor(values[i]! / word);
    halves[2 * i + 1] = high;
    halves[2 * i] = values[i]! - high * word;
  }
  return out;
}

/** values[i] * factor in place. */
export function multiply(values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * factor;
}

/** floor(values[i] / divisor) in place. */
export function divide(values: Float64Array, divisor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.floor(values[i]! / divisor);
}

/** The start of the bucket that holds each value, in place. */
export function floorTo(values: Float64Array, step: number): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.floor(values[i]! / step) * step;
}

/** Rows whose time lies in [start, end), or outside of it when `negate` is set; NaN is in neither. */
export function selectRange(
  times: Float64Array,
  start: number,
  end: number,
  negate: boolean,
): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(times.length);
  let count = 0;
  if (negate) {
    for (let i = 0; i < times.length; i++) {
      const time = times[i]!;
      if (time < start || time >= end) rows[count++] = i;
    }
  } else {
    for (let i = 0; i < times.length; i++) {
      const time = times[i]!;
      if (time >= start && time < end) rows[count++] = i;
    }
  }
  return rows.subarray(0, count);
}

/** `selectRange` on 64-bit integers where they lie; `rows` has room for all of them and holds the answer. */
export function selectLongs(
  values: BigInt64Array,
  start: number,
  end: number,
  negate: boolean,
  rows: Uint32Array,
): Uint32Array {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const inside = negate ? 0 : 1;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const time = halves[2 * i + 1]! * word + (halves[2 * i]! >>> 0);
    rows[count] = i;
    // Written for every row, kept by the count: no branch for the processor to guess.
    count += (time >= start && time < end ? 1 : 0) === inside ? 1 : 0;
  }
  return rows.subarray(0, count);
}

/** The start of the bucket that holds each 64-bit integer, into `out`. Times that lie in the bucket before them are not divided. */
export function floorLongs(values: BigInt64Array, step: number, out: BigInt64Array): BigInt64Array {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const target = new Int32Array(out.buffer, out.byteOffset, values.length * 2);
  let [start, high, low] = [NaN, 0, 0];
  for (let i = 0; i < 2 * values.length; i += 2) {
    const time = halves[i + 1]! * word + (halves[i]! >>> 0);
    if (!(time >= start && time - start < step)) {
      start = Math.floor(time / step) * step;
      high = Math.floor(start / word);
      low = start - high * word;
    }
    target[i + 1] = high;
    target[i] = low;
  }
  return out;
}
