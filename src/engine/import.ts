// `import`: segment files of any format that is read, conformed to the table's schema, as one commit.
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { addSegment, commitWindow } from '../catalog/changes.ts';
import { leaseKey, partitionKey, partitionOf, stateOf, tableOf } from '../catalog/keys.ts';
import { temporaryFolder } from '../catalog/layout.ts';
import { assertLease, livingLeases, withLease } from '../catalog/lease.ts';
import type { CatalogTransaction, SegmentRecord } from '../catalog/types.ts';
import type { ColumnBatch } from '../columns/column.ts';
import { splitTableName } from '../config/names.ts';
import type { TableRecord, TableType } from '../config/types.ts';
import { SegmillError, unreadableFile } from '../errors.ts';
import { parseLlcName } from '../planner/llc-name.ts';
import { checkedPart } from '../planner/names.ts';
import { codecOf, formatOfBytes } from '../segment/open.ts';
import { buildSegment, sideOf } from './build.ts';
import { conformBatch } from './conform.ts';
import { tidy } from './context.ts';
import type { EngineContext } from './context.ts';
import { newRunId } from './segment-record.ts';

export interface ImportReport {
  readonly table: string;
  readonly type: TableType;
  readonly runId: string;
  readonly segments: readonly {
    readonly name: string;
    readonly rows: number;
    readonly bytes: number;
    readonly path: string;
  }[];
}

/**
 * Brings segment files into a table under the names that they carry (else their file names). Without a type in the
 * table's name, names of stream segments (O-15) go to REALTIME, others to OFFLINE.
 * @throws SegmillError TABLE_NOT_FOUND, CONFIG_INVALID, FILE_NOT_FOUND, SEGMENT_CORRUPT, SEGMENT_NAME_TAKEN,
 * COLUMN_TYPE_CHANGED, SEGMENT_TIME_INVALID
 */
export async function importSegments(
  ctx: EngineContext,
  table: string,
  paths: readonly string[],
): Promise<ImportReport[]> {
  const { raw, type } = splitTableName(table);
  const record = ctx.catalog.read((view) => tableOf(view, raw));
  return withLease(ctx.catalog, leaseKey('move', raw), { owner: ctx.owner }, async (lease) => {
    const runId = newRunId(ctx);
    const built: { path: string; segment: SegmentRecord }[] = [];
    let committed = false;
    try {
      for (const path of paths) {
        const bytes = await readBytes(path);
        const side =
          type ?? (parseLlcName(segmentNameOf(bytes, path)) === null ? 'OFFLINE' : 'REALTIME');
        const { batch, name } = await importedBatch(ctx, record, side, path);
        const llc = side === 'REALTIME' ? parseLlcName(name) : null;
        const place = llc === null ? {} : { partition: llc.partition, sequence: llc.sequence };
        const target = {
          runId,
          record,
          type: side,
          origin: { kind: 'import', runId },
          ...place,
        } as const;
        const twin = built.find(({ segment }) => segment.type === side && segment.name === name);
        if (twin !== undefined) throw sameName(name, twin.path, path);
        built.push({ path, segment: await buildSegment(ctx, target, batch, () => name) });
      }
      await ctx.catalog.write((transaction) => {
        assertLease(transaction, lease);
        commitImport(
          ctx,
          transaction,
          record.name,
          runId,
          built.map(({ segment }) => segment),
        );
      });
      committed = true;
      return (['REALTIME', 'OFFLINE'] as const).flatMap((side) => {
        const segments = built
          .filter(({ segment }) => segment.type === side)
          .map(({ path, segment }) => ({
            name: segment.name,
            rows: segment.rowCount,
            bytes: segment.byteLength,
            path,
          }));
        return segments.length === 0 ? [] : [{ table: raw, type: side, runId, segments }];
      });
    } finally {
      if (!committed)
        for (const { segment } of built) await tidy(ctx, () => ctx.store.remove(segment.file));
      await tidy(ctx, () => ctx.store.removeFolder(temporaryFolder(runId)));
    }
  });
}

function commitImport(
  ctx: EngineContext,
  transaction: CatalogTransaction,
  table: string,
  runId: string,
  segments: readonly SegmentRecord[],
): void {
  for (const segment of segments.filter(({ type }) => type === 'REALTIME')) {
    addSegment(transaction, segment);
    keepSequence(transaction, segment, ctx.realNow());
  }
  const offline = segments.filter(({ type }) => type === 'OFFLINE');
  if (offline.length === 0) return;
  commitWindow(transaction, {
    run: {
      runId,
      table,
      kind: 'import',
      windowStartMs: null,
      windowEndMs: null,
      negateWindowFilter: false,
      inputs: [],
      ledger: null,
      startedMs: ctx.realNow(),
      finishedMs: ctx.realNow(),
      stages: {},
      memory: null,
    },
    add: offline,
    removeNames: [],
    watermarkMs: null,
    expectedWatermark: stateOf(transaction, table).watermarkMs,
    boundary: null,
    supersededRuns: [],
    nowMs: ctx.now(),
    realNowMs: ctx.realNow(),
  });
}

/** The partition's next sealed segment takes a sequence after every imported one. */
function keepSequence(
  transaction: CatalogTransaction,
  { table, partition, sequence, name }: SegmentRecord,
  realNowMs: number,
): void {
  if (partition === null || sequence === null) return;
  const key = leaseKey('ingest', table, partition);
  const [writer] = livingLeases(transaction, key, realNowMs);
  if (writer !== undefined) {
    throw new SegmillError(
      'RUNNING_ELSEWHERE',
      `${name}: partition ${partition} is being ingested by pid ${writer.pid} on ${writer.host}; stop that first`,
      { segment: name, partition, pid: writer.pid },
    );
  }
  const before = partitionOf(transaction, table, partition);
  if (sequence < before.nextSequence) return;
  if (before.consuming !== null) {
    throw new SegmillError(
      'POSITION_CONFLICT',
      `${name}: partition ${partition} is CONSUMING its sequence ${before.consuming.sequence}; seal it first with segmill ingest --seal, then import`,
      { segment: name, partition, sequence },
    );
  }
  transaction.put('partitions', partitionKey(table, partition), {
    ...before,
    nextSequence: sequence + 1,
  });
}

export function sameName(segment: string, first: string, second: string): SegmillError {
  return new SegmillError(
    'SEGMENT_NAME_TAKEN',
    `${second}: makes segment ${segment}, and so does ${first}; give one of them, or another name`,
    { segment, path: second },
  );
}

/** A segment file as columns of the table's schema, and its name. */
export async function importedBatch(
  ctx: EngineContext,
  record: TableRecord,
  type: TableType,
  path: string,
): Promise<{ batch: ColumnBatch; name: string }> {
  const config = sideOf(record, type);
  if (config === null) {
    throw new SegmillError(
      'CONFIG_INVALID',
      `table ${record.name} has no ${type} config to import into; add one with segmill table add`,
      { table: record.name, type },
    );
  }
  const bytes = await readBytes(path);
  const name = checkedPart(segmentNameOf(bytes, path), 'the segment name');
  const { batch } = codecOf(formatOfBytes(bytes, path)).decode(bytes, path);
  return {
    batch: conformBatch(batch, { schema: record.schema, config, nowMs: ctx.now(), where: path }),
    name,
  };
}

function segmentNameOf(bytes: Uint8Array, path: string): string {
  const { header } = codecOf(formatOfBytes(bytes, path)).decode(bytes, path, []);
  return header?.segmentName ?? basename(path, extname(path));
}

export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadableFile(path, error);
  }
}
