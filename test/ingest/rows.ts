// Tables, rows and input for tests, without a test runner.
import { parseSchema } from '../../src/config/schema.ts';
import { parseTableConfig } from '../../src/config/table-config.ts';
import type { TableRecord } from '../../src/config/types.ts';
import type { JsonValue } from '../../src/json/value.ts';

export const t0 = 1_700_000_000_000;

const schemaDocument = {
  schemaName: 't',
  dimensionFieldSpecs: [
    { name: 'id', dataType: 'LONG' },
    { name: 'name', dataType: 'STRING' },
    { name: 'tags', dataType: 'STRING', singleValueField: false },
  ],
  dateTimeFieldSpecs: [
    { name: 'ts', dataType: 'LONG', format: '1:MILLISECONDS:EPOCH', granularity: '1:MILLISECONDS' },
  ],
};

/** @param stream keys of the stream config besides the ones every table needs */
export function tableRecord(
  stream: { readonly [key: string]: string } = {},
  more: { readonly [key: string]: JsonValue } = {},
  schema: JsonValue = schemaDocument,
): TableRecord {
  const document = {
    tableName: 't',
    tableType: 'REALTIME',
    segmentsConfig: { timeColumnName: 'ts' },
    tableIndexConfig: {
      streamConfigs: { streamType: 'kafka', 'stream.kafka.topic.name': 't', ...stream },
    },
    ...more,
  };
  return {
    name: 't',
    schema: parseSchema(schema, 'schema.json').schema,
    schemaDocument: '',
    realtime: parseTableConfig(document, 'table.json').config,
    offline: null,
  };
}

/** Cuts a segment every five rows. */
export const crashTable: TableRecord = tableRecord({
  'realtime.segment.flush.threshold.rows': '5',
});

export async function* emptyInput(): AsyncGenerator<Uint8Array> {}

export async function* inputOf(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

/** Rows with the ids from `from` up to before `to`, a line each. */
export function lines(from: number, to: number): string {
  let text = '';
  for (let id = from; id < to; id++) {
    text += `${JSON.stringify({ id, name: `n${id % 3}`, tags: ['a', `t${id}`], ts: t0 + id })}\n`;
  }
  return text;
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
