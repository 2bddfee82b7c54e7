// All rows of one file as columns, through the OFFLINE table's row pipeline: what a backfill builds its segment from.
import type { ColumnBatch } from '../columns/column.ts';
import { createBatchBuilder } from '../columns/builder.ts';
import type { TableRecord } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { openFile } from '../segment/rows/byte-source.ts';
import { formatOf } from '../segment/rows/format.ts';
import type { RowFormat } from '../segment/rows/format.ts';
import { readRows } from '../segment/rows/read-rows.ts';
import { createRowPipeline } from '../transform/row-pipeline.ts';

export interface FileRowsOptions {
  /** `recordReaderSpec.dataFormat`; null: by extension and first bytes. */
  readonly dataFormat: string | null;
  readonly configs: Readonly<Record<string, string>>;
  readonly nowMs: number;
}

const formats: Readonly<Record<string, RowFormat>> = {
  csv: 'csv',
  avro: 'avro',
  parquet: 'parquet',
};

/**
 * @throws SegmillError FILE_NOT_FOUND, FILE_UNREADABLE, UNSUPPORTED (data format), ROW_REJECTED with the first bad row:
 * a segment that replaces another must not lose rows silently, unless the table says continueOnError
 */
export async function readBatch(
  record: TableRecord,
  path: string,
  options: FileRowsOptions,
): Promise<{ batch: ColumnBatch; rowsRejected: number }> {
  const { schema } = record;
  const offline = record.offline!;
  const pipeline = createRowPipeline({
    schema,
    mode: 'ingest',
    transforms: offline.transforms,
    filterFunction: offline.filterFunction,
    continueOnError: offline.continueOnError,
    timeColumn: offline.timeColumn,
    rowTimeValueCheck: offline.rowTimeValueCheck,
    nowMs: options.nowMs,
  });
  const builder = createBatchBuilder(schema.fields, {
    nullHandling: offline.nullHandling || schema.columnBasedNullHandling,
  });
  let rowsRejected = 0;
  const reject = (at: number, reason: string): void => {
    rowsRejected++;
    if (offline.continueOnError) return;
    throw new SegmillError(
      'ROW_REJECTED',
      `${path}: row at ${at}: ${reason}; mend the file, or set ingestionConfig.continueOnError in the OFFLINE table`,
      { path, position: at },
    );
  };
  const source = await openFile(path);
  try {
    const format = await rowFormat(options.dataFormat, path, source);
    for await (const batch of readRows(source, {
      format,
      start: 0,
      schema,
      csv: csvOptions(options.configs),
    })) {
      for (const row of batch.rows) {
        if (row.kind === 'undecodable') reject(row.start, row.reason);
        else {
          const outcome = pipeline.process(row.row);
          if (outcome.kind === 'row') builder.append(outcome.cells);
          else if (outcome.kind === 'rejected') reject(row.start, outcome.reason);
        }
      }
      if (batch.tail !== null) reject(batch.tail.start, 'the last line is no whole row');
    }
  } finally {
    await source.close();
  }
  return { batch: builder.finish({ sortDictionaries: true }), rowsRejected };
}

async function rowFormat(
  dataFormat: string | null,
  path: string,
  source: Awaited<ReturnType<typeof openFile>>,
): Promise<RowFormat> {
  if (dataFormat === null || dataFormat === 'json') return formatOf(path, source);
  const format = formats[dataFormat];
  if (format !== undefined) return format;
  throw new SegmillError(
    'UNSUPPORTED',
    `recordReaderSpec.dataFormat: found ${dataFormat}, allowed: json, csv, avro, parquet`,
    { dataFormat },
  );
}

function csvOptions(configs: Readonly<Record<string, string>>): {
  delimiter?: string;
  multiValueDelimiter?: string;
} {
  const { delimiter, multiValueDelimiter } = configs;
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(multiValueDelimiter === undefined ? {} : { multiValueDelimiter }),
  };
}
