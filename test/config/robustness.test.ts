// Whatever a document holds, the answer is a config or one SegmillError that lists what is wrong.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBackfillJob } from '../../src/config/job-spec.ts';
import { parseSchema } from '../../src/config/schema.ts';
import { parseTableConfig } from '../../src/config/table-config.ts';
import { checkTable } from '../../src/config/table.ts';
import { isSegmillError } from '../../src/errors.ts';
import { golden, moveTask } from './table-documents.ts';

type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

function outcome(run: () => unknown): 'ok' | 'refused' {
  try {
    run();
    return 'ok';
  } catch (error) {
    if (isSegmillError(error) && error.message.length > 0) return 'refused';
    throw error;
  }
}

/** Every place in a document that holds something else in turn. */
function* replaced(tree: Tree, values: readonly Tree[]): Generator<Tree> {
  yield* values;
  if (Array.isArray(tree)) {
    for (const [index, item] of tree.entries()) {
      for (const changed of replaced(item, values)) yield tree.with(index, changed);
    }
  } else if (typeof tree === 'object' && tree !== null) {
    for (const [key, item] of Object.entries(tree)) {
      for (const changed of replaced(item, values)) yield { ...tree, [key]: changed };
    }
  }
}

const junk: Tree[] = [null, true, -1, 'x', '', [], [[1]], {}, { x: null, constructor: {} }];

test.each([
  'recipe/orders_table.json',
  'cases/partition-other-functions/offline.json',
  'cases/offline-transform-filter-nulls-on/offline.json',
])('a table config with junk at any place: %s', (path) => {
  const schema = parseSchema(golden('recipe/orders_schema.json'), 's').schema;
  for (const document of replaced(JSON.parse(golden(path)) as Tree, junk)) {
    const said = outcome(() => {
      const { config } = parseTableConfig(document, 't');
      const realtime = config.tableType === 'REALTIME' ? config : null;
      checkTable({ schema, realtime, offline: realtime === null ? config : null });
    });
    expect(said).toMatch(/ok|refused/);
  }
});

test('a schema with junk at any place', () => {
  const document = JSON.parse(golden('cases/types-rollup-nulls-on/schema.json')) as Tree;
  for (const changed of replaced(document, junk)) {
    expect(outcome(() => parseSchema(changed, 's'))).toMatch(/ok|refused/);
  }
});

test('any task map', () => {
  const keys = [
    'bucketTimePeriod',
    'mergeType',
    'm.aggregationType',
    '.aggregationType',
    '__proto__',
    'schedule',
  ];
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), fc.jsonValue()),
      (task) => {
        const document = {
          tableName: 't',
          tableType: 'REALTIME',
          segmentsConfig: { timeColumnName: 'ts' },
          task: { taskTypeConfigsMap: { [moveTask]: task as Tree } },
        };
        expect(outcome(() => parseTableConfig(document as never, 't'))).toMatch(/ok|refused/);
      },
    ),
  );
});

test('any text as a job spec, schema or table config', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const said = [
        outcome(() => parseBackfillJob(text, {}, 'j')),
        outcome(() => parseSchema(text, 's')),
        outcome(() => parseTableConfig(text, 't')),
      ];
      expect(said).toEqual(['refused', 'refused', 'refused']);
    }),
  );
});
