// What scripts rely on: keys of JSON results, forms of output, exit codes.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { now, openOrders, openWorkspace } from './workspace.ts';
import type { BrokerAnswer } from './workspace.ts';

const firstSegment = 'orders_1632463351000_1632467070000_0';
const any = expect.anything() as unknown;
const number = expect.any(Number) as unknown;
const text = expect.any(String) as unknown;

describe('JSON results', () => {
  test('plan: windows with their cost, reasons of the rest', async () => {
    const { quick } = await openOrders();
    expect(await quick('plan', 'orders', '--all')).toMatchObject({
      table: 'orders',
      now: Date.parse(now),
      watermarkMs: 1632463200000,
      held: [
        {
          startMs: 1632672000000,
          endMs: 1632679200000,
          reason: 'CONSUMING_MAY_HOLD_ROWS',
          detail: text,
        },
      ],
    });
    const { windows } = await quick<{ windows: unknown[] }>('plan', 'orders');
    expect(windows).toEqual([
      expect.objectContaining({
        startMs: number,
        endMs: number,
        segments: [text, text],
        rowsIn: 10,
        bytesIn: number,
        estimate: {
          rowsOut: number,
          segmentsOut: 1,
          memoryBytes: number,
          tempBytes: number,
          seconds: number,
        },
      }),
    ]);
  });

  test('run: ledger, segments, stages and memory of a window', async () => {
    const { quick } = await openOrders();
    const report = await quick<{ windows: Record<string, unknown>[] }>('run', 'orders');
    expect(report).toMatchObject({
      table: 'orders',
      held: [],
      watermarkMs: 1632470400000,
      timeBoundaryMs: 1632470399999,
    });
    expect(report.windows[0]).toMatchObject({
      startMs: 1632463200000,
      endMs: 1632470400000,
      state: 'COMMITTED',
      runId: text,
      ledger: { read: 10, outsideWindow: 3, filtered: 0, rejected: 0, mergedAway: 0, written: 7 },
      segments: [
        {
          name: firstSegment,
          rows: 7,
          bytes: number,
          minTimeMs: 1632463351000,
          maxTimeMs: 1632467070000,
        },
      ],
      stages: { map: number, reduce: number, emit: number, commit: number },
      seconds: number,
      memory: { capBytes: number, peakBytes: number, peakRssBytes: number, spilledBytes: 0 },
    });
    expect(report.windows[0]).not.toHaveProperty('error');
  });

  test('segments, watermark, boundary, inspect', async () => {
    const { quick } = await openOrders();
    expect(await quick('watermark', 'get', 'orders')).toEqual({
      table: 'orders',
      watermarkMs: null,
    });
    expect(await quick('boundary', 'get', 'orders')).toMatchObject({
      table: 'orders',
      timeBoundaryMs: null,
      timeColumn: null,
      timeValue: null,
      mode: null,
    });
    await quick('run', 'orders');
    const segments = await quick<Record<string, unknown>[]>('segments', 'orders');
    const keys = {
      name: text,
      rows: number,
      bytes: number,
      startMs: number,
      endMs: number,
      crc: number,
    };
    expect(segments).toEqual([
      { ...keys, type: 'OFFLINE', state: 'ONLINE', format: 'parquet' },
      { ...keys, type: 'REALTIME', state: 'ONLINE', partition: 0, format: 'arrow' },
      { ...keys, type: 'REALTIME', state: 'ONLINE', partition: 0, format: 'arrow' },
      { ...keys, type: 'REALTIME', state: 'CONSUMING', partition: 0, format: 'arrow' },
    ]);
    expect(await quick('segments', 'orders_REALTIME', '--type', 'OFFLINE')).toHaveLength(1);
    expect(await quick('watermark', 'get', 'orders')).toEqual({
      table: 'orders',
      watermarkMs: 1632470400000,
    });
    expect(await quick('boundary', 'get', 'orders')).toMatchObject({
      table: 'orders',
      timeBoundaryMs: 1632470399999,
      timeColumn: 'ts',
      timeValue: '1632470399999',
      mode: 'exact',
    });
    const rows = await quick<unknown[]>('inspect', firstSegment, '--rows', '--limit', '1');
    expect(rows).toEqual([
      {
        order_id: 1,
        customer_id: 101,
        order_status: 'OPEN',
        amount: 13.29,
        ts: 1632463351000,
        $nulls: [],
      },
    ]);
    expect(await quick('inspect', firstSegment)).toMatchObject({
      subject: firstSegment,
      file: any,
    });
  });

  test('query: the shape and the types of a Pinot broker', async () => {
    const { quick } = await openOrders();
    const sql = 'select count(*), sum(amount), max(ts) from orders';
    const answer = await quick<BrokerAnswer>('query', sql);
    expect(answer).toEqual({
      resultTable: {
        dataSchema: {
          columnNames: ['count(*)', 'sum(amount)', 'max(ts)'],
          columnDataTypes: ['LONG', 'DOUBLE', any],
        },
        rows: [[14, expect.closeTo(780.08, 3), 1632677270699]],
      },
      timeUsedMs: number,
      exceptions: [],
    });
    const all = await quick<BrokerAnswer>('query', 'select * from orders limit 2, 3');
    expect(all.resultTable.dataSchema.columnNames).toEqual([
      'amount',
      'customer_id',
      'order_id',
      'order_status',
      'ts',
    ]);
    expect(all.resultTable.rows).toHaveLength(3);
  });

  test('LONGs beyond 2^53 are exact in every format', async () => {
    const { quick, call, dataDir } = await openOrders();
    await quick('run', 'orders');
    for (const format of ['json', 'ndjson', 'csv', 'table']) {
      const { out } = await call([
        'query',
        'select 9007199254740993 as big from orders_OFFLINE limit 1',
        '--data-dir',
        dataDir,
        '--format',
        format,
      ]);
      expect(out).toMatch(/(?<!["\d])9007199254740993(?!["\d])/);
    }
  });
});

