// Every bound in one place, each with its reason. Ranges are half-open everywhere, except segment end times, which
// are inclusive as in Pinot (W-15).

const KiB = 1024;
const MiB = 1024 * KiB;

/** Rows in one segment or one shard: row ids are 32-bit and typed arrays of 8-byte values stay under 2 GiB. */
export const segmentRowsMax: number = 1 << 27;
/** Bytes of one column's var-length data: offsets are 32-bit. */
export const columnBytesMax: number = 2 ** 32 - 1;
/** Pinot's default for `maxNumRecordsPerSegment` (C-11). */
export const recordsPerSegmentDefault = 5_000_000;
/** Length at which Pinot cuts a STRING by default, in UTF-16 units. */
export const stringLengthMax = 512;
/** Depth of nested JSON, arrays and expressions: deeper text is refused instead of exhausting the stack. */
export const nestingDepthMax = 256;
/** Bytes of one NDJSON line or one CSV record; a longer one is a rejected row. */
export const rowBytesMax: number = 16 * MiB;
/** Bytes hashed at the head of a file and before its position, to know the file again (`cli.md`, ingest). */
export const fingerprintBytes: number = 64 * KiB;
/** New CONSUMING rows reach the disk at the latest after this (design, "CONSUMING rows outlive the process"). */
export const consumingFlushMs = 400;
/** Rows buffered before they are appended to the CONSUMING file, whatever the clock says. */
export const consumingBatchRowsMax: number = 1 << 16;
/** Default seal thresholds: Pinot's 5 M rows, 6 h, and 200 MB of segment size. */
export const flushRowsDefault = 5_000_000;
export const flushTimeMsDefault: number = 6 * 3_600_000;
export const flushSegmentBytesDefault: number = 200 * MiB;
/** Rows kept in one reject file listing shown to a user; the file itself holds them all. */
export const rejectsShownMax = 5;
/** Tasks waiting in the pool per thread; piscina's own default is without bound. */
export const tasksQueuedPerWorkerMax = 4096;
/** Tries of a task whose worker died or whose error is marked retriable. */
export const taskAttemptsMax = 2;
/** Windows that one call crosses without finding a segment, so that a bad period or time cannot loop for ever (W-12, W-16). */
export const windowsCrossedMax = 1_000_000;
/** A lease not renewed for this long may be taken over when its process is dead or of another host. */
export const leaseStaleMs = 30_000;
/** Stored times outside 1971..2071 are refused by Pinot's controller. */
export const validTimeMinMs: number = Date.UTC(1971, 0, 1);
export const validTimeMaxMs: number = Date.UTC(2071, 0, 1);
/** Replaced files stay at least this long: the horizon of `rollback`. */
export const replacedRetentionMsDefault: number = 4 * 3_600_000;
/** Seconds that a query may take unless `SET timeoutMs` says otherwise. */
export const queryTimeoutMsDefault = 60_000;
/** Characters of one query: lists of some 10,000 values fit, texts that only a program could mean harm with do not. */
export const queryTextMax: number = MiB;
/** Segment files that a process remembers to have found whole, some hundred bytes each: the oldest is checked again. */
export const checkedFilesMax: number = 1 << 16;
/** Bytes of a segment file that is checked, read at a time: large sequential reads, little memory held. */
export const checkedBytes: number = 8 * MiB;
/** Columns of one table that an error lists. */
export const columnsShownMax = 20;
/** How long a stopped query may take to notice; then its thread is left alone (DuckDB does not look while it binds). */
export const queryStopMs = 2000;
/** Rows in one Parquet row group and bytes in one page before compression: what readers prefetch well. */
export const rowGroupRowsMax: number = 1 << 20;
export const pageBytesTarget: number = 128 * KiB;
/** Bytes of one Parquet page that is read: other writers' pages may be large, a hostile header not without end. */
export const pageBytesMax: number = 256 * MiB;
/** LMDB's map: address space, not memory; a full map is reported, never grown silently. */
export const catalogBytesMax: number = 4 * 1024 * MiB;
/** Bytes gathered before the store hands them to the system: large sequential writes, small enough to keep many files open. */
export const storeWriteBytes: number = MiB;
/** Bytes read from a source file at a time: large sequential reads, few rows in flight. */
export const readChunkBytes: number = MiB;
/** Bytes of a rejected row's text kept in the reject file. */
export const rejectedTextMax: number = 4 * KiB;
/** Bytes of an Avro or Parquet file or a JSON array that comes through a pipe: it is held in memory whole. */
export const pipedFileBytesMax: number = 1024 * MiB;
/** Rows decoded into one batch by readers of binary files. */
export const readBatchRows = 4096;
/** Distinct values of a column up to which rows being built share a dictionary; beyond, values are kept as they come. */
export const dictionaryValuesMax: number = 1 << 22;
/** Elements or characters that one function call of an ingestion expression may make (repeat, lpad, arrays). */
export const expressionResultMax: number = MiB;
/** Bytes of rows buffered before they are appended to the CONSUMING file: wide rows count by size. */
export const consumingBatchBytesMax: number = 64 * MiB;
/** Pause between two looks at files that `--follow` watches. */
export const followPollMs = 200;
/** How long the end of an interrupted read is waited for: a silent pipe never ends it. */
export const pipeCloseMs = 100;
/** A partition's read-to-end moment moves in steps of at least this, so that an idle `--follow` seldom writes. */
export const readToEndStepMs = 1000;
/** Values of a column's dictionary in a CONSUMING file, after which a new one is begun: the writer holds them all. */
export const consumingDictionaryMax: number = 1 << 20;
/** Rows of one shard: keys, row ids and their spare copies stay within the second-level cache. */
export const shardRowsTarget: number = 1 << 16;
/** Shards of one partition: beyond, the write heads of a scatter no longer fit the first-level cache. */
export const shardsMax = 1024;
/** Sampled rows that shards are cut by: all segments together, and the least and most of one. */
export const sampleRowsTarget: number = 1 << 16;
export const sampleRowsOfSegmentMin = 64;
export const sampleRowsOfSegmentMax = 8192;
/** Tasks in flight per worker: one runs, one waits, so that a worker never idles. */
export const tasksInFlightPerWorker = 2;

/** Distinct numbers of an output column that are counted: a table of them stays in the cache; beyond, there are many. */
export const distinctCountedMax: number = 1 << 14;
