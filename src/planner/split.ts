// Where the rows of one output partition are cut into segments: by rows (O-9, E-23) and by bytes (design 5.13).

export interface SplitRule {
  /** `maxNumRecordsPerSegment`. */
  readonly rowsMax: number;
  /** `segmill.desiredSegmentSize`; null: no target. */
  readonly desiredBytes: number | null;
  /** Bytes of one row in the output format, measured or estimated; used with `desiredBytes` alone. */
  readonly bytesPerRow: number;
  /** `segmill.evenSplit`: pieces of equal size in place of full ones and a rest. */
  readonly evenSplit: boolean;
}

/** Rows [start, end) of one segment. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The pieces of `rowCount` rows, in order, without an empty one. Greedy: full pieces, the rest last. Even: the fewest
 * pieces that keep the limit, their sizes at most one row apart. With both limits the smaller one cuts (L-11).
 */
export function splitRows(rowCount: number, rule: SplitRule): RowRange[] {
  const limit = rowsPerPiece(rule);
  const pieces = Math.ceil(rowCount / limit);
  const ranges: RowRange[] = [];
  for (let piece = 0, start = 0; piece < pieces; piece++) {
    const end = rule.evenSplit
      ? Math.floor((rowCount * (piece + 1)) / pieces)
      : Math.min(start + limit, rowCount);
    ranges.push({ start, end });
    start = end;
  }
  return ranges;
}

/** At least one row: a row wider than the target is a segment of its own. */
function rowsPerPiece({ rowsMax, desiredBytes, bytesPerRow }: SplitRule): number {
  const byRows = Math.max(1, Math.floor(rowsMax));
  if (desiredBytes === null || !(bytesPerRow > 0)) return byRows;
  return Math.min(byRows, Math.max(1, Math.round(desiredBytes / bytesPerRow)));
}
