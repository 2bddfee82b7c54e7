import { describe, expect, test } from 'vitest';
import { parseSchema } from '../../src/config/schema.ts';
import type { Field } from '../../src/config/types.ts';
import { isSegmillError } from '../../src/errors.ts';
import type { JsonValue } from '../../src/json/value.ts';

type Json = { [key: string]: JsonValue };

function fieldOf(spec: Json, list = 'dimensionFieldSpecs'): Field {
  return parseSchema({ schemaName: 's', [list]: [spec] }, 's.json').schema.fields[0]!;
}

function problemsOf(document: JsonValue): string {
  try {
    parseSchema(document, 's.json');
  } catch (error) {
    if (isSegmillError(error)) return `${error.code}\n${String(error.details['problems'])}`;
    throw error;
  }
  throw new Error('no problem was found');
}

describe('X-19 defaults', () => {
  test.each([
    ['INT', -2_147_483_648, 0],
    ['LONG', -(2n ** 63n), 0n],
    ['FLOAT', -Infinity, 0],
    ['DOUBLE', -Infinity, 0],
    ['BIG_DECIMAL', '0', '0'],
    ['STRING', 'null', 'null'],
    ['BYTES', new Uint8Array(0), new Uint8Array(0)],
  ])('X-19 %s', (dataType, dimension, metric) => {
    expect(fieldOf({ name: 'c', dataType }).defaultValue).toEqual(dimension);
    expect(fieldOf({ name: 'c', dataType }, 'metricFieldSpecs').defaultValue).toEqual(metric);
    const multi = fieldOf({ name: 'c', dataType, singleValueField: false });
    expect([multi.multiValue, multi.defaultValue]).toEqual([true, dimension]);
  });

  test.each([
    ['BOOLEAN', false],
    ['TIMESTAMP', 0n],
    ['JSON', 'null'],
  ])('X-19 %s dimension', (dataType, value) => {
    expect(fieldOf({ name: 'c', dataType }).defaultValue).toEqual(value);
  });

  test.each([
    ['INT', '7', 7],
    ['INT', 7, 7],
    ['LONG', '9223372036854775807', 9_223_372_036_854_775_807n],
    ['FLOAT', '0.1', Math.fround(0.1)],
    ['DOUBLE', -1.5, -1.5],
    ['DOUBLE', '-Infinity', -Infinity],
    ['BIG_DECIMAL', '1.500', '1.5'],
    ['BOOLEAN', 'true', true],
    ['BOOLEAN', 0, false],
    ['TIMESTAMP', '1970-01-01 00:00:01.0', 1000n],
    ['STRING', '', ''],
    ['STRING', 5, '5'],
    ['JSON', { a: 1 }, '{"a":1}'],
    ['BYTES', 'ff00', new Uint8Array([255, 0])],
  ])('%s default given as %j', (dataType, defaultNullValue, value) => {
    expect(fieldOf({ name: 'c', dataType, defaultNullValue }).defaultValue).toEqual(value);
  });

  test.each([
    ['INT', '2147483648'],
    ['INT', '1.5'],
    ['LONG', '9223372036854775808'],
    ['DOUBLE', 'x'],
    ['BOOLEAN', 'yes'],
    ['TIMESTAMP', 'now'],
    ['BYTES', 'f'],
    ['BIG_DECIMAL', 'one'],
  ])('%s default "%s" is refused', (dataType, defaultNullValue) => {
    const spec = { name: 'c', dataType, defaultNullValue };
    expect(problemsOf({ schemaName: 's', dimensionFieldSpecs: [spec] })).toContain(
      `s.json: dimensionFieldSpecs[0].defaultNullValue: found "${defaultNullValue}", which is no ${dataType}.`,
    );
  });
});

test('fields come in the order dimensions, metrics, date-times, with their settings', () => {
  const { schema, warnings } = parseSchema(
    JSON.stringify({
      schemaName: 's',
      enableColumnBasedNullHandling: true,
      primaryKeyColumns: ['a'],
      dateTimeFieldSpecs: [
        {
          name: 'ts',
          dataType: 'LONG',
          format: '1:MILLISECONDS:EPOCH',
          granularity: '1:MILLISECONDS',
        },
        { name: 'at', dataType: 'TIMESTAMP' },
      ],
      metricFieldSpecs: [{ name: 'm', dataType: 'BIG_DECIMAL', allowTrailingZeros: true }],
      dimensionFieldSpecs: [
        { name: 'a', dataType: 'string', maxLength: 7, maxLengthExceedStrategy: 'ERROR' },
      ],
    }),
    's.json',
  );
  expect(warnings).toEqual([]);
  expect(schema.columnBasedNullHandling).toBe(true);
  expect(schema.primaryKeyColumns).toEqual(['a']);
  expect(schema.fields.map((field) => [field.name, field.role])).toEqual([
    ['a', 'DIMENSION'],
    ['m', 'METRIC'],
    ['ts', 'DATE_TIME'],
    ['at', 'DATE_TIME'],
  ]);
  expect(schema.fields[0]).toMatchObject({ maxLength: 7, maxLengthStrategy: 'ERROR' });
  expect(schema.fields[1]).toMatchObject({ allowTrailingZeros: true, maxLengthStrategy: null });
  expect(schema.fields[3]!.format).toEqual({ kind: 'TIMESTAMP' });
});

