// ROLLUP of a frame's rows by group: key columns from the first row of a group, metrics by their aggregation (R-5 to R-9,
// R-16; design 5.7, 5.21). Nulls are skipped, and a group of nothing but nulls stays null.
import type { VarValues } from '../columns/column.ts';
import type { AggregationType, Field } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import {
  extremeNumbers,
  extremeRows,
  isPlain,
  noRow,
  presentGroups,
  sumDoubles,
  sumFloats,
  sumInts,
  sumLongs,
} from '../kernels/aggregate.ts';
import type { JobFacts, SumOverflow } from './contract.ts';
import { columnOf, gatherFrame } from './frame.ts';
import type { Frame, FrameColumn } from './frame.ts';
import { originalTimeColumn } from './plan.ts';
import type { RowPlan } from './plan.ts';
import { keyWords } from './prefix.ts';
import { sumDecimals, sumPairs } from './value-sums.ts';

export interface GroupedRows {
  readonly groupOf: Uint32Array;
  /** First row of every group in input order. */
  readonly first: Uint32Array;
  /** Starts of the segments' rows, then the end. */
  readonly slices: Uint32Array;
}

export interface Aggregated {
  readonly frame: Frame;
  readonly overflow: SumOverflow | null;
}

/** May a segment's rows be aggregated before the others are seen? Not where the un-rounded time or values are needed. */
export function canAggregateEarly({ schema, move }: JobFacts, plan: RowPlan): boolean {
  if (move.mergeType === 'CONCAT') return false;
  return schema.fields.every(({ name, dataType }) => {
    const type = plan.aggregations.get(name);
    if (type === undefined) return true;
    return (type === 'SUM' || type === 'MIN' || type === 'MAX') && isNumber(dataType);
  });
}

function isNumber(dataType: Field['dataType']): boolean {
  return dataType === 'INT' || dataType === 'LONG' || dataType === 'FLOAT' || dataType === 'DOUBLE';
}

export function aggregateFrame(
  job: JobFacts,
  plan: RowPlan,
  frame: Frame,
  grouped: GroupedRows,
  dictionaries: Readonly<Record<string, VarValues>> = {},
): Aggregated {
  const keyFields = plan.fields.slice(0, plan.keyCount);
  const keys: Frame = {
    rowCount: frame.rowCount,
    columns: keyFields.map(({ name }) => columnOf(frame, name)),
  };
  const columns = [...gatherFrame(keys, grouped.first).columns];
  for (const field of plan.fields.slice(plan.keyCount)) {
    const metric = columnOf(frame, field.name);
    const state: MetricState = { plan, frame, field, metric, grouped, dictionaries };
    const { column, overflow } = aggregateMetric(state, plan.aggregations.get(field.name)!);
    if (overflow >= 0 && job.move.semantics === 'exact') {
      const key = gatherFrame(keys, grouped.first.subarray(overflow, overflow + 1));
      return { frame, overflow: { column: field.name, key } };
    }
    columns.push(column);
  }
  return { frame: { rowCount: grouped.first.length, columns }, overflow: null };
}

interface MetricState {
  readonly plan: RowPlan;
  readonly frame: Frame;
  readonly field: Field;
  readonly metric: FrameColumn;
  readonly grouped: GroupedRows;
  readonly dictionaries: Readonly<Record<string, VarValues>>;
}

interface AggregatedMetric {
  readonly column: FrameColumn;
  readonly overflow: number;
}

function aggregateMetric(state: MetricState, type: AggregationType): AggregatedMetric {
  switch (type) {
    case 'SUM':
      return sumOf(state);
    case 'MIN':
    case 'MAX':
      if (state.metric.dataType !== 'BIG_DECIMAL') refuseMeeting(state, type);
      return extremeOf(state, type);
    case 'FIRSTWITHTIME':
    case 'LASTWITHTIME': {
      const words = keyWords(columnOf(state.frame, originalTimeColumn));
      return chosen(state, words, type === 'LASTWITHTIME', type === 'LASTWITHTIME');
    }
    case 'AVG':
      return kept(
        state,
        sumPairs(state.metric, state.grouped, state.dictionaries[state.field.name]!),
      );
  }
}

