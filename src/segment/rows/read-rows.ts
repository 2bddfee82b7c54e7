import type { Schema } from '../../config/types.ts';
import { pipedFileBytesMax } from '../../limits.ts';
import { readAvro } from './avro.ts';
import { buffered } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';
import { csvDefaults, readCsv } from './csv.ts';
import type { CsvOptions } from './csv.ts';
import { isWhole } from './format.ts';
import type { RowFormat } from './format.ts';
import { readJsonValues } from './json-values.ts';
import { readNdjson } from './ndjson.ts';
import { readParquet } from './parquet.ts';
import type { RowBatches } from './row-batch.ts';

export interface ReadRowsOptions {
  readonly format: RowFormat;
  /** Bytes for NDJSON and CSV, rows for the other formats. */
  readonly start: number;
  /** Of the CSV cells, those of multi-value fields are split. */
  readonly schema: Schema;
  readonly csv?: Partial<CsvOptions>;
}

/**
 * Rows of a file or pipe from a position on.
 * @throws SegmillError FILE_UNREADABLE when the file as a whole is broken; a broken row is part of a batch
 */
export async function* readRows(source: ByteSource, options: ReadRowsOptions): RowBatches {
  const { format, start } = options;
  const file =
    source.byteLength === null && isWhole(format)
      ? await buffered(source, pipedFileBytesMax)
      : source;
  switch (format) {
    case 'ndjson':
      return yield* readNdjson(file, start);
    case 'json':
      return yield* readJsonValues(file, start);
    case 'csv':
      return yield* readCsv(file, start, csvOptions(options));
    case 'avro':
      return yield* readAvro(file, start);
    case 'parquet':
      return yield* readParquet(file, start);
  }
}

function csvOptions(options: ReadRowsOptions): CsvOptions {
  const multiValue = options.schema.fields.filter((field) => field.multiValue);
  const multiValueColumns = new Set(multiValue.map((field) => field.name));
  return { ...csvDefaults, multiValueColumns, ...options.csv };
}
