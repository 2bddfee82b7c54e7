// Window jobs over segments given as rows of cells, run in this thread or on others, and their outputs as cells again.
import { crc32 } from 'node:zlib';
import { createBatchBuilder } from '../../src/columns/builder.ts';
import { cellAt } from '../../src/columns/cell.ts';
import type { Cell } from '../../src/config/cell.ts';
import type {
  DataType,
  Field,
  FieldRole,
  MoveConfig,
  Schema,
  SegmentFormat,
  TableConfig,
  TimeFormat,
} from '../../src/config/types.ts';
import { createInlinePool } from '../../src/coordinator/pool.ts';
import type { TaskPool } from '../../src/coordinator/pool.ts';
import { executeWindow } from '../../src/coordinator/window.ts';
import type { WindowDeps } from '../../src/coordinator/window.ts';
import { codecOf } from '../../src/segment/open.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/types.ts';
import type { WindowInput, WindowJob, WindowResult } from '../../src/tasks/types.ts';
import { moveConfig, tableConfig } from '../planner/fixtures.ts';

export const dayMs = 86_400_000;

export function field(
  name: string,
  dataType: DataType,
  role: FieldRole,
  more: Partial<Field> = {},
): Field {
  const defaults: Record<DataType, Field['defaultValue']> = {
    INT: role === 'METRIC' ? 0 : -2147483648,
    LONG: role === 'METRIC' ? 0n : -9223372036854775808n,
    FLOAT: role === 'METRIC' ? 0 : -Infinity,
    DOUBLE: role === 'METRIC' ? 0 : -Infinity,
    BIG_DECIMAL: '0',
    BOOLEAN: false,
    TIMESTAMP: 0n,
    STRING: 'null',
    JSON: 'null',
    BYTES: new Uint8Array(0),
  };
  return {
    name,
    dataType,
    role,
    multiValue: false,
    defaultValue: defaults[dataType],
    maxLength: 512,
    maxLengthStrategy: null,
    allowTrailingZeros: false,
    format: null,
    transformFunction: null,
    ...more,
  };
}

export const epochMs: TimeFormat = { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 };

export function timeField(
  name: string,
  format: TimeFormat = epochMs,
  dataType: DataType = 'LONG',
): Field {
  return field(name, dataType, 'DATE_TIME', { format });
}

export function schemaOf(fields: readonly Field[]): Schema {
  return { schemaName: 't', fields, primaryKeyColumns: [], columnBasedNullHandling: false };
}

const offlineBase = tableConfig('OFFLINE', {
  segmentTimeValueCheck: false,
  replacedRetentionMs: 0,
});

const moveBase = moveConfig({
  bucketMs: dayMs,
  bufferMs: 0,
  offlineFormat: 'arrow',
  compression: 'none',
});

export interface JobSpec {
  readonly fields: readonly Field[];
  readonly window: readonly [startMs: number, endMs: number];
  readonly offline?: Partial<TableConfig>;
  readonly move?: Partial<MoveConfig>;
  readonly nullsStored?: boolean;
}

export type Segments = readonly (readonly (readonly Cell[])[])[];

/** Writes the segments into the store and names them in a job. */
export async function storeJob(
  store: Store,
  spec: JobSpec,
  segments: Segments,
  format: SegmentFormat = 'arrow',
  prefix = '',
): Promise<WindowJob> {
  const schema = schemaOf(spec.fields);
  const inputs: WindowInput[] = [];
  for (const [i, rows] of segments.entries()) {
    const builder = createBatchBuilder(spec.fields, { nullHandling: spec.nullsStored ?? true });
    for (const row of rows) builder.append(row);
    // Half of the segments have dictionaries in order of appearance, as those of a stream have.
    const batch = builder.finish({ sortDictionaries: i % 2 === 0 });
    inputs.push(
      await storeSegment(store, `${prefix}s${i}`, format, batch, schema, spec.nullsStored ?? true),
    );
  }
  return {
    runId: 'run',
    table: 't',
    windowStartMs: spec.window[0],
    windowEndMs: spec.window[1],
    inputs,
    schema,
    offline: { ...offlineBase, ...spec.offline },
    move: { ...moveBase, ...spec.move },
    nowMs: 1_700_000_000_000,
  };
}

export async function storeSegment(
  store: Store,
  name: string,
  format: SegmentFormat,
  batch: ReturnType<ReturnType<typeof createBatchBuilder>['finish']>,
  schema: Schema,
  nullHandling: boolean,
): Promise<WindowInput> {
  const file = `segments/${name}.${format}`;
  const header = {
    segmentName: name,
    table: 't',
    tableType: 'REALTIME',
    creationMs: 0,
    timeColumn: 'ts',
    nullHandling,
    sortedColumns: [],
    extra: {},
  } as const;
  const writer = await store.create(file);
  let crc = 0;
  let byteLength = 0;
  for (const chunk of codecOf(format).encode([batch], {
    header,
    schema,
    compression: 'none',
    stats: null,
  })) {
    crc = crc32(chunk, crc);
    byteLength += chunk.length;
    await writer.write(chunk);
  }
  await writer.finish();
  const times = { minTimeMs: null, maxTimeMs: null };
  return {
    name,
    type: 'REALTIME',
    file,
    format,
    rowCount: batch.rowCount,
    byteLength,
    crc,
    ...times,
  };
}

export function inlinePool(threads = 2): TaskPool {
  return createInlinePool({ threads, codecOf });
}

export function runJob(
  store: Store,
  job: WindowJob,
  pool: TaskPool = inlinePool(),
  deps: Partial<WindowDeps> = {},
): Promise<WindowResult> {
  const { signal } = new AbortController();
  return executeWindow(job, { store, pool, signal, memoryCapBytes: 2 ** 30, ...deps });
}

/** Rows of each output, cells in schema order. */
export async function outputRows(
  store: Store,
  job: WindowJob,
  result: WindowResult,
): Promise<Cell[][][]> {
  const outputs: Cell[][][] = [];
  for (const { file, format } of result.outputs) {
    const names = job.schema.fields.map(({ name }) => name);
    const { batch } = codecOf(format).decode(await store.read(file), file, names);
    outputs.push(
      Array.from({ length: batch.rowCount }, (_, row) =>
        batch.columns.map((column) => cellAt(column, row)),
      ),
    );
  }
  return outputs;
}

/** The whole way in memory: segments in, result and rows out. */
export async function moveRows(
  spec: JobSpec,
  segments: Segments,
): Promise<{ job: WindowJob; result: WindowResult; outputs: Cell[][][]; store: MemoryStore }> {
  const store = new MemoryStore();
  const job = await storeJob(store, spec, segments);
  const result = await runJob(store, job);
  return { job, result, outputs: await outputRows(store, job, result), store };
}
