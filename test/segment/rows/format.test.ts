import { expect, test } from 'vitest';
import { bytesSource } from '../../../src/segment/rows/byte-source.ts';
import { formatOf, formatOfBytes, isTelling, isWhole } from '../../../src/segment/rows/format.ts';

test.each([
  ['a.ndjson', 'ndjson'],
  ['a.jsonl', 'ndjson'],
  ['a.CSV', 'csv'],
  ['a.avro', 'avro'],
  ['a.parquet', 'parquet'],
])('%s is read as %s whatever it holds', async (path, format) => {
  expect(await formatOf(path, bytesSource(Buffer.from('[]'), path))).toBe(format);
});

test.each([
  ['{"a":1}\n{"a":2}\n', 'ndjson'],
  ['{"a":1}', 'ndjson'],
  ['\ufeff\n {"a":1}\n', 'ndjson'],
  ['{"a":1\n{"a":2}\n', 'ndjson'],
  [' [{"a":1}]', 'json'],
  ['{\n"a":1}', 'json'],
  ['{"a":1,\n"b":2}', 'json'],
  ['id,name\n1,a\n', 'csv'],
  ['what is this', 'ndjson'],
  ['', 'ndjson'],
  ['Obj\u0001...', 'avro'],
  ['PAR1...', 'parquet'],
])('a file of no telling name that begins with %j is %s', async (text, format) => {
  expect(await formatOf('a.json', bytesSource(Buffer.from(text), 'a.json'))).toBe(format);
  expect(formatOfBytes(Buffer.from(text))).toBe(format);
});

test('only lines grow', () => {
  expect((['ndjson', 'json', 'csv', 'avro', 'parquet'] as const).map(isWhole)).toEqual([
    false,
    true,
    false,
    true,
    true,
  ]);
});

test('one whole line with an object is enough of a pipe, the begin of one is not', () => {
  expect(isTelling(Buffer.from('{"a":1}\n'))).toBe(true);
  expect(isTelling(Buffer.from('{"a":1'))).toBe(false);
  expect(isTelling(Buffer.from('{\n'))).toBe(false);
  expect(isTelling(Buffer.from('{"a":\n1}\n'))).toBe(true);
});
