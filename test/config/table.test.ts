import { describe, expect, test } from 'vitest';
import { checkMovable, checkTable } from '../../src/config/table.ts';
import type { TableParts } from '../../src/config/table.ts';
import type { JsonValue } from '../../src/json/value.ts';
import type { Json } from './table-documents.ts';
import {
  golden,
  offlineDocument,
  problemsOf,
  readSchema,
  readTable,
  realtimeDocument,
} from './table-documents.ts';

const schema = readSchema({
  schemaName: 't',
  dimensionFieldSpecs: [
    { name: 'd', dataType: 'STRING' },
    { name: 'tags', dataType: 'STRING', singleValueField: false },
    { name: 'rawTags', dataType: 'BYTES', singleValueField: false },
    { name: 'prices', dataType: 'BIG_DECIMAL', singleValueField: false },
  ],
  metricFieldSpecs: [
    { name: 'm', dataType: 'LONG' },
    { name: 'mb', dataType: 'BYTES' },
  ],
  dateTimeFieldSpecs: [
    { name: 'ts', dataType: 'LONG', format: '1:MILLISECONDS:EPOCH' },
    { name: 'ts2', dataType: 'LONG', format: '1:MILLISECONDS:EPOCH' },
    { name: 'text', dataType: 'STRING', format: 'SIMPLE_DATE_FORMAT|yyyy-MM-dd HH:mm' },
  ],
});

interface Given {
  readonly task?: JsonValue;
  readonly realtime?: Json;
  readonly offline?: Json | null;
}

function partsOf({ task = {}, realtime = {}, offline = {} }: Given): TableParts {
  return {
    schema,
    realtime: readTable(realtimeDocument(task, realtime)),
    offline: offline === null ? null : readTable(offlineDocument(offline)),
  };
}

function check(given: Given): string {
  return problemsOf(() => checkTable(partsOf(given)));
}

test('the recipe passes, also O-4 with its multi-value BYTES and BIG_DECIMAL columns', () => {
  const parts = {
    schema: readSchema(golden('recipe/orders_schema.json')),
    realtime: readTable(golden('recipe/orders_table.json')),
    offline: readTable(golden('recipe/orders_offline_table.json')),
  };
  expect(checkTable(parts)).toEqual({ warnings: [] });
  expect(checkTable(partsOf({}))).toEqual({ warnings: [] });
});

describe('C-21 the schema', () => {
  test('of the recipe: its published offline config names another table', () => {
    const offline = readTable(golden('recipe/orders_offline_table.verbatim.json'));
    const text = problemsOf(() =>
      checkTable({
        schema: readSchema(golden('recipe/orders_schema.json')),
        realtime: readTable(golden('recipe/orders_table.json')),
        offline,
      }),
    );
    expect(text).toBe(
      'CONFIG_INVALID\nevents_OFFLINE: Schema should not be null: there is no schema "events" (at hand: orders); if this is the OFFLINE half of table "orders", set "tableName" (and "schemaName") to "orders" in this config; else add a schema with "schemaName": "events".',
    );
    const alone = { schema: null, realtime: null, offline, knownSchemas: ['orders'] };
    expect(problemsOf(() => checkTable(alone))).toBe(text);
  });

  test('is missing altogether', () => {
    expect(problemsOf(() => checkTable({ ...partsOf({ offline: null }), schema: null }))).toContain(
      't_REALTIME: Schema should not be null: there is no schema "t" (none is at hand); add a schema with "schemaName": "t".',
    );
  });
});

