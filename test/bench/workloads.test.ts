import { expect, test } from 'vitest';
import { tableDocuments } from '../../src/bench/table-documents.ts';
import { workloadColumns, workloads, workloadsOf } from '../../src/bench/workloads.ts';
import { parseSchema } from '../../src/config/schema.ts';
import { checkMovable, checkTable } from '../../src/config/table.ts';
import { parseTableConfig } from '../../src/config/table-config.ts';
import { isSegmillError } from '../../src/errors.ts';
import { parseJson } from '../../src/json/parse.ts';

test.each(workloads)(
  '$name: schema and table configs pass every check, without a warning',
  (workload) => {
    const [schema, realtime, offline] = tableDocuments(workload).map(({ where, text }) => ({
      where,
      value: parseJson(text),
    }));
    const parsed = parseSchema(schema!.value, schema!.where).schema;
    const configs = [realtime!, offline!].map(
      ({ value, where }) => parseTableConfig(value, where).config,
    );
    const parts = { schema: parsed, realtime: configs[0]!, offline: configs[1]! };
    expect(checkTable(parts).warnings).toEqual([]);
    const { move, offline: target } = checkMovable({
      name: parsed.schemaName,
      schemaDocument: '',
      ...parts,
    });
    expect(move.mergeType).toBe(workload.merge);
    expect(move.roundMs).toBe(workload.roundMs);
    expect(target.sortedColumns).toEqual(workload.order);
    expect(parsed.fields.map(({ name }) => name).toSorted()).toEqual(
      workloadColumns(workload)
        .map(({ name }) => name)
        .toSorted(),
    );
  },
);

test('wide-44 sorts by 44 columns', () => {
  expect(workloadsOf(['wide-44'])[0]!.order).toHaveLength(44);
});

test('names choose workloads, in the order of the list and each once', () => {
  const chosen = workloadsOf(['dedup', 'copy', 'dedup']);
  expect(chosen.map(({ name }) => name)).toEqual(['copy', 'dedup']);
  expect(workloadsOf([])).toEqual(workloads);
});

test('a name that is none is refused with the nearest one', () => {
  let caught: unknown = null;
  try {
    workloadsOf(['concat-sorted']);
  } catch (error) {
    caught = error;
  }
  expect(isSegmillError(caught, 'USAGE')).toBe(true);
  expect(String(caught)).toContain('did you mean concat-sort?');
});
