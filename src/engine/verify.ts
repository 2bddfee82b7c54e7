// `verify`: ledgers balance, checksums hold, files and catalog agree, no offline overlap or hole. Overlap is judged by
// window, not by stored times: rounding may store a row before its window (X-33, design 5.19).
import { partitionsOf, replacedOf, runsOf, segmentsOf, tableOf } from '../catalog/keys.ts';
import type { CatalogView, ReplacedSegment, RunRecord, SegmentRecord } from '../catalog/types.ts';
import { crc32 } from '../kernels/crc32.ts';
import { isSegmillError } from '../errors.ts';
import { inspectSegment } from '../segment/open.ts';
import type { EngineContext } from './context.ts';
import { rawName } from './tables.ts';

export interface Finding {
  readonly table: string;
  readonly check:
    | 'FILE_MISSING'
    | 'CHECKSUM'
    | 'ROW_COUNT'
    | 'LEDGER'
    | 'OVERLAP'
    | 'HOLE'
    | 'OWNER'
    | 'POSITIONS';
  readonly subject: string;
  readonly message: string;
}

export interface VerifyReport {
  readonly tables: readonly string[];
  readonly segments: number;
  readonly runs: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

/** @throws SegmillError TABLE_NOT_FOUND */
export async function verify(ctx: EngineContext, table?: string): Promise<VerifyReport> {
  const tables =
    table === undefined
      ? ctx.catalog.read((view) => view.list('tables').map(({ name }) => name))
      : [rawName(table)];
  const findings: Finding[] = [];
  let segments = 0;
  let runs = 0;
  let bytes = 0;
  for (const name of tables) {
    const state = ctx.catalog.read((view) => verifiable(view, name));
    segments += state.segments.length;
    runs += state.runs.length;
    for (const segment of [
      ...state.segments,
      ...state.replaced.map((replaced) => replaced.segment),
    ]) {
      bytes += segment.byteLength;
      findings.push(...(await checkFile(ctx, segment)));
    }
    findings.push(...(await checkConsuming(ctx, name)));
    findings.push(...checkRuns(name, state), ...checkPositions(name, state));
  }
  return { tables, segments, runs, bytes, findings };
}

interface Verifiable {
  readonly segments: readonly SegmentRecord[];
  readonly replaced: readonly ReplacedSegment[];
  readonly runs: readonly RunRecord[];
}

function verifiable(view: CatalogView, name: string): Verifiable {
  tableOf(view, name);
  return {
    segments: segmentsOf(view, name),
    replaced: replacedOf(view, name),
    runs: runsOf(view, name),
  };
}

async function checkFile(ctx: EngineContext, segment: SegmentRecord): Promise<Finding[]> {
  const { table, name, file, crc, rowCount, byteLength } = segment;
  const finding = (check: Finding['check'], message: string): Finding[] => [
    { table, check, subject: name, message },
  ];
  if (!(await ctx.store.exists(file)))
    return finding(
      'FILE_MISSING',
      `${file} is gone; put it back from a copy, or roll back or rerun its window`,
    );
  const bytes = await ctx.store.read(file);
  if (bytes.byteLength !== byteLength || crc32(bytes) !== crc) {
    return finding(
      'CHECKSUM',
      `${file} has ${bytes.byteLength} bytes and CRC ${crc32(bytes)}, the catalog says ${byteLength} and ${crc}; put it back from a copy, or rerun its window`,
    );
  }
  try {
    const rows = inspectSegment(bytes, file).rowCount;
    return rows === rowCount
      ? []
      : finding('ROW_COUNT', `${file} holds ${rows} rows, the catalog says ${rowCount}`);
  } catch (error) {
    if (!isSegmillError(error, 'SEGMENT_CORRUPT')) throw error;
    return finding('CHECKSUM', error.message);
  }
}

async function checkConsuming(ctx: EngineContext, table: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { partition, consuming } of ctx.catalog.read((view) => partitionsOf(view, table))) {
    if (consuming === null) continue;
    const whole =
      (await ctx.store.exists(consuming.file)) &&
      (await ctx.store.size(consuming.file)) >= consuming.byteLength;
    const crc = whole
      ? crc32(await ctx.store.read(consuming.file, { start: 0, end: consuming.byteLength }))
      : null;
    if (crc === consuming.crc) continue;
    findings.push({
      table,
      check: whole ? 'CHECKSUM' : 'FILE_MISSING',
      subject: consuming.name,
      message: `the CONSUMING rows of partition ${partition} in ${consuming.file} ${whole ? 'fail their checksum' : 'are cut short or gone'}; the next segmill ingest drops them and reads the source again`,
    });
  }
  return findings;
}

