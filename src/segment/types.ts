// What a codec is: bytes <-> columns. One folder a format; the facade `open.ts` picks the codec by format.
import type { ColumnBatch, ColumnStats } from '../columns/column.ts';
import type { Compression, SegmentFormat } from '../config/types.ts';
import type { Schema } from '../config/types.ts';

/** Facts that travel inside the file beside the columns, as text keys of the file's own metadata, prefix `segmill.`. */
export interface SegmentHeader {
  readonly segmentName: string;
  /** Raw table name. */
  readonly table: string;
  readonly tableType: 'REALTIME' | 'OFFLINE';
  readonly creationMs: number;
  readonly timeColumn: string | null;
  /** Nulls are stored as nulls (O-3); false: the columns are required and hold defaults. */
  readonly nullHandling: boolean;
  readonly sortedColumns: readonly string[];
  /** More facts of the writer: stream partition and offsets, run id, partition ids. */
  readonly extra: Readonly<Record<string, string>>;
}

export interface EncodeOptions {
  readonly header: SegmentHeader;
  readonly schema: Schema;
  readonly compression: Compression;
  /** Of all pieces together, when known: goes into the file's metadata. */
  readonly stats: readonly ColumnStats[] | null;
}

export interface DecodedSegment {
  readonly batch: ColumnBatch;
  readonly header: SegmentHeader | null;
  readonly stats: readonly ColumnStats[] | null;
}

export interface SegmentCodec {
  readonly format: SegmentFormat;
  /** Without the dot. */
  readonly extension: string;
  /**
   * The file's bytes in order, chunk by chunk; the consumer writes a chunk before it asks for the next. `pieces` are
   * consecutive rows of one segment with the same columns, taken one at a time, so that a piece can be let go once it
   * is encoded. All pieces share one dictionary per column (the same object) or bring their own.
   */
  encode(pieces: Iterable<ColumnBatch>, options: EncodeOptions): Iterable<Uint8Array>;
  /**
   * The columns of a whole file (all, or those named, in the order asked for).
   * @param where file or segment name for messages
   * @param checked the caller has just found the whole file's CRC to be the catalog's: checksums inside are not computed again
   * @throws SegmillError SEGMENT_CORRUPT with file, column and offset where known; never another error for bad bytes
   */
  decode(
    bytes: Uint8Array,
    where: string,
    columns?: readonly string[],
    checked?: boolean,
  ): DecodedSegment;
}
