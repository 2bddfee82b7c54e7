// Cuts the merged rows into outputs and has each written (O-9, design 5.13).
import type { SegmentPartition } from '../catalog/types.ts';
import type { VarValues } from '../columns/column.ts';
import { SegmillError } from '../errors.ts';
import { validTimeMaxMs, validTimeMinMs } from '../limits.ts';
import { splitRows } from '../planner/split.ts';
import type { RowRange } from '../planner/split.ts';
import type { EmitInput, EmitOutput, ShardSlice } from '../tasks/contract.ts';
import { segmentPartition } from '../tasks/partitions.ts';
import type { WindowJob, WindowOutput } from '../tasks/types.ts';
import { cutByBytes } from './byte-cuts.ts';
import { runTasks } from './run.ts';
import type { PartitionRows, WindowRun } from './run.ts';

interface Cut {
  readonly partition: string;
  readonly pieces: readonly ShardSlice[];
}

/** @throws SegmillError FIXED_NAME_SEVERAL_OUTPUTS before anything is written (design 5.14), SEGMENT_TIME_INVALID */
export async function emitOutputs(
  run: WindowRun,
  partitions: readonly PartitionRows[],
  dictionaries: Readonly<Record<string, VarValues>>,
): Promise<WindowOutput[]> {
  const { job } = run;
  const cuts: Cut[] = [];
  for (const rows of partitions) {
    for (const range of await rangesOf(run, rows, dictionaries)) {
      cuts.push({ partition: rows.partition, pieces: slicesIn(rows.pieces, range) });
    }
  }
  if (job.move.fixedSegmentName !== null && cuts.length > 1) {
    throw new SegmillError(
      'FIXED_NAME_SEVERAL_OUTPUTS',
      `window ${job.windowStartMs}..${job.windowEndMs} of ${job.table} has ${cuts.length} outputs, but fixedSegmentName gives all of them the name ${job.move.fixedSegmentName}; remove it, or raise maxNumRecordsPerSegment`,
      { table: job.table, outputs: cuts.length, name: job.move.fixedSegmentName },
    );
  }
  const inputs = cuts.map((cut, sequence) => emitInput(run, cut, dictionaries, sequence));
  const written = await runTasks(run, 'emit', inputs, (input) => input, 'emit');
  checkTempDisk(run, written);
  return inputs.map((input, i) => outputOf(job, input, written[i]!));
}

function checkTempDisk({ job, deps }: WindowRun, written: readonly EmitOutput[]): void {
  const bytes = written.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const cap = deps.tempDiskBytes ?? Infinity;
  if (bytes <= cap) return;
  throw new SegmillError(
    'TEMP_DISK_CAP',
    `the outputs of window ${job.windowStartMs}..${job.windowEndMs} of ${job.table} take ${bytes} bytes, the cap for temporary files is ${cap}; raise --temp-disk, or make the bucket shorter`,
    { table: job.table, bytes, cap },
  );
}

async function rangesOf(
  run: WindowRun,
  rows: PartitionRows,
  dictionaries: Readonly<Record<string, VarValues>>,
): Promise<RowRange[]> {
  const { maxNumRecordsPerSegment: rowsMax, desiredSegmentBytes, evenSplit } = run.job.move;
  const rowCount = rows.pieces.reduce((sum, { start, end }) => sum + end - start, 0);
  if (desiredSegmentBytes === null) {
    return splitRows(rowCount, { rowsMax, desiredBytes: null, bytesPerRow: 0, evenSplit });
  }
  const measure = async (range: RowRange): Promise<number> => {
    const cut = { partition: rows.partition, pieces: slicesIn(rows.pieces, range) };
    const input = { ...emitInput(run, cut, dictionaries, 0), file: null };
    const [output] = await runTasks(run, 'emit', [input], (only) => only);
    return output!.byteLength;
  };
  return cutByBytes(rowCount, { rowsMax, desiredBytes: desiredSegmentBytes, evenSplit }, measure);
}

/** The parts of the pieces that rows start..end of them all fall on. */
function slicesIn(pieces: readonly ShardSlice[], { start, end }: RowRange): ShardSlice[] {
  const found: ShardSlice[] = [];
  let at = 0;
  for (const piece of pieces) {
    const length = piece.end - piece.start;
    const from = Math.max(start, at) - at;
    const to = Math.min(end, at + length) - at;
    if (from < to)
      found.push({ frame: piece.frame, start: piece.start + from, end: piece.start + to });
    at += length;
  }
  return found;
}

function emitInput(
  { job, facts }: WindowRun,
  { partition, pieces }: Cut,
  dictionaries: Readonly<Record<string, VarValues>>,
  sequence: number,
): EmitInput {
  const [time, ...ids] = partitionParts(partition, job);
  const file = `tmp/${job.runId}/output-${String(sequence).padStart(6, '0')}`;
  const timed = job.move.partitionBucketMs !== null && job.move.partitionBucketMs > 0;
  const base = { job: facts, sequence, pieces, dictionaries, file };
  return { ...base, timePartition: timed ? time! : null, partitions: partitionsOf(job, ids) };
}

/** P-2 backwards. */
function partitionParts(partition: string, { offline }: WindowJob): string[] {
  return offline.partitionColumns.length === 0 ? [partition] : partition.split('_');
}

function partitionsOf(
  { offline }: WindowJob,
  ids: readonly string[],
): Record<string, SegmentPartition> | null {
  if (offline.partitionColumns.length === 0) return null;
  return Object.fromEntries(
    offline.partitionColumns.map((spec, c) => [
      spec.column,
      segmentPartition(spec, [Number(ids[c])]),
    ]),
  );
}

function outputOf(job: WindowJob, input: EmitInput, output: EmitOutput): WindowOutput {
  return {
    file: input.file!,
    format: job.move.offlineFormat,
    sequence: input.sequence,
    ...output,
    ...checkedTimes(job, output),
    partitions: input.partitions,
    timePartition: input.timePartition,
  };
}

/** times outside 1971..2071 are refused, or replaced under `continueOnError`. */
function checkedTimes(
  job: WindowJob,
  { minTimeMs, maxTimeMs, minTimeValue, maxTimeValue }: EmitOutput,
): Partial<EmitOutput> {
  if (minTimeMs === null || maxTimeMs === null || !job.offline.segmentTimeValueCheck) return {};
  if (minTimeMs >= validTimeMinMs && maxTimeMs <= validTimeMaxMs) return {};
  if (job.offline.continueOnError) return { minTimeMs: validTimeMinMs, maxTimeMs: job.nowMs };
  throw new SegmillError(
    'SEGMENT_TIME_INVALID',
    `a segment of table ${job.table} would have times ${minTimeValue} to ${maxTimeValue} (${minTimeMs} to ${maxTimeMs} ms), outside 1971-01-01..2071-01-01; set ingestionConfig.segmentTimeValueCheck to false to allow it`,
    { table: job.table, minTimeMs, maxTimeMs },
  );
}