describe('the old timeFieldSpec', () => {
  const incoming = { name: 'hours', dataType: 'INT', timeType: 'HOURS' };

  test('is a date-time column', () => {
    const { fields } = parseSchema(
      { schemaName: 's', timeFieldSpec: { incomingGranularitySpec: incoming } },
      's.json',
    ).schema;
    expect(fields).toMatchObject([
      {
        name: 'hours',
        dataType: 'INT',
        role: 'DATE_TIME',
        format: { kind: 'EPOCH', unit: 'HOURS', size: 1 },
      },
    ]);
  });

  test('may have a date pattern', () => {
    const spec = { ...incoming, dataType: 'STRING', timeFormat: 'SIMPLE_DATE_FORMAT:yyyyMMdd' };
    const { fields } = parseSchema(
      { schemaName: 's', timeFieldSpec: { incomingGranularitySpec: spec } },
      's.json',
    ).schema;
    expect(fields[0]!.format).toMatchObject({ kind: 'SIMPLE_DATE_FORMAT', pattern: 'yyyyMMdd' });
  });

  test('with a conversion is refused by name', () => {
    const outgoing = { name: 'days', dataType: 'INT', timeType: 'DAYS' };
    expect(
      problemsOf({
        schemaName: 's',
        timeFieldSpec: { incomingGranularitySpec: incoming, outgoingGranularitySpec: outgoing },
      }),
    ).toMatch(/^UNSUPPORTED\n.*converts hours \(1:HOURS:EPOCH\) to days/);
  });
});

describe('what is refused', () => {
  const column = { name: 'a', dataType: 'INT' };
  test.each([
    ['no schema name', { dimensionFieldSpecs: [column] }, 'schemaName: is missing'],
    ['a bad schema name', { schemaName: 'a/b', dimensionFieldSpecs: [column] }, '"a/b" is no name'],
    ['no column', { schemaName: 's' }, 'the schema has no column'],
    [
      'a column twice',
      { schemaName: 's', dimensionFieldSpecs: [column], metricFieldSpecs: [column] },
      'column "a" is there twice, as DIMENSION and as METRIC',
    ],
    [
      'an unknown type',
      { schemaName: 's', dimensionFieldSpecs: [{ name: 'a', dataType: 'STRNG' }] },
      'Did you mean "STRING"?',
    ],
    [
      'a blank in a name',
      { schemaName: 's', dimensionFieldSpecs: [{ name: 'a b', dataType: 'INT' }] },
      'has blanks in its name',
    ],
    [
      'a virtual name',
      { schemaName: 's', dimensionFieldSpecs: [{ name: '$docId', dataType: 'INT' }] },
      'starts with "$"',
    ],
    [
      'a multi-value metric',
      { schemaName: 's', metricFieldSpecs: [{ ...column, singleValueField: false }] },
      'METRIC column "a" must be single-value',
    ],
    [
      'a JSON metric',
      { schemaName: 's', metricFieldSpecs: [{ name: 'a', dataType: 'JSON' }] },
      'metric "a" is JSON',
    ],
    [
      'a date-time without format',
      { schemaName: 's', dateTimeFieldSpecs: [{ name: 'a', dataType: 'LONG' }] },
      'dateTimeFieldSpecs[0].format: is missing',
    ],
    [
      'a bad format',
      {
        schemaName: 's',
        dateTimeFieldSpecs: [{ name: 'a', dataType: 'LONG', format: '1:X:EPOCH' }],
      },
      'found unit "X"',
    ],
    [
      'a number that cannot hold its dates',
      {
        schemaName: 's',
        dateTimeFieldSpecs: [
          { name: 'a', dataType: 'INT', format: 'SIMPLE_DATE_FORMAT|yyyy-MM-dd' },
        ],
      },
      'prints times as "1970-01-01", which a column of type INT cannot hold',
    ],
    [
      'an unknown key column',
      { schemaName: 's', dimensionFieldSpecs: [column], primaryKeyColumns: ['b'] },
      'primaryKeyColumns: there is no column "b"',
    ],
    ['a list', [1], 'found a list, allowed is a JSON object'],
    ['broken text', '{', 'is no JSON'],
    [
      'fields that are no list',
      { schemaName: 's', dimensionFieldSpecs: 5 },
      'found "5", allowed is a list of objects',
    ],
  ])('%s', (_, document, text) => {
    expect(problemsOf(document)).toMatch(/^CONFIG_INVALID\n/);
    expect(problemsOf(document)).toContain(text);
  });

  test('MAP, by name', () => {
    const spec = { name: 'a', dataType: 'MAP' };
    expect(problemsOf({ schemaName: 's', dimensionFieldSpecs: [spec, column] })).toMatch(
      /^UNSUPPORTED\n.*MAP \(column "a"\) is not supported/,
    );
  });

  test('all problems at once, the first in full in the message', () => {
    const run = (): unknown =>
      parseSchema({ schemaName: '', dimensionFieldSpecs: [{ dataType: 'INT' }, {}] }, 's.json');
    expect(run).toThrow('s.json: schemaName: is missing; give it as text. (and 3 more problems)');
  });
});

test('unknown keys are a warning with the nearest known one', () => {
  const { warnings } = parseSchema(
    { schemaName: 's', dimensionFieldSpecs: [{ name: 'a', dataType: 'INT', maxLenght: 5 }] },
    's.json',
  );
  expect(warnings).toEqual([
    's.json: dimensionFieldSpecs[0].maxLenght: unknown key, it has no effect. Did you mean "maxLength"?',
  ]);
});
