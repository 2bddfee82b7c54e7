// What goes wrong around a run: signals, other processes, full disks, damaged files, directories of other versions.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCatalog } from '../../src/catalog/lmdb.ts';
import { now, openOrders, openWorkspace } from './workspace.ts';
import type { BrokerAnswer, Workspace } from './workspace.ts';

const main = resolve('dist/src/cli/main.js');

interface RunReport {
  readonly windows: readonly {
    readonly state: string;
    readonly error?: { readonly code: string; readonly message: string };
  }[];
  readonly watermarkMs: number | null;
}

async function count({ quick }: Workspace, table = 'orders'): Promise<unknown> {
  const { resultTable } = await quick<BrokerAnswer>(
    'query',
    `select count(*), count(distinct order_id) from ${table}`,
  );
  return resultTable.rows[0];
}

function wellKept({ quick }: Workspace): Promise<void> {
  return expect(quick('verify')).resolves.toMatchObject({ findings: [] });
}

/** Many windows, so that a signal arrives between the first and the last. */
async function manyWindows(): Promise<Workspace> {
  const workspace = openWorkspace();
  const { quick, path } = workspace;
  const table = readFileSync(path('inputs/orders_table.json'), 'utf8');
  const hourly = table
    .replace('"bucketTimePeriod": "2h"', '"bucketTimePeriod": "1h"')
    .replace('": 5', '": 100000');
  writeFileSync(path('inputs/orders_table.json'), hourly);
  const start = Date.parse('2021-09-20T00:00:00Z');
  const lines = Array.from({ length: 4000 }, (_, i) =>
    JSON.stringify({
      order_id: i,
      customer_id: i % 7,
      order_status: 'OPEN',
      amount: i,
      ts: start + i * 144_000,
    }),
  );
  writeFileSync(path('many.ndjson'), `${lines.join('\n')}\n`);
  const inputs = ['orders_schema.json', 'orders_table.json', 'orders_offline_table.json'];
  await quick('table', 'add', ...inputs.map((name) => path(`inputs/${name}`)));
  await quick('ingest', 'orders', '--from', path('many.ndjson'), '--seal');
  return workspace;
}

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s between windows leaves a clean resume point', async (signal, code) => {
    const workspace = await manyWindows();
    const child = spawn(
      process.execPath,
      [main, 'run', 'orders', '--all', '--now', now, '--format', 'ndjson'],
      { cwd: workspace.folder },
    );
    let lines = 0;
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.on('data', (chunk: Buffer) => {
      lines += chunk.toString().split('\n').length - 1;
      if (lines >= 2) child.kill(signal);
    });
    const [exit] = (await once(child, 'close')) as [number | null];
    expect([exit, err]).toEqual([code, expect.stringContaining('CANCELLED')]);
    const stopped = await workspace.quick<{ watermarkMs: number }>('watermark', 'get', 'orders');
    const offline = await workspace.quick<unknown[]>('segments', 'orders', '--type', 'OFFLINE');
    expect(offline.length).toBeGreaterThanOrEqual(2);
    expect(offline.length).toBeLessThan(160);
    expect(stopped.watermarkMs).toBe(
      Date.parse('2021-09-20T00:00:00Z') + offline.length * 3_600_000,
    );
    await wellKept(workspace);
    expect(await count(workspace)).toEqual([4000, 4000]);
    expect(readdirSync(join(workspace.dataDir, 'tmp'))).toEqual([]);
  });
});

describe('several processes', () => {
  test('two movers of one table: every window is moved once', async () => {
    const workspace = await openOrders();
    const move = (): ReturnType<Workspace['call']> =>
      workspace.call(['run', 'orders', '--all', '--now', now, '--format', 'json']);
    const answers = await Promise.all([move(), move(), move()]);
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0]);
    const reports = answers.map(
      ({ out }) => JSON.parse(out) as RunReport & { held: { reason: string }[] },
    );
    const moved = reports.flatMap(({ windows }) => windows);
    expect(moved.filter(({ state }) => state === 'COMMITTED')).toHaveLength(2);
    expect(moved.filter(({ state }) => state === 'EMPTY')).toHaveLength(27);
    for (const { windows, held } of reports)
      if (windows.length === 0)
        expect(['RUNNING_ELSEWHERE', 'CONSUMING_MAY_HOLD_ROWS']).toContain(held[0]?.reason);
    expect(await count(workspace)).toEqual([14, 14]);
    await wellKept(workspace);
  });

  test('two readers of one stream: every row is there once', async () => {
    const workspace = openWorkspace();
    const { quick, call, path } = workspace;
    const inputs = ['orders_schema.json', 'orders_table.json', 'orders_offline_table.json'];
    await quick('table', 'add', ...inputs.map((name) => path(`inputs/${name}`)));
    const read = (): ReturnType<typeof call> =>
      call(['ingest', 'orders', '--from', 'inputs/rows.ndjson', '--now', now]);
    const answers = await Promise.all([read(), read()]);
    expect(answers.some(({ code }) => code === 0)).toBe(true);
    for (const { code, err } of answers)
      if (code !== 0) expect(err).toMatch(/RUNNING_ELSEWHERE|POSITION_CONFLICT/);
    expect(await count(workspace)).toEqual([14, 14]);
    await wellKept(workspace);
  });
});

