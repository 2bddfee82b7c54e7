// What the recorded cases lead on to with segmill's own verbs.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nowMs } from './expectation.ts';
import { inProcess, jsonOf } from './program.ts';
import type { Answer } from './program.ts';

const root = resolve('test/golden/r2o-cases');

interface Table {
  readonly call: (...argv: string[]) => Promise<Answer>;
  readonly json: <T>(...argv: string[]) => Promise<T>;
  /** Appends a file of the case to the stream and reads it, sealed or not. */
  readonly ingest: (file: string, seal: boolean) => Promise<void>;
  readonly add: (keys?: Readonly<Record<string, string>>) => Promise<void>;
}

async function openCase(name: string, table: string): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'segmill-golden-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const call: Table['call'] = (...argv) =>
    inProcess([
      ...argv,
      '--data-dir',
      join(folder, 'data'),
      '--now',
      String(nowMs),
      '--format',
      'json',
    ]);
  const json = async <T>(...argv: string[]): Promise<T> =>
    jsonOf(argv, await call(...argv), [0]) as T;
  const read = (file: string): string => readFileSync(join(root, name, file), 'utf8');
  const add: Table['add'] = async (keys = {}) => {
    const realtime = JSON.parse(read('realtime.json')) as {
      task: { taskTypeConfigsMap: { RealtimeToOfflineSegmentsTask: Record<string, string> } };
    };
    Object.assign(realtime.task.taskTypeConfigsMap.RealtimeToOfflineSegmentsTask, keys);
    writeFileSync(join(folder, 'realtime.json'), JSON.stringify(realtime));
    const files = ['schema.json', 'offline.json'].map((file) => join(root, name, file));
    await json('table', 'add', ...files, join(folder, 'realtime.json'));
  };
  await add();
  const stream = join(folder, 'stream.ndjson');
  return {
    call,
    json,
    add,
    ingest: async (file, seal) => {
      appendFileSync(stream, read(file));
      await json('ingest', table, '--from', stream, ...(seal ? ['--seal'] : []));
    },
  };
}

interface Windows {
  readonly windows: readonly {
    readonly state: string;
    readonly segments: readonly { readonly name: string }[];
  }[];
  readonly late: { readonly rows: number };
}

interface Rows {
  readonly resultTable: { readonly rows: (string | number)[][] };
}

test('consuming-guard: a row sealed after its window is late until rerun moves it (5.10)', async () => {
  const { json, ingest } = await openCase('consuming-guard', 'consguard');
  await ingest('rows-1.ndjson', true);
  expect((await json<Windows>('run', 'consguard')).windows).toHaveLength(1);
  await ingest('rows-2.ndjson', true);
  const run = await json<Windows>('run', 'consguard');
  expect(run.late.rows).toBe(1);
  const sides =
    "select k, $segmentName like '%\\_\\_%' escape '\\' as realtime from consguard order by k";
  const before = await json<Rows>('query', sides);
  expect(before.resultTable.rows).toEqual([
    ['a', false],
    ['b', false],
    ['c', true],
    ['end', false],
  ]);
  const range = ['--from', '1700006400000', '--to', '1700092800000'];
  const preview = await json<{ executed: boolean; windows: unknown[] }>(
    'rerun',
    'consguard',
    ...range,
  );
  expect(preview.windows).toHaveLength(1);
  await json('rerun', 'consguard', ...range, '--execute');
  const after = await json<Rows>('query', sides);
  expect(after.resultTable.rows).toEqual([
    ['a', false],
    ['b', false],
    ['c', false],
    ['end', false],
  ]);
  const offline = await json<{ name: string }[]>('segments', 'consguard', '--type', 'OFFLINE');
  expect(offline.map(({ name }) => name)).toContain('consguard_1700006400005_1700013600000_0');
  expect(await json('verify', 'consguard')).toMatchObject({ findings: [] });
});

test('rerun-after-watermark-reset: rerun gives what a reset watermark gives (5.19)', async () => {
  const { json, ingest, add } = await openCase('rerun-after-watermark-reset', 'rerun');
  await ingest('rows.ndjson', true);
  await json('run', 'rerun');
  await add({ maxNumRecordsPerSegment: '4' });
  await json('rerun', 'rerun', '--from', '1700006400000', '--to', '1700092800000', '--execute');
  const offline = await json<{ name: string }[]>('segments', 'rerun', '--type', 'OFFLINE');
  expect(offline.map(({ name }) => name)).toEqual([
    'rerun_1700006400000_1700006403000_0',
    'rerun_1700006404000_1700006405000_1',
  ]);
  const { resultTable } = await json<Rows>('query', 'select count(*), sum(v) from rerun_OFFLINE');
  expect(resultTable.rows).toEqual([[6, 15]]);
});

test('round-before-window: rows before a watermark set by hand are late and counted against the budget (5.10)', async () => {
  const { call, json, ingest } = await openCase('round-before-window', 'roundbefore');
  await ingest('rows.ndjson', true);
  const set = await json<{ late: { rows: number } }>(
    'watermark',
    'set',
    'roundbefore',
    '1700017200001',
  );
  expect(set.late.rows).toBe(4);
  expect((await call('run', 'roundbefore', '--late-budget', '3')).code).toBe(3);
  expect((await call('run', 'roundbefore', '--late-budget', '4')).code).toBe(0);
});

test.each(['store.create', 'store.rename', 'catalog.write'])(
  'upload-fails-halfway: whichever %s fails, the window is moved whole or not at all (5.3)',
  async (seam) => {
    const { call, json, ingest } = await openCase('upload-fails-halfway', 'halfway');
    await ingest('rows.ndjson', true);
    let failures = 0;
    for (;;) {
      process.env['SEGMILL_FAULT'] = `${seam}:${failures + 1}`;
      const { code, out, err } = await call('run', 'halfway').finally(
        () => delete process.env['SEGMILL_FAULT'],
      );
      if (code === 0) break;
      failures++;
      expect(out + err).toContain(`fault ${seam}:${failures}`);
      expect(await json('segments', 'halfway', '--type', 'OFFLINE')).toEqual([]);
      expect(await json('boundary', 'get', 'halfway')).toMatchObject({ timeBoundaryMs: null });
      expect(await json('verify', 'halfway')).toMatchObject({ findings: [] });
    }
    expect(failures).toBeGreaterThan(0);
    const offline = await json<{ rows: number }[]>('segments', 'halfway', '--type', 'OFFLINE');
    expect(offline.map(({ rows }) => rows)).toEqual([4, 4, 4]);
    expect(await json('verify', 'halfway')).toMatchObject({ findings: [] });
  },
);
