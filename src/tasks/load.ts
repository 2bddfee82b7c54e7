// An input file to columns of the OFFLINE schema.
import { crc32 } from 'node:zlib';
import { createBatchBuilder } from '../columns/builder.ts';
import type { Column, ColumnBatch } from '../columns/column.ts';
import { buildDictionary, withSortedDictionary } from '../columns/dictionary.ts';
import { bitmapBytes } from '../columns/nulls.ts';
import type { Field, Schema } from '../config/types.ts';
import { invariant, SegmillError, isSegmillError } from '../errors.ts';
import type { TaskContext } from './contract.ts';
import type { WindowInput } from './types.ts';

/**
 * The rows of an input that the survey has checked, as they are stored.
 * @throws SegmillError MISSING_INPUT, SEGMENT_CORRUPT
 */
export async function readInput(input: WindowInput, context: TaskContext): Promise<ColumnBatch> {
  return decodeInput(input, await readBytes(input, context), context.codecOf);
}

/** As `readInput`, with the whole file's CRC checked against the catalog's: once a window, by the survey. */
export async function readChecked(input: WindowInput, context: TaskContext): Promise<ColumnBatch> {
  const bytes = await readBytes(input, context);
  const crc = crc32(bytes);
  if (bytes.length !== input.byteLength || crc !== input.crc) {
    throw new SegmillError(
      'SEGMENT_CORRUPT',
      `segment ${input.name} is damaged: its file ${input.file} has ${bytes.length} bytes and CRC ${crc}, the catalog says ${input.byteLength} bytes and CRC ${input.crc}; restore the file, or remove the segment and ingest again`,
      { segment: input.name, file: input.file, crc, expectedCrc: input.crc },
    );
  }
  return decodeInput(input, bytes, context.codecOf);
}

function decodeInput(
  input: WindowInput,
  bytes: Uint8Array,
  codecOf: TaskContext['codecOf'],
): ColumnBatch {
  const { batch } = codecOf(input.format).decode(bytes, input.name, undefined, true);
  if (batch.rowCount === input.rowCount) return batch;
  throw new SegmillError(
    'SEGMENT_CORRUPT',
    `segment ${input.name} holds ${batch.rowCount} rows, the catalog says ${input.rowCount}; restore the file, or remove the segment and ingest again`,
    { segment: input.name, rows: batch.rowCount, expectedRows: input.rowCount },
  );
}

async function readBytes(input: WindowInput, { store, scratch }: TaskContext): Promise<Uint8Array> {
  try {
    return await store.read(input.file, undefined, (length) => scratch.bytes('input', length));
  } catch (error) {
    if (!isSegmillError(error, 'FILE_NOT_FOUND')) throw error;
    throw new SegmillError(
      'MISSING_INPUT',
      `the file of segment ${input.name} is gone: ${input.file}; restore it, or run again with --allow-missing-inputs`,
      { segment: input.name, file: input.file },
      { cause: error },
    );
  }
}

/**
 * The schema's columns in its order, var-length ones with a sorted dictionary. A column that the segment lacks reads as
 * its default, flagged null; one of another type went through the row pipeline before.
 */
export function conform(
  batch: ColumnBatch,
  schema: Schema,
  nullHandling: boolean,
  segment: string,
): ColumnBatch {
  const byName = new Map(batch.columns.map((column) => [column.name, column]));
  const columns = schema.fields.map((field) => {
    const found = byName.get(field.name);
    invariant(
      found === undefined || sameType(found, field),
      () => `column ${field.name} of ${segment} was not converted`,
    );
    const column = found ?? defaultColumn(field, batch.rowCount);
    return coded(nullHandling ? column : { ...column, nulls: null });
  });
  return { rowCount: batch.rowCount, columns };
}

function sameType(column: Column, field: Field): boolean {
  return column.dataType === field.dataType && (column.offsets !== null) === field.multiValue;
}

export function coded(column: Column): Column {
  if (column.kind === 'dictionary') return withSortedDictionary(column);
  if (column.kind === 'fixed') return column;
  const { dictionary, codes } = buildDictionary(column.values, column.dataType);
  return {
    ...column,
    kind: 'dictionary',
    codes,
    dictionary,
    sorted: true,
    values: undefined,
  } as Column;
}

function defaultColumn(field: Field, rowCount: number): Column {
  const builder = createBatchBuilder([field], { nullHandling: true });
  builder.append([null]);
  const [one] = builder.finish({ sortDictionaries: true }).columns;
  const nulls = new Uint8Array(bitmapBytes(rowCount)).fill(0xff);
  const offsets = field.multiValue ? Uint32Array.from({ length: rowCount + 1 }, (_, i) => i) : null;
  const base = { ...one!, rowCount, nulls, offsets };
  switch (base.kind) {
    case 'fixed': {
      const values = new (base.values.constructor as Uint8ArrayConstructor)(rowCount);
      return { ...base, values: values.fill(base.values[0]! as number) };
    }
    case 'dictionary':
      return { ...base, codes: new Uint8Array(rowCount) };
    case 'bytes':
      throw new Error('a builder makes no bytes columns');
  }
}
