// `backfill`: Pinot's batch ingestion job (Annex J) into the data directory, as one commit.
import { basename, join } from 'node:path';
import { commitWindow } from '../catalog/changes.ts';
import { leaseKey, segmentsOf, stateOf, tableOf } from '../catalog/keys.ts';
import { temporaryFolder } from '../catalog/layout.ts';
import { assertLease, withLease } from '../catalog/lease.ts';
import type { Lease } from '../catalog/lease.ts';
import type { SegmentRecord } from '../catalog/types.ts';
import { parseBackfillJob } from '../config/job-spec.ts';
import type { BackfillJob } from '../config/job-spec.ts';
import type { TableRecord } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { batchSegmentName } from '../planner/batch-names.ts';
import { openLocalStore } from '../store/local.ts';
import { buildSegment } from './build.ts';
import { tidy } from './context.ts';
import type { EngineContext } from './context.ts';
import { readBatch } from './file-rows.ts';
import { importedBatch, sameName } from './import.ts';
import { inputsOf, pathOf } from './job-inputs.ts';
import type { JobInput } from './job-inputs.ts';
import { newRunId } from './segment-record.ts';
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
    /** Left out under `continueOnError`. */
    readonly rowsRejected: number;
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
  if (!job.pushes && job.outputDirURI === null) {
    throw new SegmillError(
      'JOB_INVALID',
      `${spec.where}: jobType ${job.jobType} builds segments and pushes none, so it needs outputDirURI`,
    );
  }
  return withLease(ctx.catalog, leaseKey('move', name), { owner: ctx.owner }, async (lease) => {
    const runId = newRunId(ctx);
    const built: Built[] = [];
    let committed = false;
    try {
      await buildAll(ctx, { record, job, runId }, built);
      const segments = built.map(({ segment }) => segment);
      const replaced = ctx.catalog.read((view) =>
        replacedBy(segmentsOf(view, name, 'OFFLINE'), segments),
      );
      if (job.pushes && !options.allowTimeChange) checkTimes(segments, replaced);
      const outputDir = keepsOutput(job) ? await copyOut(ctx, job, segments) : null;
      if (job.pushes) {
        await push(ctx, lease, { name, runId, segments, replaced });
        committed = true;
      }
      return {
        table: name,
        runId,
        files: built.map(({ path, segment, rowsRejected }) => ({
          path,
          segment: segment.name,
          rows: segment.rowCount,
          bytes: segment.byteLength,
          rowsRejected,
        })),
        replaced: job.pushes ? replaced.map((segment) => segment.name) : [],
        added: job.pushes ? segments.map((segment) => segment.name) : [],
        outputDir,
        pushed: job.pushes,
        warnings: [...warnings, ...warningsOf(job, built)],
      };
    } finally {
      if (!committed)
        for (const { segment } of built) await tidy(ctx, () => ctx.store.remove(segment.file));
      await tidy(ctx, () => ctx.store.removeFolder(temporaryFolder(runId)));
    }
  });
}

interface Built {
  readonly path: string;
  readonly segment: SegmentRecord;
  readonly rowsRejected: number;
}

interface JobWork {
  readonly record: TableRecord;
  readonly job: BackfillJob;
  readonly runId: string;
}

/** J-3: one file, one segment. */
async function buildAll(ctx: EngineContext, work: JobWork, built: Built[]): Promise<void> {
  const named = new Map<string, string>();
  for (const input of await inputsOf(work.job)) {
    if (ctx.signal.aborted)
      throw new SegmillError('CANCELLED', 'backfill was interrupted; nothing was changed');
    const claim = (name: string): string => {
      const first = named.get(name);
      if (first !== undefined) throw sameName(name, first, input.path);
      named.set(name, input.path);
      return name;
    };
    built.push(await buildInput(ctx, work, input, claim));
  }
}

/** `cleanUpOutputDir` takes away what was pushed; so nothing is put there in the first place. */
function keepsOutput(job: BackfillJob): boolean {
  return job.creates && job.outputDirURI !== null && !(job.cleanUpOutputDir && job.pushes);
}

function warningsOf(job: BackfillJob, built: readonly Built[]): string[] {
  return [
    ...built
      .filter(({ rowsRejected }) => rowsRejected > 0)
      .map(({ path, rowsRejected }) => `${path}: ${rowsRejected} rows left out (continueOnError)`),
    ...(job.cleanUpOutputDir && !job.creates
      ? ['cleanUpOutputDir: a job that only pushes leaves the files of others where they are']
      : []),
  ];
}

interface Push {
  readonly name: string;
  readonly runId: string;
  readonly segments: readonly SegmentRecord[];
  readonly replaced: readonly SegmentRecord[];
}

async function push(
  ctx: EngineContext,
  lease: Lease,
  { name, runId, segments, replaced }: Push,
): Promise<void> {
  await ctx.catalog.write((transaction) => {
    assertLease(transaction, lease);
    commitWindow(transaction, {
      run: {
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
      },
      add: segments,
      removeNames: replaced.map((segment) => segment.name),
      watermarkMs: null,
      expectedWatermark: stateOf(transaction, name).watermarkMs,
      boundary: null,
      supersededRuns: [],
      nowMs: ctx.now(),
      realNowMs: ctx.realNow(),
    });
  });
}

async function buildInput(
  ctx: EngineContext,
  { record, job, runId }: JobWork,
  { path, sequence }: JobInput,
  claim: (name: string) => string,
): Promise<Built> {
  const target = { runId, record, type: 'OFFLINE', origin: { kind: 'backfill', runId } } as const;
  if (!job.creates) {
    const { batch, name } = await importedBatch(ctx, record, 'OFFLINE', path);
    const segment = await buildSegment(ctx, target, batch, () => claim(name));
    return { path, segment, rowsRejected: 0 };
  }
  const { batch, rowsRejected } = await readBatch(record, path, {
    dataFormat: job.dataFormat,
    configs: job.readerConfigs,
    nowMs: ctx.now(),
  });
  if (batch.rowCount === 0 && job.failOnEmptySegment)
    throw new SegmillError('ROW_REJECTED', `${path}: no row, and failOnEmptySegment is true`, {
      path,
    });
  const segment = await buildSegment(ctx, target, batch, (times) =>
    claim(
      batchSegmentName(job.names, {
        offline: record.offline!,
        inputUri: `file:${path}`,
        output: { sequence, ...times },
        creationMs: ctx.now(),
        uuid: crypto.randomUUID(),
      }),
    ),
  );
  return { path, segment, rowsRejected };
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

/** Copies to `outputDirURI`; an existing file stays, and the job is refused, unless `overwriteOutput` (J-7). */
async function copyOut(
  ctx: EngineContext,
  job: BackfillJob,
  segments: readonly SegmentRecord[],
): Promise<string> {
  const folder = pathOf(job.outputDirURI!);
  const output = openLocalStore(folder);
  const targets = segments.map(
    ({ name, file }) => `${basename(name)}${file.slice(file.lastIndexOf('.'))}`,
  );
  for (const target of targets) {
    if (job.overwriteOutput || !(await output.exists(target))) continue;
    throw new SegmillError(
      'SEGMENT_NAME_TAKEN',
      `${join(folder, target)} exists; set overwriteOutput: true, or clear outputDirURI`,
      { path: join(folder, target) },
    );
  }
  for (const [i, { file }] of segments.entries()) {
    const target = targets[i]!;
    await output.remove(target);
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
