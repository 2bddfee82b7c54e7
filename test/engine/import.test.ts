// `import` and `export`: segment files in and out.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { d0, dayMs, openDesk, row, rowsOf, tableDocuments } from './desk.ts';
import type { Desk } from './desk.ts';

async function moved(): Promise<{ desk: Desk; name: string; path: (file: string) => string }> {
  const desk = await openDesk();
  await desk.ingest([row('b', 2, d0 + 5), row('a', 1, d0)]);
  await desk.run();
  const [name] = Object.keys(await desk.offline());
  return { desk, name: name!, path: (file) => join(desk.root, file) };
}

test.each(['parquet', 'arrow'])(
  'a segment goes out as %s and comes back as it was',
  async (ending) => {
    const { desk, name, path } = await moved();
    const file = path(`out.${ending}`);
    const report = await desk.engine.exportSegment(name, file);
    expect(report).toMatchObject({ segment: name, path: file, format: ending, rows: 2 });
    const rows = await rowsOf(desk.engine, name);
    expect(await rowsOf(desk.engine, file)).toEqual(rows);
    await desk.engine.addTables(tableDocuments({ name: 'copy' }));
    const [imported] = await desk.engine.importSegments('copy', [file]);
    expect(imported).toMatchObject({
      table: 'copy',
      type: 'OFFLINE',
      segments: [{ name, rows: 2 }],
    });
    expect(desk.engine.segments('copy')).toMatchObject([
      { name, type: 'OFFLINE', rows: 2, startMs: d0, endMs: d0 + 5 },
    ]);
    expect((await desk.engine.verify()).findings).toEqual([]);
  },
);

test('export: without ending the own format; refused onto a file that is there, into no folder, as another format', async () => {
  const { desk, name, path } = await moved();
  expect(await desk.engine.exportSegment(name, path('as-is'))).toMatchObject({ format: 'parquet' });
  await expect(desk.engine.exportSegment(name, path('as-is'))).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
  });
  expect(existsSync(path('as-is'))).toBe(true);
  await expect(desk.engine.exportSegment(name, path('no/such/x.parquet'))).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
  });
  await expect(desk.engine.exportSegment(name, path('x.orc'))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  });
  await expect(desk.engine.exportSegment(`${name}x`, path('y.parquet'))).rejects.toThrow(
    `did you mean ${name}?`,
  );
  await expect(desk.engine.exportSegment(path('as-is'), path('z.parquet'))).rejects.toMatchObject({
    code: 'SEGMENT_NOT_FOUND',
  });
});

test('O-15 stream names go to REALTIME, and the partition seals behind them', async () => {
  const { desk, path } = await moved();
  const [realtime] = desk.engine.segments('t', 'REALTIME');
  const file = path('stream.arrow');
  await desk.engine.exportSegment(realtime!.name, file);
  await desk.engine.addTables(tableDocuments({ name: 'u' }));
  // The header's own name counts, not the file's.
  const [report] = await desk.engine.importSegments('u', [file]);
  expect(report).toMatchObject({ type: 'REALTIME', segments: [{ name: realtime!.name }] });
  expect((await desk.engine.status('u')).partitions).toMatchObject([
    { partition: 0, nextSequence: 1 },
  ]);
  expect((await desk.engine.run('u')).windows).toMatchObject([{ state: 'COMMITTED' }]);
  const input = desk.write('u/0.ndjson', `{"k":"c","v":3,"ts":${d0 + dayMs}}\n`);
  await desk.engine.ingest('u', { from: [input], partitions: [0], seal: true });
  expect(desk.engine.segments('u', 'REALTIME').map(({ name }) => name)[1]).toMatch(/^u__0__1__/);
});

test('a partition that is CONSUMING takes no imported segment at or after its sequence', async () => {
  const { desk, path } = await moved();
  await desk.engine.exportSegment(desk.engine.segments('t', 'REALTIME')[0]!.name, path('s.arrow'));
  await desk.engine.addTables(tableDocuments({ name: 'u' }));
  const input = desk.write('u/0.ndjson', `{"k":"c","v":3,"ts":${d0}}\n`);
  await desk.engine.ingest('u', { from: [input], partitions: [0] });
  const before = desk.files();
  await expect(desk.engine.importSegments('u', [path('s.arrow')])).rejects.toMatchObject({
    code: 'POSITION_CONFLICT',
  });
  expect(desk.files()).toEqual(before);
});

test('Parquet of other writers conforms to the schema: types converted, missing columns default', async () => {
  const desk = await openDesk();
  const path = join(desk.root, 'foreign.parquet');
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT ${d0}::BIGINT AS ts, 'x' AS k, 7::INTEGER AS v, 1 AS extra) TO '${path}' (FORMAT parquet)`,
  );
  const other = join(desk.root, 'no-k.parquet');
  await connection.run(
    `COPY (SELECT ${d0 + 1}::BIGINT AS ts, 8 AS v) TO '${other}' (FORMAT parquet)`,
  );
  connection.closeSync();
  const [report] = await desk.engine.importSegments('t_OFFLINE', [path, other]);
  expect(report!.segments.map(({ name, rows }) => [name, rows])).toEqual([
    ['foreign', 1],
    ['no-k', 1],
  ]);
  expect(await desk.offline()).toEqual({ foreign: ['x 7 0'], 'no-k': ['null 8 1'] });
  const { rows } = await desk.engine.query('select sum(v) from t_OFFLINE');
  expect(Number(rows[0]![0])).toBe(15);
});

test('nothing comes in when one of several files is refused', async () => {
  const { desk, name, path } = await moved();
  await desk.engine.exportSegment(name, path('a.parquet'));
  await desk.engine.addTables(tableDocuments({ name: 'u' }));
  const before = desk.files();
  const refused = (paths: readonly string[], code: string): Promise<void> =>
    expect(desk.engine.importSegments('u', paths)).rejects.toMatchObject({ code });
  writeFileSync(path('bad.parquet'), 'PAR1 but not really PAR1');
  await refused([path('a.parquet'), path('bad.parquet')], 'SEGMENT_CORRUPT');
  await refused([path('a.parquet'), path('gone.parquet')], 'FILE_NOT_FOUND');
  await refused([path('a.parquet'), path('a.parquet')], 'SEGMENT_NAME_TAKEN');
  expect(desk.files()).toEqual(before);
  await desk.engine.importSegments('u', [path('a.parquet')]);
  const once = desk.files();
  await refused([path('a.parquet')], 'SEGMENT_NAME_TAKEN');
  expect(desk.files()).toEqual(once);
  await expect(desk.engine.importSegments('nope', [path('a.parquet')])).rejects.toMatchObject({
    code: 'TABLE_NOT_FOUND',
  });
});

test('a side that the table lacks takes no import', async () => {
  const { desk, name, path } = await moved();
  await desk.engine.exportSegment(name, path('a.parquet'));
  await desk.engine.addTables(
    tableDocuments({ name: 'u', offline: null, realtime: { task: undefined } }),
  );
  await expect(desk.engine.importSegments('u', [path('a.parquet')])).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  });
});

test('SEGMENT_TIME_INVALID times outside 1971 to 2071 stay out (X-36)', async () => {
  const desk = await openDesk();
  const path = join(desk.root, 'old.parquet');
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT 5::BIGINT AS ts, 'x' AS k, 7 AS v) TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  await expect(desk.engine.importSegments('t', [path])).rejects.toMatchObject({
    code: 'SEGMENT_TIME_INVALID',
  });
});