describe('forms of output', () => {
  test('rows as table, JSON, NDJSON and CSV; JSON where stdout is no terminal', async () => {
    const { call, dataDir } = await openOrders();
    const query = (...flags: string[]): ReturnType<typeof call> =>
      call([
        'query',
        'select order_id, order_status from orders where order_id < 3 order by order_id',
        '--data-dir',
        dataDir,
        ...flags,
      ]);
    const [table, json, ndjson, csv, plain] = await Promise.all(
      [
        ['--format', 'table'],
        ['--format', 'json'],
        ['--format', 'ndjson'],
        ['--format=csv'],
        [],
      ].map((flags) => query(...flags)),
    );
    expect(table!.out).toBe(
      'order_id  order_status\n--------  ------------\n       1  OPEN\n       2  IN_TRANSIT\n',
    );
    expect(ndjson!.out).toBe(
      '{"order_id":1,"order_status":"OPEN"}\n{"order_id":2,"order_status":"IN_TRANSIT"}\n',
    );
    expect(csv!.out).toBe('order_id,order_status\n1,OPEN\n2,IN_TRANSIT\n');
    expect(JSON.parse(json!.out)).toMatchObject({
      resultTable: {
        rows: [
          [1, 'OPEN'],
          [2, 'IN_TRANSIT'],
        ],
      },
    });
    expect(JSON.parse(plain!.out)).toMatchObject({
      resultTable: {
        rows: [
          [1, 'OPEN'],
          [2, 'IN_TRANSIT'],
        ],
      },
    });
    expect([table, json, ndjson, csv, plain].map((each) => each!.err)).toEqual([
      '',
      '',
      '',
      '',
      '',
    ]);
  });

  test('run --format ndjson prints one line a window, talk goes to stderr, --quiet to nowhere', async () => {
    const { call, dataDir } = await openOrders();
    const run = (...flags: string[]): ReturnType<typeof call> =>
      call(['run', 'orders', '--data-dir', dataDir, '--now', now, ...flags]);
    const two = await run('--windows', '2', '--format', 'ndjson');
    const states = two.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { state: string }).state);
    expect(states).toEqual(['COMMITTED', 'EMPTY']);
    expect(two.err.trim().split('\n')).toHaveLength(2);
    const quiet = await run('--quiet', '--format', 'table');
    expect(quiet).toMatchObject({ code: 0, err: '' });
    expect(quiet.out).toContain('1 window');
  });

  test('an error is one line, or JSON on stderr with --format json', async () => {
    const { call, dataDir } = await openOrders();
    const plain = await call(['status', 'order', '--data-dir', dataDir, '--format', 'table']);
    expect(plain).toMatchObject({ code: 2, out: '' });
    expect(plain.err).toMatch(/^segmill: TABLE_NOT_FOUND: [^\n]*did you mean orders[^\n]*\n$/);
    const json = await call(['status', 'order', '--data-dir', dataDir, '--format', 'json']);
    expect(json).toMatchObject({ code: 2, out: '' });
    expect(JSON.parse(json.err)).toMatchObject({
      error: { code: 'TABLE_NOT_FOUND', message: text, details: any },
    });
  });
});

