// What the catalog holds: plain records under text keys, changed in one durable transaction at a time.
import type { ColumnStats } from '../columns/column.ts';
import type { SegmentFormat, TableRecord, TableType } from '../config/types.ts';

/** The rows that a segment took of one source, half-open, in the source's own positions (Kafka offset, byte or row). */
export interface SourceRange {
  /** Topic id and partition, or `file:<source>/<path>`. */
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

export interface SegmentPartition {
  readonly functionName: string;
  readonly numPartitions: number;
  readonly functionConfig: Readonly<Record<string, string>>;
  readonly ids: readonly number[];
}

export type SegmentOrigin =
  | { readonly kind: 'ingest' }
  | {
      readonly kind: 'run';
      readonly runId: string;
      readonly windowStartMs: number;
      readonly windowEndMs: number;
    }
  | { readonly kind: 'backfill'; readonly runId: string }
  | { readonly kind: 'import'; readonly runId: string };

/** A sealed segment. Its file is never changed in place: a replacement is a new file name and a new record. */
export interface SegmentRecord {
  readonly table: string;
  readonly type: TableType;
  readonly name: string;
  /** Relative to the data directory. */
  readonly file: string;
  readonly format: SegmentFormat;
  readonly rowCount: number;
  readonly byteLength: number;
  /** CRC-32 of the whole file, unsigned. */
  readonly crc: number;
  /** Stored times in epoch ms, both inclusive; null without rows or time column. */
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  /** The same as raw column values in text (O-11). */
  readonly minTimeValue: string | null;
  readonly maxTimeValue: string | null;
  readonly creationMs: number;
  /** Of the stream, O-15; null for segments that did not come from one. */
  readonly partition: number | null;
  readonly sequence: number | null;
  readonly ranges: readonly SourceRange[];
  readonly partitions: Readonly<Record<string, SegmentPartition>> | null;
  readonly timePartition: string | null;
  readonly columns: readonly ColumnStats[];
  readonly origin: SegmentOrigin;
}

/** A segment that a commit took out of sight; its file stays until `gc` (A-26, design 5.19). */
export interface ReplacedSegment {
  readonly segment: SegmentRecord;
  readonly replacedMs: number;
  /** Real clock, for deletions. */
  readonly replacedRealMs: number;
  readonly runId: string;
}

/** Rows in = rows out: `read = outsideWindow + filtered + rejected + mergedAway + written`. */
export interface Ledger {
  readonly read: number;
  readonly outsideWindow: number;
  readonly filtered: number;
  readonly rejected: number;
  readonly mergedAway: number;
  readonly written: number;
}

export type RunKind = 'run' | 'rerun' | 'backfill' | 'import';
export type RunState = 'COMMITTED' | 'EMPTY' | 'FAILED' | 'ROLLED_BACK' | 'SUPERSEDED';

export interface RunInput {
  readonly name: string;
  readonly type: TableType;
  readonly crc: number;
  readonly rowCount: number;
  /** Rows of it that the window took (read less outsideWindow). */
  readonly taken: number;
}

/** One window moved (or failed), or one backfill or import. */
export interface RunRecord {
  readonly runId: string;
  readonly table: string;
  readonly kind: RunKind;
  readonly state: RunState;
  /** Null for backfill and import. */
  readonly windowStartMs: number | null;
  readonly windowEndMs: number | null;
  readonly negateWindowFilter: boolean;
  readonly inputs: readonly RunInput[];
  readonly outputs: readonly string[];
  /** Names of offline segments that this commit replaced, and the runs whose windows it did again. */
  readonly replaced: readonly string[];
  readonly supersededRuns: readonly string[];
  readonly ledger: Ledger | null;
  readonly watermarkBefore: number | null;
  readonly watermarkAfter: number | null;
  /** Goes back with the watermark on rollback: one that was cold may move down again, one set by hand may not. */
  readonly watermarkOriginBefore: TableState['watermarkOrigin'];
  readonly boundaryBefore: BoundaryRecord | null;
  readonly boundaryAfter: BoundaryRecord | null;
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly memory: {
    readonly capBytes: number;
    readonly peakBytes: number;
    readonly peakRssBytes: number;
    readonly spilledBytes: number;
  } | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  } | null;
  /** Increases with each commit of the table: which commit came later. */
  readonly commitNumber: number;
}

/** The time boundary: offline answers `<= ms`, realtime `> ms` (design 5.12, B-4). */
export interface BoundaryRecord {
  readonly ms: number;
  /** `set`: by hand, stays until it is reset (B-7, B-8). */
  readonly mode: 'exact' | 'pinot' | 'set';
}

