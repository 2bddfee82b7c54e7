// A table with its catalog and store in a temporary data directory, and what tests ask of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { partitionOf, segmentsOf } from '../../src/catalog/keys.ts';
import { openCatalog } from '../../src/catalog/lmdb.ts';
import type { Catalog, PartitionRecord, SegmentRecord } from '../../src/catalog/types.ts';
import { cellAt } from '../../src/columns/cell.ts';
import type { ColumnBatch } from '../../src/columns/column.ts';
import type { TableRecord } from '../../src/config/types.ts';
import { readConsuming } from '../../src/ingest/consuming-rows.ts';
import { ingestFiles } from '../../src/ingest/ingest.ts';
import type { IngestOptions, IngestResult } from '../../src/ingest/ingest.ts';
import { arrowCodec } from '../../src/segment/arrow/codec.ts';
import { openLocalStore } from '../../src/store/local.ts';
import type { FaultPlan, Store } from '../../src/store/types.ts';
import { emptyInput, t0, tableRecord } from './rows.ts';

export * from './rows.ts';

export interface Desk {
  readonly dataDir: string;
  readonly inputDir: string;
  readonly table: TableRecord;
  readonly catalog: Catalog;
  readonly store: Store;
  write(path: string, content: string | Uint8Array): string;
  ingest(from: string | readonly string[], more?: Partial<IngestOptions>): Promise<IngestResult>;
  partition(partition?: number): PartitionRecord;
  segments(): SegmentRecord[];
  /** All rows of a partition, sealed and CONSUMING, in order, as `[id, name, tags, ts]`. */
  rows(partition?: number): Promise<unknown[][]>;
  ids(partition?: number): Promise<number[]>;
  rejects(partition?: number): Promise<{ position: number; reason: string; row: string }[]>;
  /** The same data directory with another table config or fault plan. */
  reopen(options?: { fault?: FaultPlan; table?: TableRecord }): Promise<Desk>;
  close(): Promise<void>;
}

export async function openDesk(table: TableRecord = tableRecord()): Promise<Desk> {
  const root = mkdtempSync(join(tmpdir(), 'segmill-ingest-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return deskAt(root, table);
}

export async function deskAt(root: string, table: TableRecord, fault?: FaultPlan): Promise<Desk> {
  const dataDir = join(root, 'data');
  const inputDir = join(root, 'input');
  mkdirSync(inputDir, { recursive: true });
  const setup = openCatalog(dataDir);
  await setup.write((transaction) => transaction.put('tables', table.name, table));
  await setup.close();
  const catalog = openCatalog(dataDir, { fault });
  const store = openLocalStore(dataDir, fault);
  const rows = (partition = 0): Promise<unknown[][]> => allRows(catalog, store, partition);
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await catalog.close();
    open = false;
  };
  onTestFinished(close);
  return {
    dataDir,
    inputDir,
    table,
    catalog,
    store,
    write(path, content) {
      const full = join(inputDir, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
      return full;
    },
    ingest: (from, more = {}) =>
      ingestFiles({
        catalog,
        store,
        table,
        from: typeof from === 'string' ? [from] : from,
        source: null,
        partitions: [],
        seal: false,
        follow: false,
        again: false,
        clock: () => t0,
        signal: new AbortController().signal,
        input: emptyInput(),
        owner: 'test',
        ...more,
      }),
    partition: (partition = 0) => catalog.read((view) => partitionOf(view, 't', partition)),
    segments: () => catalog.read((view) => segmentsOf(view, 't', 'REALTIME')),
    rows,
    ids: async (partition = 0) => (await rows(partition)).map(([id]) => Number(id)),
    async rejects(partition = 0) {
      const path = `rejects/t/${partition}.ndjson`;
      if (!(await store.exists(path))) return [];
      const text = Buffer.from(await store.read(path)).toString('utf8');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { position: number; reason: string; row: string });
    },
    close,
    async reopen(options = {}) {
      await close();
      return deskAt(root, options.table ?? table, options.fault);
    },
  };
}

async function allRows(catalog: Catalog, store: Store, partition: number): Promise<unknown[][]> {
  const { segments, record } = catalog.read((view) => ({
    segments: segmentsOf(view, 't', 'REALTIME').filter((s) => s.partition === partition),
    record: partitionOf(view, 't', partition),
  }));
  const rows: unknown[][] = [];
  for (const segment of segments.sort((a, b) => a.sequence! - b.sequence!)) {
    rows.push(...batchRows(arrowCodec.decode(await store.read(segment.file), segment.file).batch));
  }
  const consuming = await readConsuming(store, record);
  if (consuming !== null) rows.push(...batchRows(consuming));
  return rows;
}

function batchRows(batch: ColumnBatch): unknown[][] {
  return Array.from({ length: batch.rowCount }, (_, r) => batch.columns.map((c) => cellAt(c, r)));
}
