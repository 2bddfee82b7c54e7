// Stage a: what one input segment holds for the window. Nothing of it is kept but dictionaries, ranges and a sample.
import type { ColumnBatch, FixedColumn, VarValues } from '../columns/column.ts';
import { gatherRows } from '../columns/gather.ts';
import { countNulls } from '../columns/nulls.ts';
import type { Field } from '../config/types.ts';
import { extremes32, extremes64, extremesDouble, extremesFloat } from '../kernels/extremes.ts';
import { needsPipeline } from '../transform/batch-pipeline.ts';
import type { JobFacts, SurveyInput, SurveyOutput, TaskContext } from './contract.ts';
import { columnOf } from './frame.ts';
import type { Frame } from './frame.ts';
import { conform, readChecked } from './load.ts';
import { planRows } from './plan.ts';
import type { RowPlan } from './plan.ts';
import { digitsOf, flagDigits } from './prefix.ts';
import { sharedVar } from './shared.ts';
import { Scratch } from './scratch.ts';
import { sourceColumn, sourceFrame } from './source-frame.ts';
import { epochMillis, roundTimes, timesOf } from './time-column.ts';
import type { WindowInput } from './types.ts';
import { transformRows, writeReplacement } from './transform-rows.ts';
import { partitionRows, takeWindow } from './window-rows.ts';

/** @throws SegmillError MISSING_INPUT, SEGMENT_CORRUPT, COLUMN_TYPE_CHANGED, VALUE_INVALID */
export async function runSurvey(task: SurveyInput, context: TaskContext): Promise<SurveyOutput> {
  const { job, input } = task;
  if (isOutside(task)) return nothingOf(input);
  const plan = planRows(job);
  const stored = await readChecked(input, context);
  const transformed = needsPipeline(stored, plan.schema, job.offline)
    ? transformRows(job, stored, input.name)
    : null;
  const replacement =
    transformed === null ? null : await writeReplacement(task, transformed.batch, context);
  const batch = conform(transformed?.batch ?? stored, plan.schema, plan.nullHandling, input.name);
  const sample = sampleRows(batch.rowCount, task.samplesMax);
  return {
    outside: false,
    read: stored.rowCount,
    outsideWindow: transformed?.outsideWindow ?? 0,
    filtered: transformed?.filtered ?? 0,
    rejected: transformed?.rejected ?? [],
    replacement,
    nullColumns: batch.columns
      .filter((column) => countNulls(column.nulls, column.rowCount) > 0)
      .map(({ name }) => name),
    ranges: rangesOf(job, plan, batch),
    ...surveySample(task, plan, batch, sample),
  };
}

/** Rows of a segment at even distances, rising. */
function sampleRows(rowCount: number, samplesMax: number): Uint32Array {
  const stride = Math.max(1, Math.ceil(rowCount / samplesMax));
  const rows = new Uint32Array(Math.ceil(rowCount / stride));
  for (let i = 0; i < rows.length; i++) rows[i] = i * stride;
  return rows;
}

/** The sampled rows of the window with their keys, as the map will see them. A bad time is the map's to report. */
function surveySample(
  { job, input }: SurveyInput,
  plan: RowPlan,
  batch: ColumnBatch,
  sample: Uint32Array,
): Pick<SurveyOutput, 'dictionaries' | 'keptEstimate' | 'samples'> {
  const lenient = { ...job, offline: { ...job.offline, continueOnError: true } };
  const window = takeWindow(lenient, plan, gatherRows(batch, sample), input.name, new Scratch());
  const frame = sourceFrame(plan, window, null);
  const { ids, indexes } = partitionRows(job, plan, window, input.name);
  return {
    // A sample has its columns' whole dictionaries, and that of a text time column is rounded as the map will do it.
    dictionaries: dictionariesOf(window.batch),
    keptEstimate: Math.round((batch.rowCount * window.rows.length) / Math.max(1, sample.length)),
    samples: {
      rows: window.rows.map((place) => sample[place]!),
      digits: sampleDigits(plan, frame, window.rows),
      partitions: Array.from(indexes, (index) => ids[index]!),
    },
  };
}

/** Wholly outside by its stored times: it need not be read. */
function isOutside({ job, input }: SurveyInput): boolean {
  const { minTimeMs, maxTimeMs } = input;
  if (minTimeMs === null || maxTimeMs === null || job.move.negateWindowFilter) return false;
  return maxTimeMs < job.windowStartMs || minTimeMs >= job.windowEndMs;
}

