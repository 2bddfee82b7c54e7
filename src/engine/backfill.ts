// `backfill`: Pinot's batch ingestion job (Annex J) into the data directory, as one commit.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import picomatch from 'picomatch';
import { commitWindow } from '../catalog/changes.ts';
import { leaseKey, segmentsOf, stateOf, tableOf } from '../catalog/keys.ts';
import { temporaryFolder } from '../catalog/layout.ts';
import { assertLease, withLease } from '../catalog/lease.ts';
import type { SegmentRecord } from '../catalog/types.ts';
import { parseBackfillJob } from '../config/job-spec.ts';
import type { BackfillJob } from '../config/job-spec.ts';
import type { TableRecord } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { batchSegmentName } from '../planner/batch-names.ts';
import { openLocalStore } from '../store/local.ts';
import { buildSegment } from './build.ts';
import type { EngineContext } from './context.ts';
import { readBatch } from './file-rows.ts';
import { importedBatch } from './import.ts';
import { newRunId } from './move.ts';
import { rawName } from './tables.ts';

export interface BackfillOptions {
  /** Values for `${name}` places of the spec. */
  readonly values: Readonly<Record<string, string>>;
  readonly allowTimeChange: boolean;
}

export interface BackfillReport {
  readonly table: string;
  readonly runId: string;
  readonly files: readonly {
    readonly path: string;
    readonly segment: string;
    readonly rows: number;
    readonly bytes: number;
  }[];
  readonly replaced: readonly string[];
  readonly added: readonly string[];
  /** Where copies went, null without `outputDirURI`. */
  readonly outputDir: string | null;
  readonly pushed: boolean;
  readonly warnings: readonly string[];
}

/**
 * Builds the job's segments and pushes them under their names, replacing those that exist. Nothing changes when any of
 * it fails.
 * @throws SegmillError JOB_INVALID, TABLE_NOT_FOUND, CONFIG_INVALID, FILE_NOT_FOUND, ROW_REJECTED, TIME_CHANGED,
 * SEGMENT_NAME_TAKEN, STORE_FULL, RUNNING_ELSEWHERE
 */
export async function backfill(
  ctx: EngineContext,
  spec: { readonly text: string; readonly where: string },
  options: BackfillOptions,
): Promise<BackfillReport> {
  const { job, warnings } = parseBackfillJob(spec.text, options.values, spec.where);
  const name = rawName(job.tableName);
  const record = ctx.catalog.read((view) => tableOf(view, name));
  if (record.offline === null) {
    throw new SegmillError(
      'CONFIG_INVALID',
      `table ${name} has no OFFLINE config to backfill into; add one with segmill table add`,
      { table: name },
    );
  }
  return withLease(ctx.catalog, leaseKey('move', name), { owner: ctx.owner }, async (lease) => {
    const runId = newRunId(ctx);
    const built: { path: string; segment: SegmentRecord }[] = [];
    let committed = false;
    try {
      for (const input of await inputsOf(job)) {
        if (ctx.signal.aborted)
          throw new SegmillError('CANCELLED', 'backfill was interrupted; nothing was changed');
        built.push({ path: input.path, segment: await buildInput(ctx, record, job, input, runId) });
      }
      const segments = built.map(({ segment }) => segment);
      checkNames(segments);
      const replaced = ctx.catalog.read((view) =>
        replacedBy(segmentsOf(view, name, 'OFFLINE'), segments),
      );
      if (job.pushes && !options.allowTimeChange) checkTimes(segments, replaced);
      const outputDir =
        job.creates && job.outputDirURI !== null ? await copyOut(ctx, job, segments) : null;
      if (job.pushes) {
        await ctx.catalog.write((transaction) => {
          assertLease(transaction, lease);
          const nowMs = ctx.now();
          const run = {
            runId,
            table: name,
            kind: 'backfill',
            windowStartMs: null,
            windowEndMs: null,
            negateWindowFilter: false,
            inputs: [],
            ledger: null,
            startedMs: ctx.realNow(),
            finishedMs: ctx.realNow(),
            stages: {},
            memory: null,
          } as const;
          commitWindow(transaction, {
            run,
            add: segments,
            removeNames: replaced.map((segment) => segment.name),
            watermarkMs: null,
            expectedWatermark: stateOf(transaction, name).watermarkMs,
            boundary: null,
            supersededRuns: [],
            nowMs,
            realNowMs: ctx.realNow(),
          });
        });
        committed = true;
      }
      return {
        table: name,
        runId,
        files: built.map(({ path, segment }) => ({
          path,
          segment: segment.name,
          rows: segment.rowCount,
          bytes: segment.byteLength,
        })),
        replaced: replaced.map((segment) => segment.name),
        added: segments.map((segment) => segment.name),
        outputDir,
        pushed: job.pushes,
        warnings,
      };
    } finally {
      if (!committed) for (const { segment } of built) await ctx.store.remove(segment.file);
      await ctx.store.removeFolder(temporaryFolder(runId));
    }
  });
}