describe('exit codes', () => {
  test.each([
    ['frobnicate'],
    ['run'],
    ['run', 'orders', '--al'],
    ['run', 'orders', '--all', '--windows', '2'],
    ['run', 'a', 'b'],
    ['status', '--workers', '0'],
    ['status', '--memory', 'much'],
    ['table'],
    ['watermark', 'set', 'orders', 'yesterday'],
  ])('2 for bad usage: %j', async (...words) => {
    const { code, out, err } = await openWorkspace().inside(
      words.filter((word) => word !== undefined),
    );
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('"USAGE"');
  });

  test('2 for no command at all, with the help on stderr', async () => {
    const { code, out, err } = await openWorkspace().call([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: segmill');
  });

  test('0 for nothing to do, 2 for work under --detailed-exitcode', async () => {
    const { call, dataDir, quick } = await openOrders();
    const plan = (): ReturnType<typeof call> =>
      call(['plan', 'orders', '--data-dir', dataDir, '--now', now, '--detailed-exitcode']);
    expect((await plan()).code).toBe(2);
    await quick('run', 'orders', '--all');
    expect((await plan()).code).toBe(0);
    const idle = await quick<{ windows: unknown[]; held: { reason: string }[] }>('run', 'orders');
    expect(idle.windows).toEqual([]);
    expect(idle.held).toHaveLength(1);
  });

  test('3 for more rejected rows than the budget, which are kept with their reason', async () => {
    const { call, path, dataDir, quick } = await openOrders();
    writeFileSync(
      path('bad.ndjson'),
      'not json\n{"order_id":1}\n{"order_id":15,"ts":"1632677270800"}\n',
    );
    const { code, out, err } = await call([
      'ingest',
      'orders',
      '--from',
      'bad.ndjson',
      '--data-dir',
      dataDir,
      '--now',
      now,
      '--reject-budget',
      '1',
      '--format',
      'json',
    ]);
    expect(code).toBe(3);
    const [partition] = (
      JSON.parse(out) as { partitions: { rowsRejected: number; rejectFile: string }[] }
    ).partitions;
    expect(partition!.rowsRejected).toBe(2);
    expect(
      readFileSync(`${dataDir}/${partition!.rejectFile}`, 'utf8').trim().split('\n'),
    ).toHaveLength(2);
    expect(err).toContain('2 rows rejected');
    const { resultTable } = await quick<BrokerAnswer>('query', 'select count(*) from orders');
    expect(resultTable.rows).toEqual([[15]]);
  });

  test('a saved plan runs, and is refused once it no longer holds', async () => {
    const { quick, inside, path } = await openOrders();
    await quick('plan', 'orders', '--out', path('plan.json'));
    await quick('run', 'orders', '--plan', path('plan.json'));
    const { code, err } = await inside(['run', 'orders', '--plan', path('plan.json')]);
    expect([code, JSON.parse(err)]).toMatchObject([1, { error: { code: 'PLAN_STALE' } }]);
  });
});

describe('queries that are refused', () => {
  const refused: Readonly<Record<string, RegExp>> = {
    'drop table orders': /SELECT/,
    'select 1; select 2': /one/i,
    "copy orders to 'x.csv'": /SELECT/,
    'select * from nope': /nope/,
    'select nope from orders': /nope/,
    'select * from orders_offlin': /orders_OFFLINE|orders_offlin/,
    "select * from read_csv('/etc/passwd')": /./,
    'select * from': /./,
    '': /./,
  };
  test.each(Object.keys(refused))('%s', async (sql) => {
    const { inside } = await openOrders();
    const { code, out, err } = await inside(['query', sql]);
    const { error } = JSON.parse(err) as { error: { code: string; message: string } };
    expect([code, out]).toEqual([2, '']);
    expect(error.code).toMatch(/QUERY_INVALID|TABLE_NOT_FOUND|USAGE|UNSUPPORTED/);
    expect(error.message).toMatch(refused[sql]!);
  });
});
