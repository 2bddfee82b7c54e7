// What a window has to wait for: rows that could still come into it (W-7, W-8, W-15 and design 5.9).
import type { PartitionRecord, SegmentRecord } from '../catalog/types.ts';
import { heldAt } from './decide.ts';
import { parseLlcName } from './llc-name.ts';
import {
  instant,
  listed,
  moveConfigOf,
  overlaps,
  period,
  type TableSnapshot,
  type TimeRange,
} from './snapshot.ts';
import type { HeldWindow } from './types.ts';

/** Why the window has to wait, by the table's semantics; null when nothing can come into it any more. */
export function waitingFor(snapshot: TableSnapshot, range: TimeRange): HeldWindow | null {
  return (
    onlyConsuming(snapshot, range) ??
    (moveConfigOf(snapshot.table).semantics === 'pinot'
      ? lastSegmentEndsInside(snapshot, range)
      : (consumingRows(snapshot, range) ?? notReadToEnd(snapshot, range)))
  );
}

/** A partition that has rows and never sealed any (W-8 as it was meant). */
function onlyConsuming(snapshot: TableSnapshot, range: TimeRange): HeldWindow | null {
  const sealed = new Set(snapshot.realtime.map((segment) => segment.partition));
  const waiting = snapshot.partitions.filter(
    ({ partition, consuming }) =>
      consuming !== null &&
      consuming.rowCount > 0 &&
      consuming.sequence === 0 &&
      !sealed.has(partition),
  );
  if (waiting.length === 0) return null;
  const rows = waiting.reduce((sum, { consuming }) => sum + (consuming?.rowCount ?? 0), 0);
  return heldAt(
    range,
    'PARTITION_ONLY_CONSUMING',
    `${named(waiting)}: ${rows} CONSUMING rows and no sealed segment yet; seal with segmill ingest --seal`,
  );
}

/** CONSUMING rows in or before the window would be late after it. */
function consumingRows(snapshot: TableSnapshot, range: TimeRange): HeldWindow | null {
  const waiting = snapshot.partitions.filter(
    ({ consuming }) =>
      consuming !== null &&
      consuming.rowCount > 0 &&
      (consuming.minTimeMs === null || consuming.minTimeMs < range.endMs),
  );
  if (waiting.length === 0) return null;
  const figures = waiting.slice(0, 5).map(({ partition, consuming }) => {
    const from = consuming?.minTimeMs ?? null;
    return `${partition}: ${consuming?.rowCount} rows from ${from === null ? 'unknown time' : instant(from)}`;
  });
  return heldAt(
    range,
    'CONSUMING_MAY_HOLD_ROWS',
    `${named(waiting)} may hold CONSUMING rows in or before the window, which ends at ${instant(range.endMs)} ` +
      `(partition ${figures.join('; partition ')}); seal with segmill ingest --seal`,
  );
}

/** No moment known after windowEnd + buffer at which the partition's sources had been read to their end. */
function notReadToEnd(snapshot: TableSnapshot, range: TimeRange): HeldWindow | null {
  const { bufferMs } = moveConfigOf(snapshot.table);
  const neededMs = range.endMs + bufferMs;
  const removed = new Set(snapshot.removedSources);
  const behind = snapshot.partitions.filter(
    (partition) =>
      hasLivingSource(partition, removed) &&
      (partition.readToEndMs === null || partition.readToEndMs < neededMs),
  );
  if (behind.length === 0) return null;
  const known = behind.map((partition) => partition.readToEndMs).filter((ms) => ms !== null);
  const last =
    known.length < behind.length ? 'at no known moment' : `last at ${instant(Math.min(...known))}`;
  return heldAt(
    range,
    'NOT_READ_UP_TO_DATE',
    `${named(behind)} had been read up to the end ${last}, the window needs it at ${instant(neededMs)} ` +
      `or later (its end plus bufferTimePeriod ${period(bufferMs)}); run segmill ingest`,
  );
}

/** Imported segments and standard input leave nothing to read, neither does a file that was removed. */
function hasLivingSource(partition: PartitionRecord, removed: ReadonlySet<string>): boolean {
  return partition.sources.some(({ kind, source }) => kind !== 'stdin' && !removed.has(source));
}

/** Pinot's consuming guard (W-7, W-15): the newest segment of a partition ends before the window does. */
function lastSegmentEndsInside(snapshot: TableSnapshot, range: TimeRange): HeldWindow | null {
  const newest = new Map<number, { sequence: number; segment: SegmentRecord }>();
  for (const segment of snapshot.realtime) {
    const llc = parseLlcName(segment.name);
    if (llc === null) continue;
    const known = newest.get(llc.partition);
    if (known === undefined || llc.sequence > known.sequence)
      newest.set(llc.partition, { sequence: llc.sequence, segment });
  }
  for (const { segment } of newest.values()) {
    const endMs = segment.maxTimeMs;
    if (endMs === null || endMs >= range.endMs || !overlaps(segment, range)) continue;
    return heldAt(
      range,
      'CONSUMING_MAY_HOLD_ROWS',
      `${segment.name}, the newest sealed segment of its partition, ends at ${instant(endMs)}, before the window ` +
        `does at ${instant(range.endMs)}: CONSUMING rows may follow; it moves once a later segment is sealed`,
    );
  }
  return null;
}

function named(partitions: readonly PartitionRecord[]): string {
  const numbers = listed(partitions.map(({ partition }) => String(partition)));
  return partitions.length === 1 ? `partition ${numbers}` : `partitions ${numbers}`;
}
