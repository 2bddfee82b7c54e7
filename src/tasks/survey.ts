// Stage a: what one input segment holds for the window. Nothing of it is kept but dictionaries, ranges and a sample.
import type { ColumnBatch, VarValues } from '../columns/column.ts';
import { countNulls } from '../columns/nulls.ts';
import { needsPipeline } from '../transform/batch-pipeline.ts';
import type { SurveyInput, SurveyOutput, TaskContext } from './contract.ts';
import { columnOf } from './frame.ts';
import type { Frame } from './frame.ts';
import { conform, readChecked } from './load.ts';
import { planRows } from './plan.ts';
import type { RowPlan } from './plan.ts';
import { digitsOf, flagDigits } from './prefix.ts';
import { sharedVar } from './shared.ts';
import { sourceFrame } from './source-frame.ts';
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
  const window = takeWindow(job, plan, batch, input.name);
  const { rows } = window;
  const frame = sourceFrame(plan, window, null);
  const counts = {
    read: stored.rowCount,
    outsideWindow:
      (transformed?.outsideWindow ?? 0) + batch.rowCount - rows.length - window.rejected.length,
    filtered: transformed?.filtered ?? 0,
    rejected: [...(transformed?.rejected ?? []), ...window.rejected],
    kept: rows.length,
    replacement,
  };
  const partitions = partitionRows(job, plan, window, input.name);
  const stride = Math.max(1, Math.ceil(rows.length / task.samplesMax));
  const picked = Uint32Array.from(
    { length: Math.ceil(rows.length / stride) },
    (_, i) => i * stride,
  );
  const sampled = picked.map((i) => rows[i]!);
  return {
    ...counts,
    dictionaries: dictionariesOf(window.batch),
    nullColumns: window.batch.columns
      .filter((column) => countNulls(column.nulls, column.rowCount) > 0)
      .map(({ name }) => name),
    ranges: rangesOf(plan, frame, rows),
    samples: {
      rows: sampled,
      digits: sampleDigits(plan, frame, sampled),
      partitions: Array.from(picked, (i) => partitions.ids[partitions.indexes[i]!]!),
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
    read: input.rowCount,
    outsideWindow: input.rowCount,
    filtered: 0,
    rejected: [],
    kept: 0,
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

function rangesOf(plan: RowPlan, frame: Frame, rows: Uint32Array): SurveyOutput['ranges'] {
  return plan.fields.slice(0, plan.keyCount).map(({ name }) => {
    const column = columnOf(frame, name);
    // The merged dictionary gives the range of codes.
    if (column.storage === 'codes' && column.offsets === null) {
      return { column: name, min: 0, max: 0, exact: true };
    }
    const { digits, exact } = digitsOf(column, rows);
    let [min, max] = [Infinity, -Infinity];
    for (let i = 0; i < digits.length; i++) {
      if (digits[i]! < min) min = digits[i]!;
      if (digits[i]! > max) max = digits[i]!;
    }
    return { column: name, min, max, exact };
  });
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
