// The same 14 orders in every form that is read give the same table.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import avro from 'avsc';
import { expect, test } from 'vitest';
import { openOrders, openWorkspace, now } from './workspace.ts';
import type { BrokerAnswer, Workspace } from './workspace.ts';

interface Order {
  readonly order_id: number;
  readonly customer_id: number;
  readonly order_status: string;
  readonly amount: number;
  readonly ts: string;
}

const all = 'select * from orders order by order_id';
const inputs = [
  'inputs/orders_schema.json',
  'inputs/orders_table.json',
  'inputs/orders_offline_table.json',
];

async function ordersTable(): Promise<Workspace> {
  const workspace = openWorkspace();
  await workspace.quick('table', 'add', ...inputs.map(workspace.path));
  return workspace;
}

function orders({ path }: Workspace): Order[] {
  return readFileSync(path('inputs/rows.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Order);
}

/** The rows, and where they lie: three segments of 5, 5 and 4. */
async function contents({ quick }: Workspace): Promise<unknown> {
  const { resultTable } = await quick<BrokerAnswer>('query', all);
  const segments = await quick<{ rows: number; state: string }[]>('segments', 'orders');
  return [resultTable, segments.map(({ rows, state }) => [rows, state])];
}

const forms: Readonly<Record<string, (workspace: Workspace) => Promise<string> | string>> = {
  'orders.csv': (workspace) => {
    const lines = orders(workspace).map((order) => Object.values(order).join(','));
    return ['order_id,customer_id,order_status,amount,ts', ...lines, ''].join('\n');
  },
  'orders.json': (workspace) => JSON.stringify(orders(workspace)),
};

test.each(Object.keys(forms))('%s', async (name) => {
  const workspace = await ordersTable();
  const { quick, path } = workspace;
  writeFileSync(path(name), await forms[name]!(workspace));
  await quick('ingest', 'orders', '--from', path(name));
  expect(await contents(workspace)).toEqual(await contents(await openOrders()));
});

test('orders.avro', async () => {
  const workspace = await ordersTable();
  const { quick, path } = workspace;
  const type = avro.Type.forSchema({
    type: 'record',
    name: 'order',
    fields: [
      { name: 'order_id', type: 'int' },
      { name: 'customer_id', type: 'int' },
      { name: 'order_status', type: 'string' },
      { name: 'amount', type: 'double' },
      { name: 'ts', type: 'string' },
    ],
  });
  const encoder = avro.createFileEncoder(path('orders.avro'), type);
  for (const order of orders(workspace)) encoder.write(order);
  await new Promise((done) => encoder.end(done));
  await quick('ingest', 'orders', '--from', path('orders.avro'));
  expect(await contents(workspace)).toEqual(await contents(await openOrders()));
});

test('orders.parquet', async () => {
  const workspace = await ordersTable();
  const whole = await openOrders();
  const { quick, path } = workspace;
  // One Parquet file of all the rows: sealed in one segment, exported.
  const other = openWorkspace();
  const table = readFileSync(other.path('inputs/orders_table.json'), 'utf8');
  writeFileSync(
    other.path('inputs/orders_table.json'),
    table.replace(
      '"realtime.segment.flush.threshold.rows": 5',
      '"realtime.segment.flush.threshold.rows": 100',
    ),
  );
  await other.quick('table', 'add', ...inputs.map(other.path));
  await other.quick('ingest', 'orders', '--from', other.path('inputs/rows.ndjson'), '--seal');
  const [segment] = await other.quick<{ name: string }[]>('segments', 'orders');
  await other.quick('export', segment!.name, '--to', path('orders.parquet'));
  await quick('ingest', 'orders', '--from', path('orders.parquet'));
  expect(await contents(workspace)).toEqual(await contents(whole));
});

test('standard input appends, and seals what is left at its end', async () => {
  const workspace = await ordersTable();
  const { call, path, dataDir, quick } = workspace;
  const stdin = readFileSync(path('inputs/rows.ndjson'));
  const argv = ['ingest', 'orders', '--from', '-', '--data-dir', dataDir, '--now', now];
  expect((await call(argv, { stdin })).code).toBe(0);
  const { resultTable } = await quick<BrokerAnswer>('query', all);
  expect(resultTable).toEqual(
    (await (await openOrders()).quick<BrokerAnswer>('query', all)).resultTable,
  );
  const rows = async (): Promise<unknown> =>
    (await quick<{ rows: number; state: string }[]>('segments', 'orders')).map((each) => [
      each.rows,
      each.state,
    ]);
  expect(await rows()).toEqual([
    [5, 'ONLINE'],
    [5, 'ONLINE'],
    [4, 'ONLINE'],
  ]);
  expect((await call(argv, { stdin })).code).toBe(0);
  expect(
    (await quick<BrokerAnswer>('query', 'select count(*) from orders')).resultTable.rows,
  ).toEqual([[28]]);
});

test('a directory of partitions, one call after another, adds nothing twice and goes on where it ended', async () => {
  const workspace = await ordersTable();
  const { quick, path } = workspace;
  const lines = readFileSync(path('inputs/rows.ndjson'), 'utf8').trim().split('\n');
  mkdirSync(path('in'));
  const write = (partition: number, from: number, to: number): void =>
    writeFileSync(path(`in/${partition}.ndjson`), `${lines.slice(from, to).join('\n')}\n`, {
      flag: 'a',
    });
  write(0, 0, 3);
  write(1, 7, 10);
  const counts = async (): Promise<unknown> =>
    (await quick<BrokerAnswer>('query', 'select count(*), count(distinct order_id) from orders'))
      .resultTable.rows;
  const ingest = (...flags: string[]): Promise<unknown> =>
    quick('ingest', 'orders', '--from', path('in'), ...flags);
  await ingest();
  await ingest();
  expect(await counts()).toEqual([[6, 6]]);
  write(0, 3, 7);
  await ingest('--partition', '0', '--seal');
  write(1, 10, 14);
  await ingest('--seal');
  expect(await counts()).toEqual([[14, 14]]);
  const segments = await quick<{ partition: number; rows: number }[]>('segments', 'orders');
  expect(segments.map(({ partition, rows }) => [partition, rows])).toEqual([
    [0, 5],
    [0, 2],
    [1, 5],
    [1, 2],
  ]);
});

test('a file that was changed is refused, and so is its content under another name', async () => {
  const { call, path, dataDir, quick } = await openOrders();
  const ingest = async (name: string, ...flags: string[]): Promise<string | number> => {
    const { code, err } = await call([
      'ingest',
      'orders',
      '--from',
      name,
      '--data-dir',
      dataDir,
      '--now',
      now,
      '--format',
      'json',
      ...flags,
    ]);
    return code === 0 ? 0 : (JSON.parse(err) as { error: { code: string } }).error.code;
  };
  const text = readFileSync(path('inputs/rows.ndjson'), 'utf8');
  writeFileSync(path('copy.ndjson'), text);
  expect(await ingest('copy.ndjson')).toBe('FILE_SEEN');
  expect(await ingest('copy.ndjson', '--again')).toBe(0);
  writeFileSync(path('inputs/rows.ndjson'), text.replace('13.29', '99.99'));
  expect(await ingest('inputs/rows.ndjson')).toBe('FILE_CHANGED');
  expect(await ingest('missing.ndjson')).toBe('FILE_NOT_FOUND');
  expect(
    (await quick<BrokerAnswer>('query', 'select count(*) from orders')).resultTable.rows,
  ).toEqual([[28]]);
});