/** One per table. */
export interface TableState {
  readonly table: string;
  readonly watermarkMs: number | null;
  /** `cold`: written at cold start and free to move down with older rows until the first commit (design 5.9). */
  readonly watermarkOrigin: 'cold' | 'commit' | 'set' | null;
  /** The boundary kept by commits; null before there is one. */
  readonly boundary: BoundaryRecord | null;
  /** The explicit one, which wins while it is there (B-7). */
  readonly boundarySet: BoundaryRecord | null;
  readonly commitNumber: number;
}

/** How far one source of one partition has been read, and how to know a file again (`cli.md`, ingest). */
export interface SourcePosition {
  readonly source: string;
  /** Next position to read: bytes for text files, rows for Parquet, Avro and JSON arrays. */
  readonly position: number;
  readonly rows: number;
  readonly kind: 'growing' | 'whole' | 'stdin' | 'stream';
  /** SHA-256 (hex) of the first 64 KiB, and of the last 64 KiB before the position; null where there is no file. */
  readonly headHash: string | null;
  readonly headBytes: number;
  readonly tailHash: string | null;
  readonly byteLength: number;
  /** Last absolute path it was read from, for messages. */
  readonly path: string | null;
}

/** The CONSUMING segment of a partition: rows durable in an Arrow stream file, not yet sealed. */
export interface ConsumingRecord {
  readonly name: string;
  readonly sequence: number;
  /** Relative to the data directory; only the first `byteLength` bytes are valid. */
  readonly file: string;
  readonly byteLength: number;
  /** CRC-32 of those bytes. */
  readonly crc: number;
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly firstRowMs: number;
  readonly creationMs: number;
  /** Where each source stood when this segment began, so that a lost file can be read again. */
  readonly ranges: readonly SourceRange[];
}

/** One partition of a table's stream. */
export interface PartitionRecord {
  readonly table: string;
  readonly partition: number;
  readonly nextSequence: number;
  readonly consuming: ConsumingRecord | null;
  readonly sources: readonly SourcePosition[];
  /** Positions at the last sealed end, to go back to when the CONSUMING file fails its checksum. */
  readonly sealedSources: readonly SourcePosition[];
  /** A moment at which all of the partition's sources had been read to their end (design 5.9); null when unknown. */
  readonly readToEndMs: number | null;
  readonly rejectedRows: number;
  readonly ignoredFields: number;
  /** Valid bytes of the partition's reject file: what stands behind them was written by a crashed ingestion. */
  readonly rejectBytes: number;
  /** The three figures above at the last sealed end, to go back to together with `sealedSources`. */
  readonly sealedRejects: {
    readonly rejectedRows: number;
    readonly ignoredFields: number;
    readonly rejectBytes: number;
  };
}

/** Who moves a table right now (or reads, or ingests); times are of the real clock. */
export interface LeaseRecord {
  readonly key: string;
  readonly owner: string;
  readonly pid: number;
  readonly host: string;
  /** Boot and process namespace in which `pid` means something; null where the system does not tell. */
  readonly machine: string | null;
  /** When the process started, in the kernel's own count: a pid that is used again has another one. */
  readonly processStart: string | null;
  readonly takenMs: number;
  readonly renewedMs: number;
}

/** Collections of the catalog: record type by collection name. Keys are text, listed in byte order. */
export interface Collections {
  /** key: raw table name */
  tables: TableRecord;
  /** key: raw table name */
  states: TableState;
  /** key: `table/TYPE/name` */
  segments: SegmentRecord;
  /** key: `table/name/runId` */
  replaced: ReplacedSegment;
  /** key: `table/partition` with the partition padded to 10 digits */
  partitions: PartitionRecord;
  /** key: `table/commitNumber padded to 12/runId` */
  runs: RunRecord;
  /** key: `move/table`, `ingest/table/partition`, `read/id` */
  leases: LeaseRecord;
  /** key: `version` and other facts of the data directory */
  meta: { readonly value: string };
}

export type CollectionName = keyof Collections;

/** One consistent state. */
export interface CatalogView {
  get<K extends CollectionName>(collection: K, key: string): Collections[K] | undefined;
  /** All records whose key starts with `prefix`, in key order. */
  list<K extends CollectionName>(collection: K, prefix?: string): Collections[K][];
}

export interface CatalogTransaction extends CatalogView {
  put<K extends CollectionName>(collection: K, key: string, record: Collections[K]): void;
  remove(collection: CollectionName, key: string): void;
}

export interface Catalog {
  /** `body` sees one snapshot and must not keep the view. */
  read<T>(body: (view: CatalogView) => T): T;
  /** All or nothing, durable when the promise is done; serialised across processes. `body` is synchronous; if it throws, nothing changes. */
  write<T>(body: (transaction: CatalogTransaction) => T): Promise<T>;
  close(): Promise<void>;
}
