// Cutting by the bytes of the finished files (design 5.13). How many bytes rows take is only known by encoding them, so
// each piece is measured and moved until it fits; the answer depends on the rows alone.
import { splitRows } from '../planner/split.ts';
import type { RowRange } from '../planner/split.ts';

export interface ByteRule {
  readonly rowsMax: number;
  readonly desiredBytes: number;
  readonly evenSplit: boolean;
}

/** How near to its target a piece must come, and how often it is tried. */
const tolerance = 0.02;
const evenTolerance = 0.01;
const triesMax = 8;

type Measure = (range: RowRange) => Promise<number>;

/** @param measure the bytes that a segment of these rows takes */
export async function cutByBytes(
  rowCount: number,
  rule: ByteRule,
  measure: Measure,
): Promise<RowRange[]> {
  if (rowCount === 0) return [];
  const totalBytes = await measure({ start: 0, end: rowCount });
  const rows: Rows = { rowCount, rowsMax: rule.rowsMax, bytesPerRow: totalBytes / rowCount };
  if (rule.evenSplit) return evenPieces(rows, rule, totalBytes, measure);
  const ranges: RowRange[] = [];
  for (let start = 0; start < rowCount; start = ranges.at(-1)!.end) {
    ranges.push(await fitted(rows, start, { bytes: rule.desiredBytes, tolerance }, measure));
  }
  return ranges;
}

interface Rows {
  readonly rowCount: number;
  readonly rowsMax: number;
  readonly bytesPerRow: number;
}

/**
 * The fewest pieces that keep the target, about equal: all but the last are fitted to a size, the last takes what is left,
 * and the size is moved until the last fits too. Dictionaries are in every piece, so the size is above total / pieces.
 */
async function evenPieces(
  rows: Rows,
  { desiredBytes, rowsMax }: ByteRule,
  totalBytes: number,
  measure: Measure,
): Promise<RowRange[]> {
  let pieces = Math.max(
    1,
    Math.ceil(totalBytes / desiredBytes),
    Math.ceil(rows.rowCount / rowsMax),
  );
  for (let bytes = totalBytes / pieces, tries = 0; ; tries++) {
    const ranges: RowRange[] = [];
    let start = 0;
    while (ranges.length < pieces - 1 && start < rows.rowCount - 1) {
      const range = await fitted(rows, start, { bytes, tolerance: evenTolerance }, measure);
      if (range.end === rows.rowCount) break;
      ranges.push(range);
      start = range.end;
    }
    const last = { start, end: rows.rowCount };
    const lastBytes = await measure(last);
    const even = Math.abs(lastBytes / bytes - 1) <= 2 * evenTolerance;
    if (pieces === 1 || even || tries === triesMax) {
      const rest = splitRows(last.end - start, {
        rowsMax,
        desiredBytes: null,
        bytesPerRow: 0,
        evenSplit: true,
      });
      return [
        ...ranges,
        ...rest.map((range) => ({ start: start + range.start, end: start + range.end })),
      ];
    }
    bytes = (bytes * ranges.length + lastBytes) / (ranges.length + 1);
    if (bytes > desiredBytes * 1.08 && tries < triesMax / 2) bytes = (bytes * pieces) / ++pieces;
  }
}

/** Rows from `start` whose segment is nearest to the target: proportional steps between two bounds. */
async function fitted(
  rows: Rows,
  start: number,
  target: { readonly bytes: number; readonly tolerance: number },
  measure: Measure,
): Promise<RowRange> {
  let [low, high] = [start + 1, Math.min(rows.rowCount, start + rows.rowsMax)];
  let end = clamp(start + Math.round(target.bytes / rows.bytesPerRow), low, high);
  for (let tries = 0; tries < triesMax; tries++) {
    const ratio = (await measure({ start, end })) / target.bytes;
    if (Math.abs(ratio - 1) <= target.tolerance) break;
    if (ratio > 1) high = Math.max(low, end - 1);
    else low = Math.min(high, end + 1);
    const next = clamp(start + Math.round((end - start) / ratio), low, high);
    if (next === end || low >= high) return { start, end: ratio > 1 ? low : end };
    end = next;
  }
  return { start, end };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
