// A dataset on disk, three times the same rows: Arrow realtime segments as ingestion seals them, Parquet files for the
// peers (written by DuckDB, so that none reads a foreign writer's layout), and DuckDB's own database file.
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { segmentFile } from '../catalog/layout.ts';
import type { SegmentRecord } from '../catalog/types.ts';
import type { ColumnBatch } from '../columns/column.ts';
import { batchStats } from '../columns/stats.ts';
import { parseSchema } from '../config/schema.ts';
import type { SegmentFormat } from '../config/types.ts';
import { segmentTimes } from '../ingest/segment-facts.ts';
import { parseJson } from '../json/parse.ts';
import { crc32 } from '../kernels/crc32.ts';
import { llcName } from '../planner/llc-name.ts';
import { SegmillError } from '../errors.ts';
import { codecOf } from '../segment/open.ts';
import { openLocalStore } from '../store/local.ts';
import type { Store } from '../store/types.ts';
import {
  datasetOf,
  generatorVersion,
  segmentBatch,
  segmentPlaces,
  windowEndMs,
} from './datasets.ts';
import { quoted, withDuckDb } from './duckdb.ts';
import { tableDocuments } from './table-documents.ts';
import { tableName } from './workloads.ts';
import type { Workload } from './workloads.ts';

export interface DatasetFiles {
  readonly folder: string;
  /** Rows in all segments, duplicates included. */
  readonly rows: number;
  readonly arrowBytes: number;
  readonly parquetBytes: number;
  readonly segments: readonly SegmentRecord[];
  /** The same segments as records of the Parquet files. */
  readonly parquetSegments: readonly SegmentRecord[];
  /** Absolute paths, in segment order. */
  readonly parquet: readonly string[];
  /** DuckDB's own file with the same rows in table `rows`. */
  readonly database: string;
}

export interface DatasetRequest {
  /** Folder of all datasets. */
  readonly root: string;
  readonly rows: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Segments made for each line of progress. */
const segmentsPerLine = 10;

type Manifest = Omit<DatasetFiles, 'folder' | 'parquet' | 'database'>;

/** What segmill reads: segments as it seals them, or the very files that the peers read. */
export type InputFormat = SegmentFormat;

/**
 * The files of a workload's rows; what an earlier bench left in the same folder is taken as it is.
 * @throws SegmillError CANCELLED, STORE_FULL
 */
export async function datasetFiles(
  workload: Workload,
  request: DatasetRequest,
): Promise<DatasetFiles> {
  const folder = datasetFolder(workload, request);
  const manifest = join(folder, 'manifest.json');
  if (!existsSync(manifest)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, 'parquet'), { recursive: true });
    const made = await makeFiles(workload, folder, request);
    await writeFile(manifest, JSON.stringify(made));
  }
  const made = JSON.parse(await readFile(manifest, 'utf8')) as Manifest;
  const parquet = made.segments.map(({ name }) => parquetPath(folder, name));
  return { ...made, folder, parquet, database: databasePath(folder) };
}

export function datasetFolder(
  workload: Workload,
  { root, rows }: Pick<DatasetRequest, 'root' | 'rows'>,
): string {
  return join(root, `${tableName(workload)}-${rows}-v${generatorVersion}`);
}

function parquetPath(folder: string, segment: string): string {
  return join(folder, 'parquet', `${segment}.parquet`);
}

function databasePath(folder: string): string {
  return join(folder, 'rows.duckdb');
}

async function makeFiles(
  workload: Workload,
  folder: string,
  { rows, threads, signal, progress }: DatasetRequest,
): Promise<Manifest> {
  const store = openLocalStore(folder);
  const places = segmentPlaces(rows);
  const segments: SegmentRecord[] = [];
  const options = { threads, temporary: join(folder, 'spill') };
  const parquetSegments: SegmentRecord[] = [];
  await withDuckDb(options, async (duckdb) => {
    for (const place of places) {
      if (signal.aborted) throw cancelled(workload);
      const dataset = datasetOf(workload.dataset);
      const batch = segmentBatch(dataset, places, place.segment, workload.duplicates);
      const record = await writeSegment(store, workload, place.segment, batch);
      segments.push(record);
      const ours = await writeEncoded(store, `own/${record.name}.parquet`, 'parquet', {
        workload,
        batch,
        record,
      });
      const path = parquetPath(folder, record.name);
      await duckdb.run(
        `copy (select * from read_parquet(${quoted(store.localPath(ours.file))})) to ${quoted(path)} (format parquet, compression snappy)`,
      );
      await store.remove(ours.file);
      parquetSegments.push(await parquetRecord(record, path));
      if (segments.length % segmentsPerLine === 0)
        progress(`rows of ${tableName(workload)}: ${segments.length} of ${places.length} segments`);
    }
    await duckdb.run(`attach ${quoted(databasePath(folder))} as own`);
    const paths = segments.map(({ name }) => quoted(parquetPath(folder, name)));
    await duckdb.run(`create table own.rows as select * from read_parquet([${paths.join(', ')}])`);
    await duckdb.run('detach own');
  });
  return {
    rows: segments.reduce((sum, { rowCount }) => sum + rowCount, 0),
    arrowBytes: bytesOf(segments),
    parquetBytes: bytesOf(parquetSegments),
    segments,
    parquetSegments,
  };
}

