// What a live Pinot 1.5.1 stored for rows of every type, single-value and multi-value: input and stored row by line.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { valueText } from '../../src/columns/cell.ts';
import type { Cell, CellValue, RawValue } from '../../src/config/cell.ts';
import type { DataType, Field } from '../../src/config/types.ts';
import { parseJson } from '../../src/json/parse.ts';
import { createRowPipeline } from '../../src/transform/row-pipeline.ts';
import { field, schemaOf } from './fields.ts';

const types: Readonly<Record<string, DataType>> = {
  Int: 'INT',
  Long: 'LONG',
  Float: 'FLOAT',
  Double: 'DOUBLE',
  Bool: 'BOOLEAN',
  Ts: 'TIMESTAMP',
  Str: 'STRING',
  Json: 'JSON',
  Bytes: 'BYTES',
  Big: 'BIG_DECIMAL',
};
const several = ['Int', 'Long', 'Float', 'Double', 'Str', 'Bool', 'Ts'];
const metrics = ['Int', 'Long', 'Float', 'Double'];
const fields: readonly Field[] = [
  ...Object.entries(types).map(([name, type]) => field(`d${name}`, type)),
  ...several.map((name) => field(`m${name}`, types[name]!, { multiValue: true })),
  ...metrics.map((name) =>
    field(`s${name}`, types[name]!, {
      role: 'METRIC',
      defaultValue: name === 'Long' ? 0n : 0,
    }),
  ),
  field('ts', 'LONG', {
    role: 'DATE_TIME',
    format: { kind: 'EPOCH', unit: 'MILLISECONDS', size: 1 },
  }),
];

type Recorded = string | number | bigint;
type Stored = { readonly [column: string]: Recorded | readonly Recorded[] };

/** A recorded value as text of the type; FLOAT is recorded with the digits of a FLOAT. */
function recorded(dataType: DataType, value: Recorded): string {
  if (dataType === 'DOUBLE') return valueText(dataType, Number(value));
  return dataType === 'FLOAT' ? valueText(dataType, Math.fround(Number(value))) : String(value);
}

function shown(dataType: DataType, cell: Cell): string[] {
  const cells = Array.isArray(cell) ? (cell as CellValue[]) : [cell as CellValue];
  return cells.map((value) => valueText(dataType, value));
}

describe.each(['types-concat-nulls-on', 'types-concat-nulls-off'])('%s', (name) => {
  const lines = readFileSync(new URL(`golden/${name}.ndjson`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map(
      (line) => parseJson(line) as unknown as { input: Record<string, RawValue>; stored: Stored },
    );
  const pipeline = createRowPipeline({
    schema: schemaOf(fields),
    mode: 'ingest',
    transforms: [],
    filterFunction: null,
    continueOnError: false,
    timeColumn: 'ts',
    rowTimeValueCheck: false,
    nowMs: 0,
  });

  test.each(lines.map(({ input, stored }) => [Number(stored['ts']), input, stored] as const))(
    'X-17 X-18 X-19 X-21 row %i is stored cell by cell as recorded',
    (_, input, stored) => {
      const outcome = pipeline.process(new Map(Object.entries(input)));
      if (outcome.kind !== 'row') throw new Error(`unexpected ${outcome.kind}`);
      const nulls = name.endsWith('-on') ? (stored['$nulls'] as readonly string[]) : null;
      for (const [c, { name: column, dataType, defaultValue }] of fields.entries()) {
        const cell = outcome.cells[c]!;
        if (nulls !== null)
          expect([column, cell === null]).toEqual([column, nulls.includes(column)]);
        const value = stored[column]!;
        const wanted = (Array.isArray(value) ? value : [value]).map((v: Recorded) =>
          recorded(dataType, v),
        );
        expect([column, shown(dataType, cell ?? defaultValue)]).toEqual([column, wanted]);
      }
    },
  );
});
