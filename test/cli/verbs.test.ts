// Every verb on the demo's table: the JSON that scripts rely on, and exit codes.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { offlineSegment } from '../../src/cli/demo/orders.ts';
import { call, copyOf, workplace, workplaceAt } from './terminal.ts';
import type { Workplace } from './terminal.ts';

const root = mkdtempSync(join(tmpdir(), 'segmill-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Ingested; and with its first window moved. */
let ingested: Workplace;
let moved: Workplace;

beforeAll(async () => {
  ingested = workplaceAt(join(root, 'ingested'));
  await ingested.segmill('table add schema.json realtime.json offline.json');
  await ingested.segmill('ingest orders --from orders.ndjson');
  moved = workplaceAt(join(root, 'moved'));
  await moved.segmill('table add schema.json realtime.json offline.json');
  await moved.segmill('ingest orders --from orders.ndjson');
  await moved.segmill('run orders --workers 1');
});

const startMs = 1_632_463_200_000;
const endMs = startMs + 7_200_000;

test('table add, list, show, drop', async () => {
  const place = workplace();
  expect(await place.json('table add schema.json realtime.json offline.json')).toMatchObject({
    tables: [{ table: 'orders', change: 'added', parts: ['schema', 'REALTIME', 'OFFLINE'] }],
    warnings: expect.any(Array),
  });
  expect(await place.json('table list')).toEqual([
    {
      table: 'orders',
      types: ['REALTIME', 'OFFLINE'],
      realtimeSegments: 0,
      offlineSegments: 0,
      rows: 0,
      watermarkMs: null,
    },
  ]);
  const shown = await place.json('table show orders');
  expect(shown).toMatchObject({
    tableName: 'orders',
    schema: { schemaName: 'orders' },
    realtime: { tableType: 'REALTIME' },
    offline: { tableType: 'OFFLINE' },
  });
  expect(await place.json('table drop orders')).toMatchObject({ executed: false });
  expect(await place.json('table drop orders --execute')).toMatchObject({ executed: true });
  expect(await place.json('table list')).toEqual([]);
  expect((await place.segmill('table show orders')).code).toBe(2);
});

test('table add from standard input, and what it was given is shown as it was', async () => {
  const place = workplace();
  const documents = ['schema', 'realtime', 'offline'].map((name) =>
    readFileSync(place.path(`${name}.json`), 'utf8'),
  );
  const added = await place.segmill('table add -', { stdin: `[${documents.join(',')}]` });
  expect(added.code).toBe(0);
  const shown = JSON.parse((await place.segmill('table show orders')).out) as object;
  expect(shown).toMatchObject({ schema: JSON.parse(documents[0]!) as object });
});

test('ingest: counts, sealed names, rejects with reasons on stderr, --reject-budget exits 3', async () => {
  const place = workplace();
  await place.segmill('table add schema.json realtime.json offline.json');
  expect(await place.json('ingest orders --from orders.ndjson')).toMatchObject({
    table: 'orders',
    rowsRead: 14,
    rowsKept: 14,
    rowsRejected: 0,
    interrupted: false,
    partitions: [
      { partition: 0, consumingRows: 4, sealed: [expect.any(String), expect.any(String)] },
    ],
  });
  expect(await place.json('ingest orders --from orders.ndjson')).toMatchObject({ rowsRead: 0 });
  const stdin = '{"order_id":1,"ts":"never"}\nno json\n{"order_id":2,"ts":"1632667070000"}\n';
  const over = await place.segmill('ingest orders --from - --reject-budget 1', { stdin });
  expect(over.code).toBe(3);
  expect(over.err).toContain(
    `2 rows rejected, kept in ${join(place.dataDir, 'rejects/orders/0.ndjson')}:`,
  );
  const within = await place.segmill('ingest orders --from - --reject-budget 2', { stdin });
  expect(within.code).toBe(0);
  const quiet = await place.segmill('ingest orders --from - --quiet', { stdin });
  expect([quiet.code, quiet.err]).toEqual([0, '']);
  expect((await place.segmill('ingest orders --from /nope.ndjson')).code).toBe(2);
  expect((await place.segmill('ingest nope --from orders.ndjson')).code).toBe(2);
});

test('plan: windows with estimates, held reasons, --detailed-exitcode, --out', async () => {
  const place = copyOf(ingested);
  const plan = (await place.json('plan orders')) as { windows: unknown[] };
  expect(plan).toMatchObject({ table: 'orders', watermarkMs: startMs, held: [] });
  expect(plan.windows).toEqual([
    {
      startMs,
      endMs,
      segments: [
        expect.stringMatching(/^orders__0__0__/),
        expect.stringMatching(/^orders__0__1__/),
      ],
      rowsIn: 10,
      bytesIn: expect.any(Number),
      estimate: {
        rowsOut: expect.any(Number),
        segmentsOut: 1,
        memoryBytes: expect.any(Number),
        tempBytes: expect.any(Number),
        seconds: expect.any(Number),
      },
    },
  ]);
  expect((await place.segmill('plan orders --detailed-exitcode')).code).toBe(2);
  const early = ['plan', 'orders', '--detailed-exitcode'];
  const held = await call([...early, '--data-dir', place.dataDir, '--now', String(endMs)]);
  expect(held.code).toBe(0);
  expect(JSON.parse(held.out)).toMatchObject({
    windows: [],
    held: [{ startMs, endMs, reason: expect.any(String), detail: expect.any(String) }],
  });
  const out = place.path('plan.json');
  await place.segmill(['plan', 'orders', '--out', out]);
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject(plan);
  expect(await place.json('watermark get orders')).toEqual({ table: 'orders', watermarkMs: null });
  const nowhere = await place.segmill('plan orders --out /no/such/folder/plan.json');
  expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('FILE_UNREADABLE')]);
  const run = await place.segmill(['run', 'orders', '--plan', out, '--workers', '1']);
  expect(run.code).toBe(0);
  const stale = await place.segmill(['run', 'orders', '--plan', out]);
  expect([stale.code, stale.err]).toEqual([1, expect.stringMatching(/^segmill: PLAN_STALE: /)]);
  writeFileSync(out, '{"table":1}');
  const junk = await place.segmill(['run', 'orders', '--plan', out]);
  expect([junk.code, junk.err]).toEqual([2, expect.stringContaining('not a plan')]);
});

