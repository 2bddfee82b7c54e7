// Records for the tests of the catalog: plain ones, changed where a test cares.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FinishedRun, WindowCommit } from '../../src/catalog/changes.ts';
import { addSegment } from '../../src/catalog/changes.ts';
import { openCatalog } from '../../src/catalog/lmdb.ts';
import { MemoryCatalog } from '../../src/catalog/memory.ts';
import type {
  Catalog,
  ConsumingRecord,
  RunInput,
  SegmentRecord,
  SourcePosition,
} from '../../src/catalog/types.ts';
import type { TableRecord } from '../../src/config/types.ts';
import type { FaultPlan } from '../../src/store/types.ts';

export const hourMs = 3_600_000;

export function dataRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'segmill-catalog-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return join(root, 'data');
}

export function lmdbCatalog(fault?: FaultPlan): Catalog {
  const catalog = openCatalog(dataRoot(), { fault });
  onTestFinished(() => catalog.close());
  return catalog;
}

export function memoryCatalog(fault?: FaultPlan): Catalog {
  return new MemoryCatalog(fault === undefined ? {} : { fault });
}

export const table: TableRecord = {
  name: 't',
  schema: {
    schemaName: 't',
    fields: [
      {
        name: 'n',
        dataType: 'LONG',
        role: 'METRIC',
        multiValue: false,
        defaultValue: -(2n ** 63n),
        maxLength: 512,
        maxLengthStrategy: null,
        allowTrailingZeros: false,
        format: null,
        transformFunction: null,
      },
      {
        name: 'b',
        dataType: 'BYTES',
        role: 'DIMENSION',
        multiValue: false,
        defaultValue: Uint8Array.of(0, 255, 1),
        maxLength: 512,
        maxLengthStrategy: null,
        allowTrailingZeros: false,
        format: null,
        transformFunction: null,
      },
    ],
    primaryKeyColumns: [],
    columnBasedNullHandling: false,
  },
  schemaDocument: '{}',
  realtime: null,
  offline: null,
};

export function segment(name: string, change: Partial<SegmentRecord> = {}): SegmentRecord {
  const type = change.type ?? 'OFFLINE';
  return {
    table: 't',
    type,
    name,
    file: `segments/t_${type}/${name}.w1.parquet`,
    format: 'parquet',
    rowCount: 10,
    byteLength: 100,
    crc: 7,
    minTimeMs: 0,
    maxTimeMs: hourMs - 1,
    minTimeValue: '0',
    maxTimeValue: String(hourMs - 1),
    creationMs: 1,
    partition: null,
    sequence: null,
    ranges: [],
    partitions: null,
    timePartition: null,
    columns: [],
    origin: { kind: 'ingest' },
    ...change,
  };
}

export function sourceAt(position: number, source = 's'): SourcePosition {
  return {
    source,
    position,
    rows: position,
    kind: 'growing',
    headHash: null,
    headBytes: 0,
    tailHash: null,
    byteLength: position,
    path: null,
  };
}

export function consumingAt(change: Partial<ConsumingRecord> = {}): ConsumingRecord {
  return {
    name: 't__0__0__x',
    sequence: 0,
    file: 'consuming/t/0000000000-0.arrows',
    byteLength: 50,
    crc: 1,
    rowCount: 5,
    minTimeMs: 0,
    maxTimeMs: 4,
    firstRowMs: 0,
    creationMs: 0,
    ranges: [{ source: 's', start: 0, end: 50 }],
    ...change,
  };
}

export function inputOf(record: SegmentRecord, taken: number = record.rowCount): RunInput {
  return {
    name: record.name,
    type: record.type,
    crc: record.crc,
    rowCount: record.rowCount,
    taken,
  };
}

export function finishedRun(runId: string, change: Partial<FinishedRun> = {}): FinishedRun {
  const inputs = change.inputs ?? [];
  const rows = inputs.reduce((sum, input) => sum + input.taken, 0);
  return {
    runId,
    table: 't',
    kind: 'run',
    windowStartMs: 0,
    windowEndMs: hourMs,
    negateWindowFilter: false,
    inputs,
    ledger: {
      read: rows,
      outsideWindow: 0,
      filtered: 0,
      rejected: 0,
      mergedAway: 0,
      written: rows,
    },
    startedMs: 1,
    finishedMs: 2,
    stages: {},
    memory: null,
    ...change,
  };
}

export function windowCommit(
  run: FinishedRun,
  change: Partial<Omit<WindowCommit, 'run'>> = {},
): WindowCommit {
  return {
    run,
    add: [],
    removeNames: [],
    watermarkMs: hourMs,
    expectedWatermark: 0,
    boundary: { ms: hourMs - 1, mode: 'exact' },
    supersededRuns: [],
    nowMs: 100,
    realNowMs: 200,
    ...change,
  };
}

/** Table `t` with watermark 0 and the segments given. */
export async function seed(catalog: Catalog, segments: readonly SegmentRecord[]): Promise<void> {
  await catalog.write((transaction) => {
    transaction.put('tables', 't', table);
    transaction.put('states', 't', {
      table: 't',
      watermarkMs: 0,
      watermarkOrigin: 'cold',
      boundary: null,
      boundarySet: null,
      commitNumber: 0,
    });
    for (const record of segments) addSegment(transaction, record);
  });
}

/** What a run wrote. */
export function output(
  name: string,
  runId: string,
  change: Partial<SegmentRecord> = {},
): SegmentRecord {
  return segment(name, {
    file: `segments/t_OFFLINE/${name}.${runId}.parquet`,
    origin: { kind: 'run', runId, windowStartMs: 0, windowEndMs: hourMs },
    ...change,
  });
}