interface JobInput {
  readonly path: string;
  readonly sequence: number;
}

/** Files of the job in name order, with their sequence in their directory, or over all (J-4). */
async function inputsOf(job: BackfillJob): Promise<JobInput[]> {
  const uri = job.creates ? job.inputDirURI : job.outputDirURI;
  if (uri === null)
    throw new SegmillError(
      'JOB_INVALID',
      `jobType ${job.jobType} needs ${job.creates ? 'inputDirURI' : 'outputDirURI'}`,
    );
  const folder = pathOf(uri);
  const include = job.creates ? job.includeFileNamePattern : job.pushFileNamePattern;
  const included = matcher(include, true);
  const excluded = matcher(job.creates ? job.excludeFileNamePattern : null, false);
  const all = await filesBelow(folder, job.creates ? job.searchRecursively : true);
  const files = all.filter((path) => included(path) && !excluded(path)).toSorted();
  if (files.length === 0) {
    throw new SegmillError(
      'FILE_NOT_FOUND',
      `no file of ${folder} matches ${include ?? 'any pattern'} (${all.length} looked at); check inputDirURI and includeFileNamePattern, which is matched against the whole path`,
      { folder, pattern: include ?? '', files: all.length },
    );
  }
  const counts = new Map<string, number>();
  return files.map((path) => {
    const scope = job.globalSequence ? '' : dirname(path);
    const sequence = counts.get(scope) ?? 0;
    counts.set(scope, sequence + 1);
    return { path, sequence };
  });
}

