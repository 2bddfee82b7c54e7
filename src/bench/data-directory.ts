// A data directory as ingestion leaves it just before a move: table, sealed segments, one partition read to its end.
import { rm } from 'node:fs/promises';
import { addSegment, setWatermark } from '../catalog/changes.ts';
import { partitionKey, partitionOf, tableOf } from '../catalog/keys.ts';
import type { Catalog, SegmentRecord } from '../catalog/types.ts';
import { buildSegment } from '../engine/build.ts';
import type { EngineContext } from '../engine/context.ts';
import { openContext } from '../engine/open.ts';
import { addTables } from '../engine/tables.ts';
import { llcName } from '../planner/llc-name.ts';
import { datasetOf, dayMs, segmentBatch, windowEndMs, windowStartMs } from './datasets.ts';
import { linkSegments } from './dataset-files.ts';
import type { DatasetFiles, InputFormat } from './dataset-files.ts';
import { tableDocuments } from './table-documents.ts';
import { tableName, workloadsOf } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** The clock of the move: the window has long closed. */
export const benchNowMs: number = windowEndMs + dayMs;
/** A small table, moved before anything is timed. */
export const warmTable = 'warm';

export interface DirectoryOptions {
  readonly dataDir: string;
  readonly workers: number;
  readonly input: InputFormat;
}

/** Makes the directory anew; `dataDir` must lie on the dataset's file system. */
export async function prepareDirectory(
  workload: Workload,
  files: DatasetFiles,
  { dataDir, workers, input }: DirectoryOptions,
): Promise<void> {
  await rm(dataDir, { recursive: true, force: true });
  const { context, close } = await openContext({ dataDir, workers, now: () => benchNowMs });
  try {
    const segments = await linkSegments(files, input, dataDir);
    await addTables(context, tableDocuments(workload), { keep: true });
    await putSegments(context.catalog, tableName(workload), segments);
    await addWarmTable(context);
  } finally {
    await close();
  }
}

/** What lies before the window is late and stays where it is: the figures are of one window. */
async function putSegments(
  catalog: Catalog,
  table: string,
  segments: readonly SegmentRecord[],
): Promise<void> {
  await catalog.write((transaction) => {
    for (const segment of segments) addSegment(transaction, segment);
    transaction.put('partitions', partitionKey(table, 0), {
      ...partitionOf(transaction, table, 0),
      nextSequence: segments.length,
      readToEndMs: benchNowMs,
    });
    setWatermark(transaction, table, windowStartMs, 'set');
  });
}

/** Enough segments, partitions and outputs for every thread to load every task. */
async function addWarmTable(context: EngineContext): Promise<void> {
  const [dedup] = workloadsOf(['dedup']);
  const count = 4 * context.workers;
  const workload = { ...dedup!, partition: { column: 'user_id', count } };
  await addTables(context, tableDocuments(workload, warmTable), { keep: true });
  const record = context.catalog.read((view) => tableOf(view, warmTable));
  const rows = 100 * count;
  const places = Array.from({ length: count }, (_, segment) => ({
    segment,
    first: segment * 100,
    count: 100,
    rows,
  }));
  const segments: SegmentRecord[] = [];
  for (const { segment } of places) {
    const batch = segmentBatch(datasetOf('events'), places, segment, true);
    const target = {
      runId: 'bench',
      record,
      type: 'REALTIME',
      origin: { kind: 'ingest' },
      partition: 0,
      sequence: segment,
    } as const;
    const name = llcName(warmTable, 0, segment, windowEndMs);
    segments.push(await buildSegment(context, target, batch, () => name));
  }
  await putSegments(context.catalog, warmTable, segments);
}
