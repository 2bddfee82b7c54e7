// The rows of one partition on their way: pipeline, CONSUMING file, sealed segment. After each `flush` the catalog names
// exactly the rows, rejects and positions that are on the device; a crash before it leaves the state before it.
import { invariant, isSegmillError, SegmillError } from '../errors.ts';
import {
  consumingBatchBytesMax,
  consumingBatchRowsMax,
  consumingFlushMs,
  segmentRowsMax,
} from '../limits.ts';
import type { StreamConfig, TableConfig, TableRecord } from '../config/types.ts';
import type { Store } from '../store/types.ts';
import { dropConsuming, saveConsuming, sealConsuming } from '../catalog/consuming.ts';
import { partitionOf } from '../catalog/keys.ts';
import { consumingFile } from '../catalog/layout.ts';
import { assertLease } from '../catalog/lease.ts';
import type { Lease } from '../catalog/lease.ts';
import type {
  Catalog,
  CatalogTransaction,
  ConsumingRecord,
  PartitionRecord,
  SourcePosition,
  SourceRange,
} from '../catalog/types.ts';
import { llcName } from '../planner/llc-name.ts';
import { ConsumingFile } from './consuming-file.ts';
import { appendRejects, rejectFile } from './reject-file.ts';
import type { Reject } from './reject-file.ts';
import { RowIntake } from './row-intake.ts';
import type { PartitionCounts } from './row-intake.ts';
import { writeSealed } from './seal.ts';
import type { StreamBatch, StreamPartition } from './stream-source.ts';

export interface PartitionWriterOptions {
  readonly catalog: Catalog;
  readonly store: Store;
  readonly table: TableRecord;
  readonly realtime: TableConfig;
  readonly stream: StreamConfig;
  readonly lease: Lease;
  /** For naming, dating and the time threshold (`--now`). */
  readonly clock: () => number;
}

interface Progress {
  readonly start: number;
  end: number;
  rows: number;
}

type Beginning = Pick<ConsumingRecord, 'name' | 'sequence' | 'file' | 'firstRowMs' | 'creationMs'>;

export class PartitionWriter {
  readonly #options: PartitionWriterOptions;
  readonly #source: StreamPartition;
  readonly #intake: RowIntake;
  #record: PartitionRecord;
  #file: ConsumingFile | null = null;
  /** The CONSUMING segment as it will be saved, without the rows in the builder. */
  #begun: Beginning | null = null;
  /** Since the last seal, by source. */
  readonly #progress = new Map<string, Progress>();
  /** Real clock: when the oldest row that is not on the device was read. */
  #unflushedSince: number | null = null;
  /** A flush or seal that did not end: what is in memory may be on the device already, so it is not tried again. */
  #failed = false;

  private constructor(
    options: PartitionWriterOptions,
    source: StreamPartition,
    record: PartitionRecord,
  ) {
    this.#options = options;
    this.#source = source;
    this.#record = record;
    this.#intake = new RowIntake(options.table, options.realtime, options.clock());
  }

  /** Adopts the partition's CONSUMING file; one that fails its checksum is dropped and its rows are read again. */
  static async open(
    options: PartitionWriterOptions,
    source: StreamPartition,
  ): Promise<PartitionWriter> {
    const { catalog, table } = options;
    const record = catalog.read((view) => partitionOf(view, table.name, source.partition));
    const writer = new PartitionWriter(options, source, record);
    if (record.consuming !== null) await writer.#adopt(record.consuming);
    return writer;
  }

  get record(): PartitionRecord {
    return this.#record;
  }

  get counts(): PartitionCounts {
    return this.#intake.counts;
  }