function nothingOf(input: WindowInput): SurveyOutput {
  return {
    outside: true,
    read: input.rowCount,
    outsideWindow: input.rowCount,
    filtered: 0,
    rejected: [],
    keptEstimate: 0,
    replacement: null,
    dictionaries: {},
    nullColumns: [],
    ranges: [],
    samples: { rows: new Uint32Array(0), digits: {}, partitions: [] },
  };
}

function dictionariesOf(batch: ColumnBatch): Record<string, VarValues> {
  const found: Record<string, VarValues> = {};
  for (const column of batch.columns) {
    if (column.kind === 'dictionary') found[column.name] = sharedVar(column.dictionary);
  }
  return found;
}

/** Over all rows of the segment, also those that the window leaves: wider than needed is fine. */
function rangesOf(job: JobFacts, plan: RowPlan, batch: ColumnBatch): SurveyOutput['ranges'] {
  return plan.fields.slice(0, plan.keyCount).map((field) => {
    const { name } = field;
    const column = batch.columns[plan.schema.fields.indexOf(field)]!;
    // The merged dictionary gives the range of codes.
    if (column.kind !== 'fixed' && column.offsets === null) {
      return { column: name, min: 0, max: 0, exact: true, unit: 1 };
    }
    if (column.offsets !== null || batch.rowCount === 0) {
      return { column: name, ...lengthRange(column.offsets), exact: false, unit: 1 };
    }
    const ends = endsOf(column as FixedColumn);
    const rounded = field === plan.timeField ? roundEnds(job, field, ends) : ends;
    const { digits, exact } = digitsOf(sourceColumn(rounded, null), Uint32Array.of(0, 1));
    const unit = field === plan.timeField ? roundUnit(job, rounded, field) : 1;
    return { column: name, min: digits[0]!, max: digits[1]!, exact, unit };
  });
}

function lengthRange(offsets: Uint32Array | null): { min: number; max: number } {
  let [min, max] = [Infinity, -Infinity];
  if (offsets === null) return { min, max };
  for (let row = 0; row + 1 < offsets.length; row++) {
    const length = offsets[row + 1]! - offsets[row]!;
    if (length < min) min = length;
    if (length > max) max = length;
  }
  return { min, max };
}

/** A column of two rows: the least value and the greatest, in the order of O-7. */
function endsOf(column: FixedColumn): FixedColumn {
  const { values } = column;
  const base = { ...column, rowCount: 2, nulls: null };
  if (values instanceof Uint8Array) return { ...base, values: Uint8Array.of(0, 1) };
  if (values instanceof Int32Array) {
    const ends = new Int32Array(2);
    extremes32(values, 0, values.length, ends);
    return { ...base, values: ends };
  }
  if (values instanceof BigInt64Array) {
    const ends = new BigInt64Array(2);
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    extremes64(words, 0, values.length, new Int32Array(ends.buffer));
    return { ...base, values: ends };
  }
  return { ...base, values: floatEnds(values) };
}

/** NaN is the greatest, and zeros have two signs that compare equal. */
function floatEnds(values: Float32Array | Float64Array): Float32Array | Float64Array {
  const found = new Float64Array(2);
  const ordered =
    values instanceof Float64Array
      ? extremesDouble(values, 0, values.length, found)
      : extremesFloat(values, 0, values.length, found);
  const least = found[0] === 0 ? -0 : Math.min(found[0]!, Infinity);
  const greatest = ordered ? (found[1] === 0 ? 0 : found[1]!) : NaN;
  return values instanceof Float64Array
    ? Float64Array.of(least, greatest)
    : Float32Array.of(least, greatest);
}

function roundUnit({ move }: JobFacts, ends: FixedColumn, field: Field): number {
  const rounds = move.roundMs !== null && move.roundMs > 0;
  return rounds && epochMillis(ends, field) !== null ? move.roundMs! : 1;
}

function roundEnds(job: JobFacts, field: Field, ends: FixedColumn): FixedColumn {
  const { roundMs } = job.move;
  if (roundMs === null || roundMs === 0) return ends;
  return roundTimes(ends, field, timesOf(ends, field).ms, roundMs) as FixedColumn;
}

function sampleDigits(
  plan: RowPlan,
  frame: Frame,
  rows: Uint32Array,
): Record<string, Float64Array> {
  const digits: Record<string, Float64Array> = {};
  for (const { name } of plan.fields.slice(0, plan.keyCount)) {
    const column = columnOf(frame, name);
    digits[name] = digitsOf(column, rows).digits;
    if (plan.nullsCount) digits[`${name}?`] = flagDigits(column, rows);
  }
  return digits;
}
