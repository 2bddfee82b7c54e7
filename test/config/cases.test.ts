// Schemas and table configs that ran on Pinot 1.5.1: all pass, but those that Pinot itself could not run.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkMovable, checkTable } from '../../src/config/table.ts';
import { golden, problemsOf, readSchema, readTable } from './table-documents.ts';

const refused: Readonly<Record<string, RegExp>> = {
  'bucket-zero-cold-start': /^CONFIG_INVALID\n.*bucketTimePeriod: found "0d"/,
  'max-records-not-a-number': /^CONFIG_INVALID\n.*maxNumRecordsPerSegment: found "abc"/,
  'hllplus-fails': /^UNSUPPORTED\n.*distinctCountHLLPlus/,
  'rollup-bytes-hll': /^UNSUPPORTED\n.*sketches such as "distinctCountHLL"/,
};

test.each(readdirSync(new URL('golden/cases', import.meta.url)))('case %s', (name) => {
  const said = problemsOf(() => {
    const schema = readSchema(golden(`cases/${name}/schema.json`));
    const realtime = readTable(golden(`cases/${name}/realtime.json`));
    const offline = readTable(golden(`cases/${name}/offline.json`));
    checkTable({ schema, realtime, offline });
    checkMovable({ name: realtime.tableName, schema, schemaDocument: '', realtime, offline });
  });
  expect(said).toMatch(refused[name] ?? /^OK$/);
});