test('run: one object in JSON, a line per window in NDJSON, talk on stderr, budgets', async () => {
  const place = copyOf(ingested);
  const report = await place.segmill('run orders --workers 1 --format ndjson');
  expect(report.code).toBe(0);
  const windows = report.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(windows).toMatchObject([
    {
      startMs,
      endMs,
      state: 'COMMITTED',
      runId: expect.any(String),
      ledger: {
        read: 10,
        outsideWindow: 3,
        filtered: 0,
        rejected: 0,
        mergedAway: 0,
        written: 7,
      },
      segments: [
        {
          name: offlineSegment,
          rows: 7,
          bytes: expect.any(Number),
          minTimeMs: 1_632_463_351_000,
          maxTimeMs: 1_632_467_070_000,
        },
      ],
      stages: {
        map: expect.any(Number),
        reduce: expect.any(Number),
        emit: expect.any(Number),
        commit: expect.any(Number),
      },
      seconds: expect.any(Number),
      memory: {
        capBytes: expect.any(Number),
        peakBytes: expect.any(Number),
        peakRssBytes: expect.any(Number),
        spilledBytes: 0,
      },
    },
  ]);
  expect(report.err).toMatch(/COMMITTED: 10 rows read, .* 7 written into 1 segment/);
  const early = ['--data-dir', place.dataDir, '--now', String(endMs + 60_000)];
  const nothing = await call(['run', 'orders', ...early, '--format', 'json']);
  expect(JSON.parse(nothing.out)).toMatchObject({
    table: 'orders',
    windows: [],
    held: [{ reason: 'BUFFER' }],
    watermarkMs: endMs,
    timeBoundaryMs: endMs - 1,
  });
  writeFileSync(place.path('late.ndjson'), `{"order_id":99,"ts":${startMs}}\n`);
  await place.segmill(['ingest', 'orders', '--from', place.path('late.ndjson'), '--seal']);
  expect((await call(['run', 'orders', ...early, '--late-budget', '0'])).code).toBe(3);
  expect((await call(['run', 'orders', ...early, '--late-budget', '1'])).code).toBe(0);
  expect((await place.segmill('run nope')).code).toBe(2);
});

