import { elementAt, valueText } from '../columns/cell.ts';
import type { ColumnBatch } from '../columns/column.ts';
import type { SegmentRecord } from '../catalog/types.ts';
import type { Schema, TableConfig } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { validTimeMaxMs, validTimeMinMs } from '../limits.ts';
import { timesOf } from '../tasks/time-column.ts';

export type SegmentTimes = Pick<
  SegmentRecord,
  'minTimeMs' | 'maxTimeMs' | 'minTimeValue' | 'maxTimeValue'
>;

/**
 * The least and greatest time of a batch, as epoch ms and as the raw values' text (O-11).
 * @throws SegmillError SEGMENT_TIME_INVALID where the table checks for 1971..2071 (X-36, A-15)
 */
export function buildTimes(batch: ColumnBatch, schema: Schema, config: TableConfig): SegmentTimes {
  const nothing = { minTimeMs: null, maxTimeMs: null, minTimeValue: null, maxTimeValue: null };
  const field = schema.fields.find(({ name }) => name === config.timeColumn);
  const column = batch.columns.find(({ name }) => name === config.timeColumn);
  if (field === undefined || column === undefined || batch.rowCount === 0) return nothing;
  const times = timesOf(column, field);
  let least = 0;
  let greatest = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    const ms = times.ms[row]!;
    if (Number.isNaN(ms)) throw invalid(`row ${row}: ${times.reasonOf(row)}`, config);
    if (ms < times.ms[least]!) least = row;
    if (ms > times.ms[greatest]!) greatest = row;
  }
  const [minTimeMs, maxTimeMs] = [times.ms[least]!, times.ms[greatest]!];
  if (config.segmentTimeValueCheck && (minTimeMs < validTimeMinMs || maxTimeMs >= validTimeMaxMs)) {
    throw invalid(
      `times ${minTimeMs} to ${maxTimeMs} ms, allowed are 1971-01-01 to 2071-01-01`,
      config,
    );
  }
  const text = (row: number): string => valueText(column.dataType, elementAt(column, row));
  return { minTimeMs, maxTimeMs, minTimeValue: text(least), maxTimeValue: text(greatest) };
}

function invalid(what: string, config: TableConfig): SegmillError {
  return new SegmillError(
    'SEGMENT_TIME_INVALID',
    `Invalid segment start/end time in column ${config.timeColumn}: ${what}; mend the rows, or set segmentTimeValueCheck to false`,
    { table: config.tableName, column: config.timeColumn },
  );
}