function checkRuns(table: string, { segments, runs }: Verifiable): Finding[] {
  const findings: Finding[] = [];
  const offline = new Map(
    segments.filter(({ type }) => type === 'OFFLINE').map((segment) => [segment.name, segment]),
  );
  const inForce = runs.filter(({ state }) => state === 'COMMITTED' || state === 'EMPTY');
  for (const run of inForce) {
    const { ledger } = run;
    if (ledger !== null) {
      const sum =
        ledger.outsideWindow +
        ledger.filtered +
        ledger.rejected +
        ledger.mergedAway +
        ledger.written;
      if (sum !== ledger.read)
        findings.push({
          table,
          check: 'LEDGER',
          subject: run.runId,
          message: `run ${run.runId} read ${ledger.read} rows and accounts for ${sum}`,
        });
    }
    findings.push(...missingOutputs(table, run, offline, inForce));
  }
  const known = new Set(inForce.map(({ runId }) => runId));
  for (const { name, origin } of offline.values()) {
    if (origin.kind === 'ingest' || known.has(origin.runId)) continue;
    findings.push({
      table,
      check: 'OWNER',
      subject: name,
      message: `segment ${name} belongs to run ${origin.runId}, which is not in force`,
    });
  }
  findings.push(...checkWindows(table, inForce));
  return findings;
}

/** A run's outputs are there, unless a later commit replaced them. */
function missingOutputs(
  table: string,
  run: RunRecord,
  offline: ReadonlyMap<string, SegmentRecord>,
  inForce: readonly RunRecord[],
): Finding[] {
  return run.outputs.flatMap((name) => {
    const replacedLater = inForce.some(
      (other) => other.commitNumber > run.commitNumber && other.replaced.includes(name),
    );
    if (offline.has(name) || replacedLater) return [];
    return [
      {
        table,
        check: 'HOLE' as const,
        subject: name,
        message: `segment ${name} of run ${run.runId} is not there and no later run replaced it; rerun the window`,
      },
    ];
  });
}

function checkWindows(table: string, inForce: readonly RunRecord[]): Finding[] {
  const windows = inForce
    .flatMap(({ runId, windowStartMs, windowEndMs }) =>
      windowStartMs === null || windowEndMs === null ? [] : [{ runId, windowStartMs, windowEndMs }],
    )
    .toSorted((a, b) => a.windowStartMs - b.windowStartMs);
  const findings: Finding[] = [];
  for (const [i, window] of windows.entries()) {
    const next = windows[i + 1];
    if (next !== undefined && next.windowStartMs < window.windowEndMs) {
      findings.push({
        table,
        check: 'OVERLAP',
        subject: next.runId,
        message: `the window of run ${next.runId} begins at ${next.windowStartMs}, inside that of run ${window.runId}, which ends at ${window.windowEndMs}`,
      });
    }
  }
  return findings;
}

/** Sealed segments of a partition never take the same rows of a source. */
function checkPositions(table: string, { segments }: Verifiable): Finding[] {
  const bySource = new Map<string, { start: number; end: number; name: string }[]>();
  for (const { partition, ranges, name } of segments) {
    for (const { source, start, end } of ranges) {
      const key = `${partition}:${source}`;
      bySource.set(key, [...(bySource.get(key) ?? []), { start, end, name }]);
    }
  }
  const findings: Finding[] = [];
  for (const [source, ranges] of bySource) {
    const sorted = ranges.toSorted((a, b) => a.start - b.start || a.end - b.end);
    for (const [i, { start, name }] of sorted.entries()) {
      const before = sorted[i - 1];
      // A gap is where realtime segments have expired.
      if (before === undefined || before.end <= start) continue;
      findings.push({
        table,
        check: 'POSITIONS',
        subject: name,
        message: `segment ${name} took ${source} from ${start}, segment ${before.name} up to ${before.end}: rows are there twice`,
      });
    }
  }
  return findings;
}