test('status, segments, inspect, export, import', async () => {
  const place = copyOf(moved);
  const status = await place.json('status orders');
  expect(status).toMatchObject({ table: 'orders', watermarkMs: endMs });
  expect(await place.json('status')).toEqual([status]);
  const [offline, ...realtime] = (await place.json('segments orders')) as unknown[];
  expect(offline).toEqual({
    name: offlineSegment,
    type: 'OFFLINE',
    state: 'ONLINE',
    rows: 7,
    bytes: expect.any(Number),
    startMs: 1_632_463_351_000,
    endMs: 1_632_467_070_000,
    format: 'parquet',
    crc: expect.any(Number),
  });
  expect(realtime).toMatchObject([
    { type: 'REALTIME', state: 'ONLINE', partition: 0, rows: 5, format: 'arrow' },
    { state: 'ONLINE' },
    { state: 'CONSUMING', rows: 4 },
  ]);
  const csv = await place.segmill('segments orders --type OFFLINE --format csv');
  expect(csv.out.split('\n')[0]).toBe(
    'name,type,state,partition,rows,bytes,startMs,endMs,format,crc,partitions,timePartition',
  );
  const rows = await place.segmill(`inspect ${offlineSegment} --rows --limit 1 --format ndjson`);
  expect(JSON.parse(rows.out)).toEqual({
    order_id: 1,
    customer_id: 101,
    order_status: 'OPEN',
    amount: 13.29,
    ts: 1_632_463_351_000,
    $nulls: [],
  });
  expect(await place.json(`inspect ${offlineSegment}`)).toMatchObject({
    subject: offlineSegment,
    file: { format: 'parquet', rowCount: 7 },
  });
  expect((await place.segmill('inspect nope')).code).toBe(2);
  const file = place.path('out.arrow');
  expect(await place.json(['export', offlineSegment, '--to', file])).toMatchObject({ rows: 7 });
  const alone = await call(['inspect', file, '--format', 'json'], { cwd: place.root });
  expect(JSON.parse(alone.out)).toMatchObject({ file: { format: 'arrow' } });
  const taken = await place.segmill(['import', 'orders', file]);
  expect([taken.code, taken.err]).toEqual([1, expect.stringContaining('SEGMENT_NAME_TAKEN')]);
  const other = workplace();
  await other.segmill('table add schema.json realtime.json offline.json');
  expect(await other.json(['import', 'orders', file])).toMatchObject([
    { table: 'orders', type: 'OFFLINE', segments: [{ name: offlineSegment, rows: 7 }] },
  ]);
});

test('verify exits 4 when something is wrong', async () => {
  const place = copyOf(moved);
  expect(await place.json('verify')).toMatchObject({ findings: [], segments: 3, runs: 1 });
  const { record } = (await place.json(`inspect ${offlineSegment}`)) as {
    record: { file: string };
  };
  rmSync(join(place.dataDir, record.file));
  const { code, out } = await place.segmill('verify orders');
  expect(code).toBe(4);
  expect(JSON.parse(out)).toMatchObject({ findings: [{ check: 'FILE_MISSING' }] });
});

test('watermark and boundary: get, set, reset', async () => {
  const place = copyOf(moved);
  expect(await place.json('watermark set orders 2021-09-24T08:00:00Z')).toMatchObject({
    watermarkMs: endMs,
    previousMs: endMs,
  });
  expect(await place.json(`watermark set orders ${startMs}`)).toMatchObject({
    watermarkMs: startMs,
  });
  expect(await place.json('watermark reset orders')).toMatchObject({ watermarkMs: null });
  expect(await place.json('watermark get orders')).toEqual({ table: 'orders', watermarkMs: null });
  const exact = await place.json('boundary get orders');
  expect(exact).toEqual({
    table: 'orders',
    timeBoundaryMs: endMs - 1,
    timeColumn: 'ts',
    timeValue: String(endMs - 1),
    mode: 'exact',
  });
  expect(await place.json('boundary set orders')).toMatchObject({
    timeBoundaryMs: 1_632_467_070_000,
    mode: 'set',
  });
  expect(await place.json('boundary reset orders')).toEqual(exact);
});

test('rerun and rollback preview, then act with --execute', async () => {
  const place = copyOf(moved);
  const range = ['rerun', 'orders', '--from', String(startMs), '--to', String(endMs)];
  expect(await place.json(range)).toMatchObject({
    executed: false,
    windows: [{ startMs, endMs, replaces: [offlineSegment] }],
    held: [],
  });
  expect(await place.json([...range, '--execute', '--workers', '1'])).toMatchObject({
    windows: [{ state: 'COMMITTED', replaced: [offlineSegment] }],
    watermarkMs: endMs,
  });
  expect(await place.json('rollback orders')).toMatchObject({
    kind: 'rerun',
    executed: false,
    remove: [offlineSegment],
    restore: [offlineSegment],
    removed: [{ name: offlineSegment, rows: 7, runId: expect.any(String) }],
    restored: [{ name: offlineSegment, rows: 7, runId: expect.any(String) }],
  });
  const { out } = await place.segmill('rollback orders', { terminal: true });
  const runs = [...out.matchAll(/(?:out|back): \S+ \(7 rows, run (\S+)\)/g)].map(([, run]) => run);
  expect(new Set(runs).size).toBe(2);
  expect(await place.json('rollback orders --execute')).toMatchObject({ executed: true });
  expect(await place.json('rollback orders --execute')).toMatchObject({ kind: 'run' });
  const refused = await place.segmill('rollback orders --execute');
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('ROLLBACK_REFUSED')]);
  expect(await place.json('gc')).toEqual({ executed: false, files: [], bytes: 0 });
  expect(await place.json('gc orders --execute')).toMatchObject({ executed: true });
});

