// The backfill recipe, as a user types it, against what a live cluster answered.
import { mkdirSync, renameSync } from 'node:fs';
import { expect, test } from 'vitest';
import { untimed } from '../golden/recording.ts';
import { now, openWorkspace, readRecipe, recorded, recordedSql } from './workspace.ts';
import type { BrokerAnswer, Workspace } from './workspace.ts';

interface RunReport {
  readonly windows: readonly {
    readonly startMs: number;
    readonly endMs: number;
    readonly state: string;
    readonly ledger: Readonly<Record<string, number>>;
    readonly segments: readonly { readonly name: string; readonly rows: number }[];
  }[];
  readonly held: readonly { readonly reason: string; readonly startMs: number | null }[];
  readonly watermarkMs: number;
  readonly timeBoundaryMs: number;
}

interface CatchUp {
  readonly runs: readonly {
    readonly windowStartMs: number;
    readonly windowEndMs: number;
    readonly watermarkAfter: number;
    readonly offlineSegmentsAfter: readonly string[];
  }[];
}

/** REALTIME names carry the time of their run. */
async function answer({ json }: Workspace, file: string): Promise<BrokerAnswer['resultTable']> {
  const { resultTable } = await json<BrokerAnswer>('query', recordedSql(file));
  return plain(resultTable);
}

function plain({ dataSchema, rows }: BrokerAnswer['resultTable']): BrokerAnswer['resultTable'] {
  const short = (cell: string | number | null): string | number | null =>
    typeof cell === 'string' ? untimed(cell) : cell;
  return { dataSchema, rows: rows.map((row) => row.map(short)) };
}

function expected(file: string): BrokerAnswer['resultTable'] {
  return plain(recorded(file).resultTable);
}

const firstSegment = 'orders_1632463351000_1632467070000_0';
const secondSegment = 'orders_1632667070000_1632667170000_0';

test('the recipe from an empty directory to the hybrid table with the new amounts', async () => {
  const workspace = openWorkspace();
  const { json, call, path } = workspace;
  const refused = await call([
    'table',
    'add',
    'inputs/orders_schema.json',
    'inputs/orders_table.json',
    'inputs/orders_offline_table.verbatim.json',
  ]);
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toContain('events');
  expect(refused.err).toMatch(/schema/i);
  await json(
    'table',
    'add',
    'inputs/orders_schema.json',
    'inputs/orders_table.json',
    'inputs/orders_offline_table.json',
  );

  const ingested = await json<{
    partitions: { rowsRead: number; sealed: unknown[]; consumingRows: number }[];
  }>('ingest', 'orders', '--from', 'inputs/rows.ndjson', '--now', now);
  expect(ingested.partitions).toMatchObject([{ rowsRead: 14, consumingRows: 4 }]);
  expect(ingested.partitions[0]!.sealed).toHaveLength(2);
  expect(await answer(workspace, '109-query-hybrid-count')).toEqual(
    expected('109-query-hybrid-count'),
  );

  const plan = await json<{
    windows: { startMs: number; endMs: number; segments: string[]; rowsIn: number }[];
  }>('plan', 'orders', '--now', now);
  expect(plan.windows).toMatchObject([
    { startMs: 1632463200000, endMs: 1632470400000, rowsIn: 10 },
  ]);
  expect(plan.windows[0]!.segments.map(untimed)).toEqual(['orders__0__0', 'orders__0__1']);

  const run = await json<RunReport>('run', 'orders', '--now', now);
  expect(run.windows).toMatchObject([
    {
      startMs: 1632463200000,
      endMs: 1632470400000,
      state: 'COMMITTED',
      ledger: { read: 10, outsideWindow: 3, filtered: 0, rejected: 0, mergedAway: 0, written: 7 },
      segments: [
        { name: firstSegment, rows: 7, minTimeMs: 1632463351000, maxTimeMs: 1632467070000 },
      ],
    },
  ]);
  expect(run.watermarkMs).toBe(1632470400000);
  // Design 5.12: Pinot's implicit boundary is 1632463470000, an hour before the newest OFFLINE time.
  expect(run.timeBoundaryMs).toBe(1632470399999);
  expect(await answer(workspace, '106-query-offline')).toEqual(expected('106-query-offline'));
  expect(await answer(workspace, '108-query-hybrid-implicit-boundary')).toEqual(
    expected('108-query-hybrid-implicit-boundary'),
  );

  mkdirSync(path('backfill'));
  renameSync(path('inputs/orders.json'), path('backfill/orders.json'));
  const values = [
    `inputDir=${path('backfill')}`,
    `outputDir=${path('out')}`,
    `segmentName=${firstSegment}`,
    'pinotController=http://localhost:9000',
  ];
  const backfilled = await json<{ added: string[]; replaced: string[] }>(
    'backfill',
    '-f',
    'inputs/job-spec.yml',
    ...values.flatMap((value) => ['--values', value]),
    '--now',
    now,
  );
  expect(backfilled).toMatchObject({ added: [firstSegment], replaced: [firstSegment] });
  expect(await answer(workspace, '137-query-offline-backfilled')).toEqual(
    expected('137-query-offline-backfilled'),
  );
  const segments = await json<{ name: string; type: string; state: string }[]>(
    'segments',
    'orders',
  );
  const [offline, realtime] =
    recorded<[{ OFFLINE: string[] }, { REALTIME: string[] }]>('135-segments-backfilled');
  const names = (type: string): string[] =>
    segments.filter((each) => each.type === type).map(({ name }) => untimed(name));
  expect(names('OFFLINE')).toEqual(offline.OFFLINE);
  expect(names('REALTIME')).toEqual(realtime.REALTIME.map(untimed));

  const boundary = await json<{ timeBoundaryMs: number; timeValue: string; mode: string }>(
    'boundary',
    'set',
    'orders',
  );
  expect(recorded<{ status: string }>('140-time-boundary-set').status).toContain(
    boundary.timeValue,
  );
  expect(boundary).toMatchObject({ timeBoundaryMs: 1632467070000, mode: 'set' });
  expect(await json('boundary', 'get', 'orders')).toMatchObject(
    recorded('141-broker-time-boundary-explicit'),
  );
  expect(await answer(workspace, '143-query-final')).toEqual(expected('143-query-final'));
  expect(await answer(workspace, '144-query-segment-counts-final')).toEqual(
    expected('144-query-segment-counts-final'),
  );
  await catchUp(workspace);
  expect(await json('verify')).toMatchObject({ findings: [], tables: ['orders'] });
});

