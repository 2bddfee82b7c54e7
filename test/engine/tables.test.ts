// `table add|validate|list|show|drop` on a data directory.
import { expect, test } from 'vitest';
import { checkNewTables } from '../../src/engine/tables.ts';
import { withLease } from '../../src/catalog/lease.ts';
import { openContext } from '../../src/engine/open.ts';
import { d0, openDesk, row, tableDocuments } from './desk.ts';

test('tables are added, updated and left unchanged; all documents or none', async () => {
  const desk = await openDesk(null);
  const { engine } = desk;
  const added = await engine.addTables(tableDocuments());
  expect(added.tables).toEqual([
    { table: 't', change: 'added', parts: ['schema', 'REALTIME', 'OFFLINE'] },
  ]);
  expect((await engine.addTables(tableDocuments())).tables[0]!.change).toBe('unchanged');
  const [, realtime] = tableDocuments({ task: { bucketTimePeriod: '2h' } });
  expect((await engine.addTables([realtime!])).tables).toEqual([
    { table: 't', change: 'updated', parts: ['REALTIME'] },
  ]);
  expect(engine.showTable('t_REALTIME').realtime!.move!.bucketMs).toBe(7_200_000);
  const broken = tableDocuments({ name: 'u', task: { bucketTimePeriod: 'soon' } });
  await expect(
    engine.addTables([...tableDocuments({ name: 'v' }), ...broken]),
  ).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  });
  expect(engine.listTables().map(({ table }) => table)).toEqual(['t']);
  expect((await engine.validateTables(tableDocuments({ name: 'v' }))).tables).toMatchObject([
    { table: 'v', change: 'added' },
  ]);
  expect(engine.listTables().length).toBe(1);
});

test('a refused transform is named with its place once', () => {
  const [schema, realtime] = tableDocuments();
  const transformConfigs = [{ columnName: 'k', transformFunction: 'Groovy({a + 1}, a)' }];
  const text = JSON.stringify({
    ...(JSON.parse(realtime!.text) as object),
    ingestionConfig: { transformConfigs },
  });
  expect(() => checkNewTables([schema!, { where: 'realtime.json', text }])).toThrow(
    /^t_REALTIME: ingestionConfig\.transformConfigs\[0\]\.transformFunction: Groovy scripts are not/,
  );
});

test('a REALTIME table that moves gets a warning until its OFFLINE half is there', async () => {
  const desk = await openDesk(null);
  const [schema, realtime, offline] = tableDocuments();
  const half = await desk.engine.addTables([schema!, realtime!]);
  expect(half.warnings).toEqual([expect.stringContaining('there is no table t_OFFLINE yet; add')]);
  expect((await desk.engine.addTables([offline!])).warnings).toEqual([]);
});

test('the same checks without a data directory', () => {
  expect(checkNewTables(tableDocuments()).tables).toMatchObject([{ change: 'added' }]);
  expect(() => checkNewTables([tableDocuments()[2]!])).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});

test('documents: lists, the combined form, a byte-order mark; junk and doubles are named', async () => {
  const desk = await openDesk(null);
  const [schema, realtime, offline] = tableDocuments().map(({ text }) => text);
  const combined = `\uFEFF{"tableName":"t","schema":${schema!},"realtime":${realtime!},"offline":${offline!}}`;
  expect(
    (await desk.engine.validateTables([{ where: 'all', text: combined }])).tables,
  ).toMatchObject([{ parts: ['schema', 'REALTIME', 'OFFLINE'] }]);
  const list = `[${schema!},${realtime!},${offline!}]`;
  expect((await desk.engine.addTables([{ where: 'list', text: list }])).tables.length).toBe(1);
  const refused = (text: string): Promise<unknown> =>
    desk.engine.addTables([{ where: 'x.json', text }]);
  await expect(refused('{\n"a":\n!}')).rejects.toThrow(/x\.json: line 3 is not JSON/);
  await expect(refused('{}')).rejects.toThrow(/neither a schema/);
  await expect(refused('7')).rejects.toThrow(/neither a schema/);
  await expect(refused(`[${schema!},${schema!}]`)).rejects.toThrow(/given twice/);
  await expect(refused(`[${offline!},${offline!}]`)).rejects.toThrow(/given twice/);
});

test('drop: a preview, then everything of the table and nothing of another', async () => {
  const desk = await openDesk();
  await desk.engine.addTables(tableDocuments({ name: 'u' }));
  await desk.ingest([row('a', 1, d0)]);
  await desk.run();
  await desk.ingest([row('b', 1, d0), row('c', 1, d0)], { seal: false });
  await desk.engine.query('select count(*) from t');
  const other = desk.write('u.ndjson', JSON.stringify(row('z', 1, d0)));
  await desk.engine.ingest('u', { from: [other], partitions: [0], seal: true });
  const preview = await desk.engine.dropTable('t', { execute: false });
  expect(preview).toMatchObject({ table: 't', segments: 2, rows: 4, executed: false });
  expect(desk.engine.segments('t').length).toBe(3);
  expect(await desk.engine.dropTable('t_OFFLINE', { execute: true })).toMatchObject({
    executed: true,
    rows: 4,
  });
  expect(() => desk.engine.segments('t')).toThrow(/table t is not known/);
  expect(desk.files().every((path) => path.includes('/u_REALTIME/'))).toBe(true);
  await desk.engine.addTables(tableDocuments());
  expect(await desk.engine.status('t')).toMatchObject({ watermarkMs: null, runs: [] });
  expect((await desk.engine.verify()).findings).toEqual([]);
});

test('a table that is moved, ingested or queried right now is not dropped', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  const { context, close } = await openContext({ dataDir: desk.dataDir });
  const whileHeld = (key: string): Promise<void> =>
    withLease(context.catalog, key, { owner: 'other' }, () =>
      expect(desk.engine.dropTable('t', { execute: true })).rejects.toMatchObject({
        code: key.startsWith('read') ? 'TABLE_IN_USE' : 'RUNNING_ELSEWHERE',
      }),
    );
  await whileHeld('move/t');
  await whileHeld('ingest/t/0000000000');
  await whileHeld('read/x');
  await close();
  expect(desk.engine.segments('t').length).toBe(1);
});