test('rerun --execute that may move nothing shows why and exits 1; with nothing to do it exits 0', async () => {
  const place = copyOf(moved);
  await place.segmill([
    'backfill',
    '-f',
    'job.yml',
    '--values',
    `segmentName=${offlineSegment}`,
    '--values',
    `inputDir=${place.root}`,
  ]);
  const range = ['rerun', 'orders', '--from', String(startMs), '--to', String(endMs)];
  const preview = await place.segmill(range);
  expect(preview.code).toBe(0);
  const { code, out, err } = await place.segmill([...range, '--execute']);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    windows: [],
    held: [{ reason: 'BACKFILLED_SEGMENTS', startMs }],
  });
  expect(err).toBe('segmill: BACKFILLED_SEGMENTS: no window of orders was done again; see held\n');
  const lines = await place.segmill([...range, '--execute', '--format', 'ndjson']);
  expect(lines.err).toContain(offlineSegment);
  const nothing = await place.segmill(['rerun', 'orders', '--from', '0', '--to', '1', '--execute']);
  expect([nothing.code, nothing.err]).toEqual([0, '']);
});

test('backfill: values with commas and equals signs, the spec from standard input', async () => {
  const place = copyOf(moved);
  const spec = readFileSync(place.path('job.yml'), 'utf8').replace(
    'glob:**/orders.json',
    '${what}',
  );
  const argv = [
    'backfill',
    '-f',
    '-',
    '--values',
    `segmentName=${offlineSegment}`,
    '--values',
    `inputDir=${place.root}`,
    '--values',
    'what=glob:**/{orders,other=s}.json',
  ];
  expect(await place.json(argv, { stdin: spec })).toMatchObject({
    table: 'orders',
    files: [{ segment: offlineSegment, rows: 7 }],
    replaced: [offlineSegment],
    pushed: true,
  });
  const bad = await place.segmill(['backfill', '-f', '-'], { stdin: 'jobType: Nope\n' });
  expect([bad.code, bad.err]).toEqual([2, expect.stringContaining('JOB_INVALID')]);
});

test('query: the broker response in JSON, rows in the other formats; mistakes exit 2', async () => {
  const place = copyOf(moved);
  const sql = 'select order_id, amount from orders where order_id < 3 order by order_id';
  expect(await place.json(['query', sql])).toEqual({
    resultTable: {
      dataSchema: { columnNames: ['order_id', 'amount'], columnDataTypes: ['INT', 'FLOAT'] },
      rows: [
        [1, 13.29],
        [2, 209.35],
      ],
    },
    timeUsedMs: expect.any(Number),
    exceptions: [],
  });
  const asText = async (format: string, text = sql): Promise<string> =>
    (await place.segmill(['query', text, '--format', format])).out;
  expect(await asText('ndjson')).toBe(
    '{"order_id":1,"amount":13.29}\n{"order_id":2,"amount":209.35}\n',
  );
  expect(await asText('csv')).toBe('order_id,amount\n1,13.29\n2,209.35\n');
  expect(
    await asText(
      'csv',
      'select order_id, order_id + 1 order_id from orders_OFFLINE where order_id = 1',
    ),
  ).toBe('order_id,order_id_2\n1,2\n');
  expect(await asText('table')).toContain('order_id  amount');
  for (const wrong of [
    'drop table orders',
    'select * from nope',
    'select nope from orders',
    'selec',
  ])
    expect((await place.segmill(['query', wrong])).code, wrong).toBe(2);
});

test('doctor: checks in every format, without a data directory', async () => {
  const { code, out } = await call(['doctor', '--format', 'csv', '--data-dir', join(root, 'none')]);
  expect(code).toBe(0);
  expect(out.split('\n')[0]).toBe('check,state,found,advice');
  expect(existsSync(join(root, 'none'))).toBe(false);
});