function sumOf(state: MetricState): AggregatedMetric {
  const { metric, grouped } = state;
  const { groupOf, first, slices } = grouped;
  const { values, nulls } = metric;
  if (metric.dataType === 'BIG_DECIMAL') {
    return kept(state, sumDecimals(metric, grouped, state.dictionaries[metric.name]!, state.field));
  }
  if (values instanceof BigInt64Array) {
    const { sums, overflow } = sumLongs(values, nulls, groupOf, first.length);
    return { ...kept(state, { values: sums }), overflow };
  }
  if (values instanceof Int32Array) {
    const { sums, overflow } = sumInts(values, nulls, groupOf, first.length);
    return { ...kept(state, { values: sums }), overflow };
  }
  if (values instanceof Float64Array) {
    return kept(state, { values: sumDoubles(values, nulls, groupOf, first.length, slices) });
  }
  if (values instanceof Float32Array) {
    return kept(state, { values: sumFloats(values, nulls, groupOf, first.length, slices) });
  }
  refuseMeeting(state, 'SUM');
  return chosen(state, [], false, false);
}

/** The new values with the null flags that R-7 gives; a null group's slot takes the default that its rows hold. */
function kept(
  state: MetricState,
  made: Pick<FrameColumn, 'values'> & Partial<FrameColumn>,
): AggregatedMetric {
  const { metric, grouped } = state;
  const { groupOf, first } = grouped;
  const column = { ...metric, ...made };
  if (metric.nulls === null) return { column, overflow: -1 };
  const present = presentGroups(metric.nulls, groupOf, first.length);
  const nulls = present.map((flag) => 1 - flag);
  if (column.storage === 'fixed') {
    for (let g = 0; g < first.length; g++) {
      if (nulls[g] === 1) column.values[g] = metric.values[first[g]!]! as number & bigint;
    }
  }
  return { column: { ...column, nulls }, overflow: -1 };
}

function extremeOf(state: MetricState, type: 'MIN' | 'MAX'): AggregatedMetric {
  const { values, nulls } = state.metric;
  const { groupOf, first } = state.grouped;
  const floating = values instanceof Float64Array || values instanceof Float32Array;
  if (floating && isPlain(values)) {
    return picked(state, extremeNumbers(values, nulls, groupOf, first.length, type === 'MAX'));
  }
  return chosen(state, extremeWords(state.metric, type), type === 'MAX', false);
}

/** One row's value a group: the one with the least or greatest words. */
function chosen(
  state: MetricState,
  words: readonly Uint32Array[],
  greatest: boolean,
  last: boolean,
): AggregatedMetric {
  const { groupOf, first } = state.grouped;
  const { nulls } = state.metric;
  return picked(state, extremeRows(words, nulls, groupOf, first.length, { greatest, last }));
}

function picked({ metric, grouped }: MetricState, rows: Uint32Array): AggregatedMetric {
  const { groupOf, first } = grouped;
  for (let g = 0; g < rows.length; g++) if (rows[g] === noRow) rows[g] = first[g]!;
  const frame = gatherFrame({ rowCount: groupOf.length, columns: [metric] }, rows);
  return { column: frame.columns[0]!, overflow: -1 };
}

/** MIN and MAX follow Java, where NaN wins both. */
function extremeWords(metric: FrameColumn, type: 'MIN' | 'MAX'): Uint32Array[] {
  const words = keyWords(metric);
  const { values } = metric;
  if (type === 'MAX' || !(values instanceof Float64Array || values instanceof Float32Array))
    return words;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== values[i]) for (const word of words) word[i] = 0;
  }
  return words;
}

/** a type that cannot be aggregated is an error only when two rows of one group meet. */
function refuseMeeting({ metric, grouped }: MetricState, type: AggregationType): void {
  if (metric.storage === 'fixed' && metric.dataType !== 'BOOLEAN') return;
  const seen = new Uint8Array(grouped.first.length);
  for (let i = 0; i < grouped.groupOf.length; i++) {
    if (metric.nulls !== null && metric.nulls[i] === 1) continue;
    const g = grouped.groupOf[i]!;
    if (seen[g] === 1) {
      throw new SegmillError(
        'UNSUPPORTED',
        `Unsupported metric type for ${type} aggregator : ${metric.dataType}: two rows of one group meet in column ${metric.name}; make it a dimension, or use CONCAT or DEDUP`,
        { column: metric.name, dataType: metric.dataType, aggregation: type },
      );
    }
    seen[g] = 1;
  }
}