  get consumingRows(): number {
    return (this.#record.consuming?.rowCount ?? 0) + this.#intake.builder.rowCount;
  }

  /** Ms until `flush` is due, null when nothing waits for it. */
  get flushDueMs(): number | null {
    if (this.#unflushedSince === null || this.#failed) return null;
    return Math.max(0, this.#unflushedSince + consumingFlushMs - Date.now());
  }

  /** @throws SegmillError ROW_REJECTED under `segmill.onUndecodableRow=fail`, with the rows before it kept */
  async add(batch: StreamBatch): Promise<void> {
    let progress = this.#progressOf(batch.source, batch.start);
    if (batch.end > batch.start) this.#unflushedSince ??= Date.now();
    for (const row of batch.rows) {
      const reject = this.#intake.add(batch.source, row);
      if (reject !== null) await this.#reject(reject);
      if (this.#begun === null && this.#intake.builder.rowCount > 0) this.#begun = this.#begin();
      this.#unflushedSince ??= Date.now();
      progress.end = row.end;
      progress.rows++;
      this.counts.rowsRead++;
      if (!this.#isFull()) continue;
      await this.#flushAndSealIfDue();
      progress = this.#progressOf(batch.source, row.end);
    }
    progress.end = batch.end;
    const wide = this.#intake.builder.byteLength >= consumingBatchBytesMax;
    if (wide || this.flushDueMs === 0) await this.#flushAndSealIfDue();
  }

  /** Seals what has reached a threshold: rows, age by the given clock, or bytes where rows are not limited. */
  async sealIfDue(): Promise<void> {
    const { stream, clock } = this.#options;
    const { consuming } = this.#record;
    if (consuming === null) return;
    const many = consuming.rowCount >= this.#rowsMax();
    const large = stream.flushRows === 0 && consuming.byteLength >= stream.flushSegmentBytes;
    const old = clock() - consuming.firstRowMs >= stream.flushTimeMs;
    if (many || large || old) await this.seal();
  }

  /**
   * Rows, rejects and positions to the device, then into the catalog.
   * @param readToEndMs the moment before the sources' ends were asked for, when all of them were read up to it
   */
  async flush(readToEndMs: number | null = null): Promise<void> {
    invariant(!this.#failed, () => `partition ${this.#source.partition} failed to flush before`);
    this.#failed = true;
    const { catalog, table, lease } = this.#options;
    const { partition } = this.#source;
    const rejectBytes = await this.#writeRejects();
    const consuming = await this.#writeRows();
    const sources = await this.#positions();
    const record = await catalog.write((transaction) => {
      assertLease(transaction, lease);
      return saveConsuming(transaction, {
        table: table.name,
        partition,
        consuming,
        sources,
        readToEndMs,
        rejectedRows: this.#record.rejectedRows + this.#intake.rejects.length,
        ignoredFields: this.#record.ignoredFields + this.#intake.ignoredFields,
        rejectBytes,
      });
    });
    this.#saved(record);
  }

  /** All CONSUMING rows, also those of earlier calls, become a sealed segment. */
  async seal(): Promise<void> {
    if (this.#intake.builder.rowCount > 0 || this.#intake.rejects.length > 0) await this.flush();
    const { consuming } = this.#record;
    if (consuming === null) return;
    this.#failed = true;
    const { catalog, store, lease } = this.#options;
    const { partition } = this.#source;
    const segment = await writeSealed({ ...this.#options, partition, consuming });
    const { sources, rejectedRows, ignoredFields, rejectBytes } = this.#record;
    const record = await catalog.write((transaction: CatalogTransaction) => {
      assertLease(transaction, lease);
      const seal = {
        segment,
        sources,
        readToEndMs: null,
        rejectedRows,
        ignoredFields,
        rejectBytes,
      };
      return sealConsuming(transaction, seal);
    });
    this.counts.sealed.push(segment.name);
    this.#file = null;
    this.#begun = null;
    this.#intake.beginSegment(null, null);
    this.#progress.clear();
    this.#saved(record);
    await store.remove(consuming.file);
  }

  #saved(record: PartitionRecord): void {
    this.#record = record;
    this.#intake.clear();
    this.#unflushedSince = null;
    this.#failed = false;
  }

  async #adopt(consuming: ConsumingRecord): Promise<void> {
    const { catalog, store, table, lease } = this.#options;
    try {
      this.#file = await ConsumingFile.adopt(store, table.schema, consuming);
    } catch (error) {
      const lost =
        isSegmillError(error, 'SEGMENT_CORRUPT') || isSegmillError(error, 'FILE_NOT_FOUND');
      if (!lost) throw error;
      this.counts.rowsDropped = consuming.rowCount;
      this.#record = await catalog.write((transaction) => {
        assertLease(transaction, lease);
        return dropConsuming(transaction, table.name, this.#source.partition, consuming.name);
      });
      await store.remove(consuming.file);
      return;
    }
    this.#begun = beginningOf(consuming);
    this.#intake.beginSegment(consuming.minTimeMs, consuming.maxTimeMs);
    for (const { source, start, end } of consuming.ranges) {
      this.#progress.set(source, { start, end, rows: this.#rowsOf(source) });
    }
    // A segment has one set of columns: rows of a changed schema go into the next one.
    if (!this.#file.hasColumns) await this.seal();
  }

  /** A source joins the segment where it was last sealed, or, for the first time, where it stands. */
  #progressOf(source: string, position: number): Progress {
    let progress = this.#progress.get(source);
    if (progress === undefined) {
      const sealed = this.#record.sealedSources.find((known) => known.source === source);
      progress = {
        start: sealed?.position ?? position,
        end: position,
        rows: this.#rowsOf(source),
      };
      this.#progress.set(source, progress);
    }
    return progress;
  }

  #rowsOf(key: string): number {
    return this.#record.sources.find(({ source }) => source === key)?.rows ?? 0;
  }

  #begin(): Beginning {
    const { table, clock } = this.#options;
    const { partition } = this.#source;
    const now = clock();
    const sequence = this.#record.nextSequence;
    return {
      name: llcName(table.name, partition, sequence, now),
      sequence,
      file: consumingFile(table.name, partition, sequence),
      firstRowMs: now,
      creationMs: now,
    };
  }

  async #reject(reject: Reject): Promise<void> {
    if (this.#options.stream.onUndecodableRow === 'fail') {
      await this.flush();
      throw new SegmillError(
        'ROW_REJECTED',
        `${reject.source} at ${reject.position}: ${reject.reason}; the rows before it are kept. Mend the row, or set segmill.onUndecodableRow to keep`,
        { source: reject.source, position: reject.position, column: reject.column },
      );
    }
    this.#intake.reject(reject);
  }

  #isFull(): boolean {
    const rows = this.#intake.builder.rowCount;
    const waiting = rows + this.#intake.rejects.length;
    return waiting >= consumingBatchRowsMax || this.consumingRows >= this.#rowsMax();
  }

  #rowsMax(): number {
    const { flushRows } = this.#options.stream;
    return flushRows > 0 ? Math.min(flushRows, segmentRowsMax) : segmentRowsMax;
  }

  async #flushAndSealIfDue(): Promise<void> {
    await this.flush();
    await this.sealIfDue();
  }

