// Null bitmaps: bit r, least significant first, set where row r is null. A missing bitmap means no null row.

export function bitmapBytes(rowCount: number): number {
  return (rowCount + 7) >>> 3;
}

export function isNull(nulls: Uint8Array | null, row: number): boolean {
  return nulls !== null && ((nulls[row >>> 3]! >>> (row & 7)) & 1) === 1;
}

export function setNull(nulls: Uint8Array, row: number): void {
  nulls[row >>> 3] = nulls[row >>> 3]! | (1 << (row & 7));
}

/** Set bits among the first `rowCount`; bits behind them are not looked at. */
export function countNulls(nulls: Uint8Array | null, rowCount: number): number {
  if (nulls === null) return 0;
  let count = 0;
  const whole = rowCount >>> 3;
  for (let i = 0; i < whole; i++) count += ones[nulls[i]!]!;
  if ((rowCount & 7) !== 0) count += ones[nulls[whole]! & ((1 << (rowCount & 7)) - 1)]!;
  return count;
}

/** The bits of `rows` in their order; null when none of them is set. */
export function gatherNulls(nulls: Uint8Array | null, rows: Uint32Array): Uint8Array | null {
  if (nulls === null) return null;
  const out = new Uint8Array(bitmapBytes(rows.length));
  let any = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const bit = (nulls[row >>> 3]! >>> (row & 7)) & 1;
    out[i >>> 3] = out[i >>> 3]! | (bit << (i & 7));
    any |= bit;
  }
  return any === 0 ? null : out;
}

/** The bits of rows `from` to `to` (excluded), moved to the front; null when none is set. */
export function sliceNulls(nulls: Uint8Array | null, from: number, to: number): Uint8Array | null {
  if (nulls === null) return null;
  const out = new Uint8Array(bitmapBytes(to - from));
  copyNulls(nulls, from, to - from, out, 0);
  return out.some((byte) => byte !== 0) ? out : null;
}

/** Copies `count` bits into a target whose bits from `at` on are still clear. */
export function copyNulls(
  source: Uint8Array,
  from: number,
  count: number,
  target: Uint8Array,
  at: number,
): void {
  let done = 0;
  if ((from & 7) === 0 && (at & 7) === 0) {
    const whole = count >>> 3;
    target.set(source.subarray(from >>> 3, (from >>> 3) + whole), at >>> 3);
    done = whole << 3;
  }
  for (let i = done; i < count; i++) {
    const bit = (source[(from + i) >>> 3]! >>> ((from + i) & 7)) & 1;
    target[(at + i) >>> 3] = target[(at + i) >>> 3]! | (bit << ((at + i) & 7));
  }
}

const ones: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
});