describe('a full disk', () => {
  test('a window fails by name, nothing of it is seen, the next call moves it', async () => {
    const workspace = await openOrders();
    const failed = await workspace.call(['run', 'orders', '--now', now, '--format', 'json'], {
      env: { SEGMILL_FAULT: 'store.write:1' },
    });
    const report = JSON.parse(failed.out) as RunReport;
    expect([failed.code, report.watermarkMs]).toEqual([1, 1632463200000]);
    expect(report.windows).toMatchObject([
      {
        state: 'FAILED',
        segments: [],
        error: { code: 'STORE_FULL', message: expect.stringContaining('no space left') as unknown },
      },
    ]);
    expect(await workspace.quick('segments', 'orders', '--type', 'OFFLINE')).toEqual([]);
    const status = await workspace.quick<{ runs: { state: string }[] }>('status', 'orders');
    expect(status.runs).toMatchObject([{ state: 'FAILED' }]);
    await wellKept(workspace);
    expect(await workspace.quick('run', 'orders')).toMatchObject({
      windows: [{ state: 'COMMITTED' }],
    });
    expect(await count(workspace)).toEqual([14, 14]);
  });

  test('ingestion fails by name and goes on where it stopped', async () => {
    const workspace = openWorkspace();
    const { quick, call, path } = workspace;
    const inputs = ['orders_schema.json', 'orders_table.json', 'orders_offline_table.json'];
    await quick('table', 'add', ...inputs.map((name) => path(`inputs/${name}`)));
    const argv = ['ingest', 'orders', '--from', 'inputs/rows.ndjson', '--now', now];
    for (let n = 1; n <= 3; n++) {
      const { code, err } = await call(argv, { env: { SEGMILL_FAULT: `store.write:${n}` } });
      expect([code, err]).toEqual([1, expect.stringContaining('STORE_FULL')]);
    }
    expect((await call(argv)).code).toBe(0);
    expect(await count(workspace)).toEqual([14, 14]);
    await wellKept(workspace);
  });
});

describe('damaged segment files', () => {
  const damages: Readonly<Record<string, (path: string) => void>> = {
    'cut short': (path) => truncateSync(path, readFileSync(path).length - 100),
    'one bit flipped': (path) => {
      const bytes = readFileSync(path);
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(path, bytes);
    },
    longer: (path) => appendFileSync(path, 'x'),
    empty: (path) => truncateSync(path, 0),
  };

  test.each(Object.keys(damages))(
    '%s: verify exits 4, run fails and names the file',
    async (damage) => {
      const workspace = await openOrders();
      const { inside, dataDir } = workspace;
      const folder = join(dataDir, 'segments/orders_REALTIME');
      const file = readdirSync(folder).find((name) => name.startsWith('orders__0__0__'))!;
      damages[damage]!(join(folder, file));
      const verified = await inside(['verify']);
      expect(verified.code).toBe(4);
      const { findings } = JSON.parse(verified.out) as {
        findings: { check: string; subject: string; message: string }[];
      };
      expect(findings).toMatchObject([
        { check: 'CHECKSUM', subject: expect.stringContaining('orders__0__0__') as unknown },
      ]);
      const run = await inside(['run', 'orders']);
      expect(run.code).toBe(1);
      const [window] = (JSON.parse(run.out) as RunReport).windows;
      expect(window).toMatchObject({ state: 'FAILED', error: { code: 'SEGMENT_CORRUPT' } });
      expect(window!.error!.message).toContain('orders__0__0__');
      expect(await workspace.quick('segments', 'orders', '--type', 'OFFLINE')).toEqual([]);
    },
  );

  test('an offline file cut short: verify exits 4, rerun mends it', async () => {
    const workspace = await openOrders();
    const { inside, dataDir, quick } = workspace;
    await quick('run', 'orders');
    const folder = join(dataDir, 'segments/orders_OFFLINE');
    truncateSync(join(folder, readdirSync(folder)[0]!), 10);
    expect((await inside(['verify', 'orders'])).code).toBe(4);
    const query = await inside(['query', 'select count(*) from orders_OFFLINE']);
    expect(query.code).toBe(1);
    expect(query.err).toContain('orders_1632463351000_1632467070000_0');
    await quick('rerun', 'orders', '--from', '1632463200000', '--to', '1632470400000', '--execute');
    expect(await count(workspace, 'orders_OFFLINE')).toEqual([7, 7]);
  });
});

describe('data directories', () => {
  test('one that a newer version wrote is refused, and not touched', async () => {
    const { dataDir, inside } = await openOrders();
    const catalog = openCatalog(dataDir);
    await catalog.write((transaction) => transaction.put('meta', 'version', { value: '2' }));
    await catalog.close();
    const { code, err } = await inside(['status']);
    expect([code, JSON.parse(err)]).toMatchObject([1, { error: { code: 'DATA_DIR_VERSION' } }]);
  });

  test('one that is none is refused: absent, a file, a folder of something else', async () => {
    const { inside, path, call } = openWorkspace();
    const codeOf = (err: string): string =>
      (JSON.parse(err) as { error: { code: string } }).error.code;
    expect(codeOf((await inside(['status'])).err)).toBe('DATA_DIR_UNUSABLE');
    for (const dataDir of ['inputs', 'inputs/rows.ndjson']) {
      const { code, err } = await call(['status', '--data-dir', path(dataDir), '--format', 'json']);
      expect([code, codeOf(err)]).toEqual([1, 'DATA_DIR_UNUSABLE']);
    }
    expect(readdirSync(path('inputs'))).not.toContain('catalog');
  });
});
