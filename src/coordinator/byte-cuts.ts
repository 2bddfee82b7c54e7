// Cutting by the bytes of the finished files (design 5.13). How many bytes rows take is only known by encoding them, so
// each piece is measured and moved until it fits; the answer depends on the rows alone.
import type { RowRange } from '../planner/split.ts';

export interface ByteRule {
  readonly rowsMax: number;
  readonly desiredBytes: number;
  readonly evenSplit: boolean;
}

/** How near to its target a piece must come, and how often it is tried. */
const tolerance = 0.02;
const triesMax = 8;

/** @param measure the bytes that a segment of these rows takes */
export async function cutByBytes(
  rowCount: number,
  { rowsMax, desiredBytes, evenSplit }: ByteRule,
  measure: (range: RowRange) => Promise<number>,
): Promise<RowRange[]> {
  if (rowCount === 0) return [];
  const totalBytes = await measure({ start: 0, end: rowCount });
  const pieces = Math.max(1, Math.ceil(totalBytes / desiredBytes), Math.ceil(rowCount / rowsMax));
  const target = evenSplit ? totalBytes / pieces : desiredBytes;
  const ranges: RowRange[] = [];
  let start = 0;
  let bytesPerRow = totalBytes / rowCount;
  while (start < rowCount) {
    const last = evenSplit && ranges.length === pieces - 1 && rowCount - start <= rowsMax;
    const range = last
      ? { start, end: rowCount }
      : await fitted(start, Math.min(rowCount, start + rowsMax), target, bytesPerRow, measure);
    ranges.push(range);
    bytesPerRow = target / Math.max(1, range.end - range.start);
    start = range.end;
  }
  return ranges;
}

/** Rows from `start` whose segment is nearest to the target: proportional steps between two bounds. */
async function fitted(
  start: number,
  endMax: number,
  target: number,
  bytesPerRow: number,
  measure: (range: RowRange) => Promise<number>,
): Promise<RowRange> {
  let [low, high] = [start + 1, endMax];
  let end = clamp(start + Math.round(target / bytesPerRow), low, high);
  for (let tries = 0; tries < triesMax; tries++) {
    const bytes = await measure({ start, end });
    const ratio = bytes / target;
    if (Math.abs(ratio - 1) <= tolerance) break;
    if (ratio > 1) high = Math.max(low, end - 1);
    else low = Math.min(high, end + 1);
    const next = clamp(start + Math.round((end - start) / ratio), low, high);
    if (next === end || low >= high) {
      end = ratio > 1 ? low : end;
      break;
    }
    end = next;
  }
  return { start, end };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
