// Late rows: below the watermark, and taken by no window (W-18c, design 5.10). Which segments may hold them, and in which
// times; the rows themselves are counted from the time columns.
import { allRowsTaken, doneWindows, takenRanges, without } from './ledger.ts';
import type { TableSnapshot, TimeRange } from './snapshot.ts';

export interface LateRanges {
  /** Of a sealed REALTIME segment, or of a CONSUMING one. */
  readonly segment: string;
  readonly consuming: boolean;
  /** Every row with a time in here (half-open, sorted, disjoint) is late. */
  readonly ranges: readonly TimeRange[];
  /** Rows of the whole segment: late ones are at most as many. */
  readonly rowCount: number;
}

/**
 * Segments that may hold late rows, in the order of the snapshot, CONSUMING ones last.
 * @param watermarkMs another watermark than the stored one: what `watermark set` would leave behind
 */
export function lateSegments(
  snapshot: TableSnapshot,
  watermarkMs: number | null = snapshot.state?.watermarkMs ?? null,
): LateRanges[] {
  if (watermarkMs === null) return [];
  const done = doneWindows(snapshot.runs);
  const late: LateRanges[] = [];
  for (const segment of snapshot.realtime) {
    if (segment.minTimeMs === null || segment.maxTimeMs === null) continue;
    if (segment.minTimeMs >= watermarkMs || allRowsTaken(done, segment)) continue;
    const below = {
      startMs: segment.minTimeMs,
      endMs: Math.min(segment.maxTimeMs + 1, watermarkMs),
    };
    const ranges = without(below, takenRanges(done, segment));
    if (ranges.length > 0)
      late.push({ segment: segment.name, consuming: false, ranges, rowCount: segment.rowCount });
  }
  for (const { consuming } of snapshot.partitions) {
    if (consuming === null || consuming.minTimeMs === null || consuming.maxTimeMs === null)
      continue;
    if (consuming.rowCount === 0 || consuming.minTimeMs >= watermarkMs) continue;
    const endMs = Math.min(consuming.maxTimeMs + 1, watermarkMs);
    late.push({
      segment: consuming.name,
      consuming: true,
      ranges: [{ startMs: consuming.minTimeMs, endMs }],
      rowCount: consuming.rowCount,
    });
  }
  return late;
}