function pathOf(uri: string): string {
  if (/^file:\/\//i.test(uri)) return fileURLToPath(uri);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1];
  if (scheme !== undefined)
    throw new SegmillError(
      'JOB_INVALID',
      `${uri}: scheme ${scheme} is not supported, allowed are paths and file://; copy the files here first`,
      { uri },
    );
  return resolve(uri.replace(/^file:/i, ''));
}

async function filesBelow(folder: string, recursive: boolean): Promise<string[]> {
  try {
    const info = await stat(folder);
    if (info.isFile()) return [folder];
    const entries = await readdir(folder, { withFileTypes: true, recursive });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SegmillError(
      'FILE_NOT_FOUND',
      `${folder} can't be read: ${reason}; check inputDirURI`,
      { folder },
      { cause: error },
    );
  }
}

function matcher(pattern: string | null, otherwise: boolean): (path: string) => boolean {
  if (pattern === null || pattern === '') return () => otherwise;
  const regex = /^regex:(.*)$/s.exec(pattern)?.[1];
  const glob = /^glob:(.*)$/s.exec(pattern)?.[1];
  if (regex === undefined && glob === undefined)
    throw new SegmillError(
      'JOB_INVALID',
      `file name pattern ${pattern}: must begin with glob: or regex:`,
      { pattern },
    );
  try {
    if (glob !== undefined) return picomatch(glob, { dot: true });
    const compiled = new RegExp(`^(?:${regex})$`, 'u');
    return (path) => compiled.test(path);
  } catch (error) {
    throw new SegmillError(
      'JOB_INVALID',
      `file name pattern ${pattern}: ${error instanceof Error ? error.message : String(error)}`,
      { pattern },
      { cause: error },
    );
  }
}

async function buildInput(
  ctx: EngineContext,
  record: TableRecord,
  job: BackfillJob,
  { path, sequence }: JobInput,
  runId: string,
): Promise<SegmentRecord> {
  const target = { runId, record, type: 'OFFLINE', origin: { kind: 'backfill', runId } } as const;
  if (!job.creates) {
    const { batch, name } = await importedBatch(ctx, record, 'OFFLINE', path);
    return buildSegment(ctx, target, batch, () => name);
  }
  const batch = await readBatch(record, path, {
    dataFormat: job.dataFormat,
    configs: job.readerConfigs,
    nowMs: ctx.now(),
  });
  if (batch.rowCount === 0 && job.failOnEmptySegment)
    throw new SegmillError('ROW_REJECTED', `${path}: no row, and failOnEmptySegment is true`, {
      path,
    });
  return buildSegment(ctx, target, batch, (times) =>
    batchSegmentName(job.names, {
      offline: record.offline!,
      inputUri: `file:${path}`,
      output: { sequence, ...times },
      creationMs: ctx.now(),
      uuid: crypto.randomUUID(),
    }),
  );
}

function checkNames(segments: readonly SegmentRecord[]): void {
  const seen = new Set<string>();
  for (const { name } of segments) {
    if (seen.has(name))
      throw new SegmillError(
        'SEGMENT_NAME_TAKEN',
        `two input files make segment ${name}; narrow includeFileNamePattern to one file, or use another segmentNameGeneratorSpec`,
        { segment: name },
      );
    seen.add(name);
  }
}

function replacedBy(
  live: readonly SegmentRecord[],
  segments: readonly SegmentRecord[],
): SegmentRecord[] {
  const names = new Set(segments.map(({ name }) => name));
  return live.filter(({ name }) => names.has(name));
}

/** A replacement that reaches beyond the replaced segment's times would answer rows that other segments answer already. */
function checkTimes(segments: readonly SegmentRecord[], replaced: readonly SegmentRecord[]): void {
  for (const before of replaced) {
    const after = segments.find(({ name }) => name === before.name)!;
    if (
      before.minTimeMs === null ||
      before.maxTimeMs === null ||
      after.minTimeMs === null ||
      after.maxTimeMs === null
    )
      continue;
    if (after.minTimeMs >= before.minTimeMs && after.maxTimeMs <= before.maxTimeMs) continue;
    throw new SegmillError(
      'TIME_CHANGED',
      `segment ${before.name}: the new rows span ${after.minTimeMs} to ${after.maxTimeMs} ms, the replaced ones ${before.minTimeMs} to ${before.maxTimeMs} ms; check the file, or allow it with --allow-time-change`,
      { segment: before.name, minTimeMs: after.minTimeMs, maxTimeMs: after.maxTimeMs },
    );
  }
}

/** Copies to `outputDirURI`; an existing file stays unless `overwriteOutput` (J-7). */
async function copyOut(
  ctx: EngineContext,
  job: BackfillJob,
  segments: readonly SegmentRecord[],
): Promise<string> {
  const folder = pathOf(job.outputDirURI!);
  const output = openLocalStore(folder);
  for (const { name, file } of segments) {
    const target = `${basename(name)}${file.slice(file.lastIndexOf('.'))}`;
    if (await output.exists(target)) {
      if (!job.overwriteOutput) {
        throw new SegmillError(
          'SEGMENT_NAME_TAKEN',
          `${join(folder, target)} exists; set overwriteOutput: true, or clear outputDirURI`,
          { path: join(folder, target) },
        );
      }
      await output.remove(target);
    }
    const writer = await output.create(target);
    try {
      await writer.write(await ctx.store.read(file));
      await writer.finish();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  }
  return folder;
}
