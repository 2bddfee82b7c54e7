// The row pipeline over columns, for the move: only where the columnar way would give something else.
import { cellAt } from '../columns/cell.ts';
import type { BytesColumn, Column, ColumnBatch, DictionaryColumn } from '../columns/column.ts';
import { floatText } from '../columns/number-text.ts';
import { varBytes, varCount, varText } from '../columns/var-values.ts';
import type { Cell, RawValue } from '../config/cell.ts';
import type { Field, Schema, TableConfig } from '../config/types.ts';
import { isSegmillError, SegmillError } from '../errors.ts';
import type { RowPipeline, RowSource } from './row-pipeline.ts';

/**
 * Whether rows of these columns would be changed or dropped by the pipeline: a filter, a transform whose target is missing
 * or null somewhere, a column of another type, text that is longer than its column now allows. A missing column without
 * a transform is none of these: it reads as its default, flagged null.
 */
export function needsPipeline(
  batch: ColumnBatch,
  schema: Schema,
  config: Pick<TableConfig, 'transforms' | 'filterFunction'>,
): boolean {
  if (config.filterFunction !== null) return true;
  const columns = new Map(batch.columns.map((column) => [column.name, column]));
  const targets = new Set([
    ...config.transforms.map((transform) => transform.column),
    ...schema.fields.filter((field) => field.transformFunction !== null).map((field) => field.name),
  ]);
  return schema.fields.some((field) => {
    const column = columns.get(field.name);
    if (column === undefined) return targets.has(field.name);
    if (targets.has(field.name) && column.nulls !== null) return true;
    return !conforms(column, field);
  });
}

/** The column is stored as the field says, and no text in it would be cut. */
function conforms(column: Column, field: Field): boolean {
  if (column.dataType !== field.dataType) return false;
  if ((column.offsets !== null) !== field.multiValue) return false;
  if (column.kind === 'fixed') return true;
  return !isLimited(field) || !isOverlong(column, field);
}

function isLimited(field: Field): boolean {
  if (field.dataType === 'STRING') return true;
  return field.maxLengthStrategy !== null && ['JSON', 'BYTES'].includes(field.dataType);
}

/** UTF-8 never has fewer bytes than UTF-16 has units, so only values of many bytes are looked at as text. */
function isOverlong(column: DictionaryColumn | BytesColumn, field: Field): boolean {
  const values = column.kind === 'dictionary' ? column.dictionary : column.values;
  if (field.dataType !== 'BYTES' && values.data.includes(0)) return true;
  for (let i = 0; i < varCount(values); i++) {
    if (values.offsets[i + 1]! - values.offsets[i]! <= field.maxLength) continue;
    const length =
      field.dataType === 'BYTES' ? varBytes(values, i).length : varText(values, i).length;
    if (length > field.maxLength) return true;
  }
  return false;
}

export interface BatchSink {
  append(cells: readonly Cell[]): void;
}

export interface BatchPipelineResult {
  readonly rowsRead: number;
  readonly rowsOut: number;
  /** */
  readonly filtered: number;
  /** rows dropped under `continueOnError`. */
  readonly rejected: number;
  /** rows kept although a value was lost. */
  readonly incomplete: number;
  readonly sanitized: number;
}

export interface BatchPipelineOptions {
  /** Segment name, for messages. */
  readonly segment: string;
  readonly schema: Schema;
  /** Called for each row dropped under `continueOnError`, with its index in the batch. */
  readonly onRejected?: (row: number, reason: string, column: string | null) => void;
}

/**
 * Rows of a batch (all, or those named, in that order) through the pipeline into a builder of the schema's fields.
 * @throws SegmillError COLUMN_TYPE_CHANGED with column, segment and value where a stored value does not convert to the
 * column's present type; any other failure of the pipeline as it is
 */
export function runBatchPipeline(
  batch: ColumnBatch,
  rows: Uint32Array | null,
  pipeline: RowPipeline,
  sink: BatchSink,
  options: BatchPipelineOptions,
): BatchPipelineResult {
  const view = new RowView(batch, options.schema);
  const count = rows?.length ?? batch.rowCount;
  const result = {
    rowsRead: count,
    rowsOut: 0,
    filtered: 0,
    rejected: 0,
    incomplete: 0,
    sanitized: 0,
  };
  for (let i = 0; i < count; i++) {
    view.row = rows === null ? i : rows[i]!;
    const outcome = processRow(view, pipeline, options.segment);
    switch (outcome.kind) {
      case 'filtered':
        result.filtered++;
        break;
      case 'rejected':
        result.rejected++;
        options.onRejected?.(view.row, outcome.reason, outcome.column);
        break;
      case 'row':
        sink.append(outcome.cells);
        result.rowsOut++;
        if (outcome.incomplete) result.incomplete++;
        if (outcome.sanitized) result.sanitized++;
        break;
    }
  }
  return result;
}

function processRow(
  view: RowView,
  pipeline: RowPipeline,
  segment: string,
): ReturnType<RowPipeline['process']> {
  try {
    return pipeline.process(view);
  } catch (error) {
    if (!isSegmillError(error, 'VALUE_INVALID')) throw error;
    const column = error.details['column'];
    const stored = typeof column === 'string' ? view.driftOf(column) : null;
    if (stored === null) throw error;
    throw new SegmillError(
      'COLUMN_TYPE_CHANGED',
      `segment ${segment}, row ${view.row}: column ${column} was stored as ${stored}, and ${error.message}`,
      { ...error.details, segment, row: view.row, storedType: stored },
      { cause: error },
    );
  }
}

/** One row of a batch at a time, read where a cell is asked for. */
class RowView implements RowSource {
  row = 0;
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #fields: ReadonlyMap<string, Field>;

  constructor(batch: ColumnBatch, schema: Schema) {
    this.#columns = new Map(batch.columns.map((column) => [column.name, column]));
    this.#fields = new Map(schema.fields.map((field) => [field.name, field]));
  }

  get(name: string): RawValue | undefined {
    const column = this.#columns.get(name);
    if (column === undefined) return undefined;
    const cell = cellAt(column, this.row);
    return column.dataType === 'FLOAT' && this.#wantsText(name) ? floatTexts(cell) : cell;
  }

  keys(): Iterable<string> {
    return this.#columns.keys();
  }

  /** The stored type when it is not the field's. */
  driftOf(name: string): string | null {
    const column = this.#columns.get(name);
    const field = this.#fields.get(name);
    if (column === undefined || field === undefined) return null;
    const sameShape = (column.offsets !== null) === field.multiValue;
    if (column.dataType === field.dataType && sameShape) return null;
    return column.offsets === null ? column.dataType : `${column.dataType} (multi-value)`;
  }

  /** A FLOAT that became text has the digits of a FLOAT, not those of the double behind it. */
  #wantsText(name: string): boolean {
    const dataType = this.#fields.get(name)?.dataType;
    return dataType === 'STRING' || dataType === 'BIG_DECIMAL' || dataType === 'JSON';
  }
}

function floatTexts(cell: Cell): RawValue {
  if (Array.isArray(cell)) return cell.map((value: number) => floatText(value));
  return cell === null ? null : floatText(cell as number);
}