/** 27 windows in which `orders__0__1` has no rows, then orders 8 and 9, then the rows that are still CONSUMING. */
async function catchUp(workspace: Workspace): Promise<void> {
  const { json } = workspace;
  const { runs } = readRecipe<CatchUp>('catch-up.json');
  expect(runs).toHaveLength(28);
  const second = await json<RunReport>('run', 'orders', '--now', now);
  const rest = await json<RunReport>('run', 'orders', '--all', '--now', now);
  const windows = [...second.windows, ...rest.windows];
  expect(second.windows).toHaveLength(1);
  expect(windows.map(({ startMs, endMs }) => [startMs, endMs])).toEqual(
    runs.map(({ windowStartMs, windowEndMs }) => [windowStartMs, windowEndMs]),
  );
  expect(windows.map(({ state }) => state)).toEqual([
    ...Array.from({ length: 27 }, () => 'EMPTY'),
    'COMMITTED',
  ]);
  expect(windows.at(-1)!.segments).toMatchObject([{ name: secondSegment, rows: 2 }]);
  expect(rest.watermarkMs).toBe(runs.at(-1)!.watermarkAfter);
  expect(rest.held).toMatchObject([
    { reason: 'CONSUMING_MAY_HOLD_ROWS', startMs: rest.watermarkMs },
  ]);

  expect(await json('boundary', 'get', 'orders')).toMatchObject(
    recorded('161-broker-time-boundary-explicit-stays'),
  );
  const boundary = await json<{ timeValue: string }>('boundary', 'set', 'orders');
  expect(recorded<{ status: string }>('162-time-boundary-set-caught-up').status).toContain(
    boundary.timeValue,
  );
  expect(await answer(workspace, '164-query-caught-up')).toEqual(expected('164-query-caught-up'));
  // Reset, the boundary is again the end of the newest window (design 5.12), with the same rows on both sides.
  expect(await json('boundary', 'reset', 'orders')).toMatchObject({
    timeBoundaryMs: rest.watermarkMs - 1,
    mode: 'exact',
  });
  expect(await answer(workspace, '164-query-caught-up')).toEqual(expected('164-query-caught-up'));
}