  async #writeRejects(): Promise<number> {
    if (this.#intake.rejects.length === 0) return this.#record.rejectBytes;
    const { store, table } = this.#options;
    const path = rejectFile(table.name, this.#source.partition);
    return appendRejects(store, path, this.#record.rejectBytes, this.#intake.rejects);
  }

  async #writeRows(): Promise<ConsumingRecord | null> {
    const saved = this.#record.consuming;
    if (this.#begun === null) return saved;
    if (this.#intake.builder.rowCount === 0 && saved === null) return null;
    const { store, table } = this.#options;
    this.#file ??= ConsumingFile.create(store, table.schema, this.#begun.file);
    if (this.#intake.builder.rowCount > 0) {
      await this.#file.append(this.#intake.builder.finish({ sortDictionaries: false }));
    }
    return {
      ...this.#begun,
      byteLength: this.#file.byteLength,
      crc: this.#file.crc,
      rowCount: (saved?.rowCount ?? 0) + this.#intake.builder.rowCount,
      minTimeMs: this.#intake.minTimeMs,
      maxTimeMs: this.#intake.maxTimeMs,
      ranges: this.#ranges(),
    };
  }

  #ranges(): SourceRange[] {
    return [...this.#progress].map(([source, { start, end }]) => ({ source, start, end }));
  }

  /** Sources in the order in which they were first read. */
  async #positions(): Promise<SourcePosition[]> {
    const positions = new Map(this.#record.sources.map((known) => [known.source, known]));
    for (const [source, { end, rows }] of this.#progress) {
      const known = positions.get(source);
      if (known?.position === end && known.rows === rows) continue;
      positions.set(source, await this.#source.positionAt(source, end, rows));
    }
    return [...positions.values()];
  }
}

function beginningOf(consuming: ConsumingRecord): Beginning {
  const { name, sequence, file, firstRowMs, creationMs } = consuming;
  return { name, sequence, file, firstRowMs, creationMs };
}