describe('C-22 to C-26, R-15 aggregations', () => {
  const at = 't_REALTIME: task.taskTypeConfigsMap.RealtimeToOfflineSegmentsTask.';
  test.each([
    ['nope', 'sum', 'Column "nope" not found in schema!'],
    ['M', 'sum', 'Column "M" not found in schema! Did you mean "m"?'],
    ['m', 'avg', 'AVG requires the column to be of type BYTES in schema, but found: LONG'],
    ['d', 'firstWithTime', 'FIRSTWITHTIME requires the column to be a metric column in schema!'],
  ])('%s %s', (column, type, text) => {
    const found = check({ task: { [`${column}.aggregationType`]: type } });
    expect(found).toMatch(/^CONFIG_INVALID\n/);
    expect(found).toContain(`${at}${column}.aggregationType: ${text}`);
  });

  test.each([
    ['mb', 'avg'],
    ['m', 'firstWithTime'],
    ['mb', 'LAST_WITH_TIME'],
    ['m', 'max'],
  ])('C-24, C-25 %s %s passes', (column, type) => {
    expect(check({ task: { [`${column}.aggregationType`]: type } })).toBe('OK');
  });

  test('C-24 with-time functions need a time column that is a date-time', () => {
    const parts = partsOf({ task: { 'm.aggregationType': 'lastWithTime' }, offline: null });
    const without = { ...parts.realtime!, timeColumn: null };
    expect(problemsOf(() => checkTable({ ...parts, realtime: without }))).toContain(
      'LASTWITHTIME requires the table to have a time column!',
    );
    const wrong = { ...parts.realtime!, timeColumn: 'd' };
    expect(problemsOf(() => checkTable({ ...parts, realtime: wrong }))).toContain(
      'LASTWITHTIME requires the time column: d to be a DateTime column in schema!',
    );
  });

  test('C-26, E-8 an aggregation of a dimension is accepted with a warning', () => {
    const task = {
      bucketTimePeriod: '6h',
      bufferTimePeriod: '5d',
      mergeType: 'rollup',
      'd.aggregationType': 'max',
    };
    const { warnings } = checkTable(partsOf({ task, offline: null }));
    expect(warnings).toEqual([
      `${at}d.aggregationType: has no effect: "d" is a dimension, no metric.`,
      expect.stringMatching(/^t_REALTIME: .*there is no table t_OFFLINE yet; add/),
    ]);
  });

  test('R-8 ROLLUP of what cannot be summed is a warning, since unique keys pass', () => {
    expect(checkTable(partsOf({ task: { mergeType: 'rollup' } })).warnings).toEqual([
      `${at}mb.aggregationType: SUM cannot merge BYTES values: a window fails when two of its rows share a key.`,
    ]);
    const averaged = { mergeType: 'rollup', 'mb.aggregationType': 'avg' };
    expect(checkTable(partsOf({ task: averaged })).warnings).toEqual([]);
  });
});

describe('C-33 columns', () => {
  const partition = (column: string): Json => ({
    tableIndexConfig: {
      segmentPartitionConfig: {
        columnPartitionMap: { [column]: { functionName: 'Murmur', numPartitions: 2 } },
      },
    },
  });
  test.each([
    [
      'no sorted column',
      { tableIndexConfig: { sortedColumn: ['nope'] } },
      'Failed to find sorted column: nope in schema',
    ],
    [
      'a multi-value sorted column',
      { tableIndexConfig: { sortedColumn: ['tags'] } },
      'Cannot sort on multi-value column: tags',
    ],
    ['no partition column', partition('nope'), 'Failed to find partition column: nope in schema'],
    [
      'a multi-value partition column',
      partition('tags'),
      'Cannot partition on multi-value column: tags',
    ],
    [
      'a time column that is none',
      { segmentsConfig: { timeColumnName: 'd' } },
      'Cannot find valid fieldSpec for timeColumn: "d" is a dimension, allowed is a date-time column of schema "t": ts, ts2, text',
    ],
    [
      'a time column not in the schema',
      { segmentsConfig: { timeColumnName: 'tz' } },
      'timeColumn: "tz" is not in the schema',
    ],
  ])('C-33 %s', (_, offline, text) => {
    expect(check({ offline })).toMatch(/^CONFIG_INVALID\n/);
    expect(check({ offline })).toContain(text);
  });

  test('C-33 both halves have the same time column', () => {
    expect(check({ offline: { segmentsConfig: {} } })).toContain(
      "'timeColumnName' cannot be null for table: t! Offline time column name: null. Realtime time column name: ts",
    );
    expect(check({ offline: { segmentsConfig: { timeColumnName: 'ts2' } } })).toContain(
      "'timeColumnName' must be equal for table: t! Offline time column name: ts2. Realtime time column name: ts",
    );
    const none = partsOf({ offline: { segmentsConfig: {} } });
    const neither = { ...none, realtime: { ...none.realtime!, timeColumn: null } };
    expect(problemsOf(() => checkTable(neither))).toContain('Realtime time column name: null');
    const alone = { ...partsOf({ offline: { segmentsConfig: {} } }), realtime: null };
    expect(problemsOf(() => checkTable(alone))).toBe('OK');
  });

  test('O-6 ROLLUP does not sort on a metric, CONCAT does', () => {
    const offline = { tableIndexConfig: { sortedColumn: 'm' } };
    expect(check({ task: { mergeType: 'ROLLUP' }, offline })).toContain(
      'For ROLLUP, cannot sort on metric column: m',
    );
    expect(check({ task: { mergeType: 'CONCAT' }, offline })).toBe('OK');
  });

  test('O-6 ROLLUP with metrics only has nothing to group by', () => {
    const metrics = readSchema({
      schemaName: 't',
      metricFieldSpecs: [{ name: 'm', dataType: 'LONG' }],
    });
    const { realtime, offline } = partsOf({ task: { mergeType: 'ROLLUP' } });
    expect(
      problemsOf(() =>
        checkTable({
          schema: metrics,
          realtime: { ...realtime!, timeColumn: null },
          offline: { ...offline!, timeColumn: null },
        }),
      ),
    ).toContain('the schema has metrics only');
  });

  test('O-13 the simple generator and times with ":"', () => {
    const offline = {
      segmentsConfig: { timeColumnName: 'text' },
      tableIndexConfig: { segmentNameGeneratorType: 'simple' },
    };
    const realtime = { segmentsConfig: { timeColumnName: 'text' } };
    expect(check({ realtime, offline })).toContain('":" is not allowed; use normalizedDate');
    expect(check({ realtime, offline: { segmentsConfig: { timeColumnName: 'text' } } })).toBe('OK');
  });
});