function cancelled(workload: Workload): SegmillError {
  const table = tableName(workload);
  return new SegmillError('CANCELLED', `cancelled while the rows of ${table} were made`, { table });
}

function bytesOf(segments: readonly SegmentRecord[]): number {
  return segments.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

async function parquetRecord(record: SegmentRecord, path: string): Promise<SegmentRecord> {
  const bytes = await readFile(path);
  const { table, name } = record;
  const file = segmentFile(table, 'REALTIME', name, 'bench', codecOf('parquet').extension);
  return { ...record, file, format: 'parquet', byteLength: bytes.byteLength, crc: crc32(bytes) };
}

/** The segments of all workloads of the same rows hold every column, also those that a workload's schema leaves out. */
async function writeSegment(
  store: Store,
  workload: Workload,
  sequence: number,
  batch: ColumnBatch,
): Promise<SegmentRecord> {
  const table = tableName(workload);
  const name = llcName(table, 0, sequence, windowEndMs);
  const file = segmentFile(table, 'REALTIME', name, 'bench', codecOf('arrow').extension);
  const columns = batchStats(batch);
  const record: SegmentRecord = {
    table,
    type: 'REALTIME',
    name,
    file,
    format: 'arrow',
    rowCount: batch.rowCount,
    byteLength: 0,
    crc: 0,
    ...segmentTimes(batch, wholeSchema(workload), 'ts'),
    creationMs: windowEndMs,
    partition: 0,
    sequence,
    ranges: [],
    partitions: null,
    timePartition: null,
    columns,
    origin: { kind: 'ingest' },
  };
  return { ...record, ...(await writeEncoded(store, file, 'arrow', { workload, batch, record })) };
}

async function writeEncoded(
  store: Store,
  file: string,
  format: SegmentFormat,
  content: {
    readonly workload: Workload;
    readonly batch: ColumnBatch;
    readonly record: SegmentRecord;
  },
): Promise<{ readonly file: string; readonly byteLength: number; readonly crc: number }> {
  const { workload, batch, record } = content;
  const chunks = codecOf(format).encode([batch], {
    header: {
      segmentName: record.name,
      table: record.table,
      tableType: 'REALTIME',
      creationMs: record.creationMs,
      timeColumn: 'ts',
      nullHandling: datasetOf(workload.dataset).nullHandling,
      sortedColumns: [],
      extra: {},
    },
    schema: wholeSchema(workload),
    compression: 'none',
    stats: record.columns,
  });
  const writer = await store.create(file);
  let crc = 0;
  try {
    for (const chunk of chunks) {
      crc = crc32(chunk, crc);
      await writer.write(chunk);
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  return { file, byteLength: writer.byteLength, crc };
}

function wholeSchema(workload: Workload): ReturnType<typeof parseSchema>['schema'] {
  const [schema] = tableDocuments({ ...workload, dimensions: null });
  return parseSchema(parseJson(schema!.text), schema!.where).schema;
}

/** The realtime segments where their records say, below another folder; files are shared, not copied. */
export async function linkSegments(
  { folder, segments, parquetSegments, parquet }: DatasetFiles,
  input: InputFormat,
  target: string,
): Promise<readonly SegmentRecord[]> {
  const records = input === 'arrow' ? segments : parquetSegments;
  for (const [i, { file }] of records.entries()) {
    const path = join(target, file);
    await mkdir(join(path, '..'), { recursive: true });
    await link(input === 'arrow' ? join(folder, file) : parquet[i]!, path);
  }
  return records;
}
