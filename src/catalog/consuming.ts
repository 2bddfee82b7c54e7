// CONSUMING rows in the catalog: how far each source was read, which rows are durable, and their way to a sealed segment.
import { invariant, SegmillError } from '../errors.ts';
import { addSegment } from './changes.ts';
import { partitionKey, partitionOf, tableOf } from './keys.ts';
import type {
  CatalogTransaction,
  ConsumingRecord,
  PartitionRecord,
  SegmentRecord,
  SourcePosition,
  SourceRange,
} from './types.ts';

export interface ConsumingProgress {
  readonly table: string;
  readonly partition: number;
  /** Null while no row was kept yet: positions move over rejected rows, too. */
  readonly consuming: ConsumingRecord | null;
  /** All sources of the partition, at the end of those rows. */
  readonly sources: readonly SourcePosition[];
  /** The moment before the sources' end was asked for, when these rows reach it (design 5.9); null leaves it as it is. */
  readonly readToEndMs: number | null;
  /** Counts of the partition since its first row. */
  readonly rejectedRows: number;
  readonly ignoredFields: number;
  /** Valid length of the reject file. */
  readonly rejectBytes: number;
}

/**
 * Names the new valid length of the CONSUMING file, and the positions up to which it holds the sources.
 * @throws SegmillError POSITION_CONFLICT when another process went on from the same place
 */
export function saveConsuming(
  transaction: CatalogTransaction,
  progress: ConsumingProgress,
): PartitionRecord {
  const { table, partition, consuming, sources } = progress;
  tableOf(transaction, table);
  const before = partitionOf(transaction, table, partition);
  checkForward(before, sources);
  checkSameFile(before, consuming);
  if (consuming !== null) {
    checkSequence(before, consuming.sequence);
    checkRanges(before, consuming.ranges, sources);
  }
  const after: PartitionRecord = {
    ...before,
    consuming,
    sources: [...sources],
    readToEndMs: progress.readToEndMs ?? before.readToEndMs,
    rejectedRows: progress.rejectedRows,
    ignoredFields: progress.ignoredFields,
    rejectBytes: progress.rejectBytes,
  };
  transaction.put('partitions', partitionKey(table, partition), after);
  return after;
}

export interface Seal {
  /** REALTIME, with partition, sequence, and the ranges that it took of each source. */
  readonly segment: SegmentRecord;
  /** All sources of the partition, at the segment's end. */
  readonly sources: readonly SourcePosition[];
  readonly readToEndMs: number | null;
  readonly rejectedRows: number;
  readonly ignoredFields: number;
  /** Valid length of the reject file. */
  readonly rejectBytes: number;
}

/**
 * The sealed segment takes the place of the CONSUMING rows; the next sequence begins.
 * @throws SegmillError POSITION_CONFLICT when a range does not start at its source's last sealed end, or another
 * process has sealed this sequence; SEGMENT_NAME_TAKEN
 */
export function sealConsuming(transaction: CatalogTransaction, seal: Seal): PartitionRecord {
  const { segment, sources } = seal;
  const { table, partition, sequence } = segment;
  invariant(
    segment.type === 'REALTIME' && partition !== null && sequence !== null,
    () => `segment ${segment.name} has no place in a stream`,
  );
  const before = partitionOf(transaction, table, partition);
  checkSequence(before, sequence);
  checkForward(before, sources);
  checkRanges(before, segment.ranges, sources);
  if (before.consuming !== null && before.consuming.name !== segment.name) {
    throw conflict(
      before,
      `its CONSUMING segment is ${before.consuming.name}, not ${segment.name}`,
    );
  }
  addSegment(transaction, segment);
  const rejects = {
    rejectedRows: seal.rejectedRows,
    ignoredFields: seal.ignoredFields,
    rejectBytes: seal.rejectBytes,
  };
  const after: PartitionRecord = {
    ...before,
    nextSequence: sequence + 1,
    consuming: null,
    sources: [...sources],
    sealedSources: [...sources],
    readToEndMs: seal.readToEndMs ?? before.readToEndMs,
    ...rejects,
    sealedRejects: rejects,
  };
  transaction.put('partitions', partitionKey(table, partition), after);
  return after;
}

/**
 * The CONSUMING file failed its checksum: the sources are read again from the last sealed end, and the partition no
 * longer counts as read up to its end, since rows below that moment are missing again.
 * @throws SegmillError POSITION_CONFLICT when another process replaced the file meanwhile
 */
export function dropConsuming(
  transaction: CatalogTransaction,
  table: string,
  partition: number,
  name: string,
): PartitionRecord {
  const before = partitionOf(transaction, table, partition);
  if (before.consuming?.name !== name) {
    throw conflict(
      before,
      `its CONSUMING segment is ${before.consuming?.name ?? 'none'}, not ${name}`,
    );
  }
  const after: PartitionRecord = {
    ...before,
    consuming: null,
    sources: before.sealedSources,
    ...before.sealedRejects,
    readToEndMs: null,
  };
  transaction.put('partitions', partitionKey(table, partition), after);
  return after;
}

function checkSequence(before: PartitionRecord, sequence: number): void {
  if (sequence === before.nextSequence) return;
  throw conflict(before, `sequence ${before.nextSequence} is next, this is ${sequence}`);
}

/** The valid part of a CONSUMING file only grows; another file takes its place through a seal or a drop. */
function checkSameFile(before: PartitionRecord, next: ConsumingRecord | null): void {
  const { consuming } = before;
  if (consuming === null) return;
  if (next?.file !== consuming.file || next.name !== consuming.name) {
    throw conflict(before, `its CONSUMING file is ${consuming.file}, not ${next?.file ?? 'none'}`);
  }
  if (next.byteLength < consuming.byteLength || next.rowCount < consuming.rowCount) {
    throw conflict(
      before,
      `${consuming.file} holds ${consuming.rowCount} rows already, this would leave ${next.rowCount}`,
    );
  }
}

function checkForward(before: PartitionRecord, sources: readonly SourcePosition[]): void {
  for (const { source, position } of before.sources) {
    const next = sources.find((candidate) => candidate.source === source);
    if (next !== undefined && next.position >= position) continue;
    const found = next === undefined ? 'left out' : `put back to ${next.position}`;
    throw conflict(before, `source ${source} was read to ${position} and is ${found}`);
  }
}

/** Every range begins where the source was last sealed, goes on where the range before it ended, and ends where it stands. */
function checkRanges(
  before: PartitionRecord,
  ranges: readonly SourceRange[],
  sources: readonly SourcePosition[],
): void {
  const ends = new Map(before.sealedSources.map(({ source, position }) => [source, position]));
  for (const { source, start, end } of ranges) {
    const last = ends.get(source);
    if (last !== undefined && last !== start) {
      throw conflict(
        before,
        `source ${source} was taken up to ${last}, this range starts at ${start}`,
      );
    }
    if (end < start) throw conflict(before, `range ${start} to ${end} of ${source} is none`);
    ends.set(source, end);
  }
  for (const { source, end } of ranges) {
    const stands = sources.find((candidate) => candidate.source === source)?.position;
    if (ends.get(source) === stands) continue;
    throw conflict(
      before,
      `a range of ${source} ends at ${end}, its position is ${stands ?? 'unknown'}`,
    );
  }
}

function conflict(before: PartitionRecord, reason: string): SegmillError {
  const { table, partition } = before;
  return new SegmillError(
    'POSITION_CONFLICT',
    `partition ${partition} of ${table}: ${reason}; another process ingested meanwhile, go on from the catalog's positions`,
    { table, partition, reason },
  );
}