test('expressions go to the given check, with their place', () => {
  const parts = partsOf({
    offline: {
      ingestionConfig: {
        filterConfig: { filterFunction: 'd = 1' },
        transformConfigs: [{ columnName: 'x', transformFunction: 'bad(' }],
      },
    },
  });
  const seen: string[] = [];
  const checkExpression = (expression: string, where: string): string[] => {
    seen.push(`${where} ${expression}`);
    return expression === 'bad(' ? ['expected ")".'] : [];
  };
  expect(problemsOf(() => checkTable({ ...parts, checkExpression }))).toBe(
    'CONFIG_INVALID\nt_OFFLINE: ingestionConfig.transformConfigs[0].transformFunction: expected ")".',
  );
  expect(seen).toEqual([
    't_OFFLINE: ingestionConfig.transformConfigs[0].transformFunction bad(',
    't_OFFLINE: ingestionConfig.filterConfig.filterFunction d = 1',
  ]);
  expect(checkTable(parts).warnings).toEqual([
    't_OFFLINE: ingestionConfig.transformConfigs[0].columnName: column "x" is not in the schema: its values are used by other transforms only.',
  ]);
});

test('all problems are told at once', () => {
  const text = check({
    task: { 'nope.aggregationType': 'sum' },
    offline: { segmentsConfig: {}, tableIndexConfig: { sortedColumn: ['a', 'tags'] } },
  });
  expect(text.split('\n')).toHaveLength(5);
});

describe('C-4 what a move needs', () => {
  const record = { ...partsOf({}), name: 't', schema, schemaDocument: '' };
  test('both halves and the task', () => {
    expect(checkMovable(record).move).toBe(record.realtime!.move);
  });

  test('C-4 no OFFLINE table', () => {
    expect(() => checkMovable({ ...record, offline: null })).toThrow(
      expect.objectContaining({
        code: 'TABLE_NOT_FOUND',
        message: expect.stringContaining(
          'Failed to find table config for table: t_OFFLINE; rows are moved from t_REALTIME to t_OFFLINE, so add a config with "tableName": "t" and "tableType": "OFFLINE"',
        ) as string,
      }),
    );
  });

  test('C-1 no REALTIME table, or one without the task', () => {
    expect(() => checkMovable({ ...record, realtime: null })).toThrow('table: t_REALTIME;');
    const realtime = readTable(realtimeDocument(null));
    expect(() => checkMovable({ ...record, realtime })).toThrow(
      't_REALTIME has no task RealtimeToOfflineSegmentsTask; add',
    );
  });
});
