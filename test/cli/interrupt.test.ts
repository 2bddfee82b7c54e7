// Signals, pipes, terminals: what a call says and how it ends.
import { expect, test } from 'vitest';
import { bytesText, instantText, textTable } from '../../src/cli/output.ts';
import { call, workplace } from './terminal.ts';

async function ready(): Promise<ReturnType<typeof workplace>> {
  const place = workplace();
  await place.segmill('table add schema.json realtime.json offline.json');
  await place.segmill('ingest orders --from orders.ndjson');
  return place;
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s between windows ends with %i, and the next call goes on', async (signal, code) => {
  const place = await ready();
  const stop = new AbortController();
  const stopped = await place.segmill('run orders --all --workers 1 --format ndjson', {
    signal: stop.signal,
    onOut: () => stop.abort(signal),
  });
  expect(stopped.code).toBe(code);
  expect(stopped.err).toContain('segmill: CANCELLED: stopped after 1 windows of orders');
  expect(stopped.out.trim().split('\n').length).toBe(1);
  expect(await place.json('verify')).toMatchObject({ findings: [], runs: 1 });
  expect(await place.json('run orders --workers 1')).toMatchObject({
    windows: [{ startMs: 1_632_470_400_000 }],
  });
});

test('an ingestion that is stopped keeps what it read and ends with 130', async () => {
  const place = await ready();
  const stop = new AbortController();
  stop.abort('SIGINT');
  const { code, out } = await place.segmill('ingest orders --from orders.ndjson', {
    signal: stop.signal,
  });
  expect(code).toBe(130);
  expect(JSON.parse(out)).toMatchObject({ interrupted: true });
});

test('a terminal gets tables, a live line that clears itself, and colour unless NO_COLOR', async () => {
  const place = await ready();
  const listed = await place.segmill('table list', { terminal: true });
  expect(listed.out).toMatch(/^table +types +realtimeSegments/);
  const run = await place.segmill('run orders --workers 1', { terminal: true });
  expect(run.out).toContain('orders: 1 window, watermark 2021-09-24T08:00:00Z');
  expect(run.err).toContain('COMMITTED');
  const quiet = await place.segmill('run orders --workers 1 --quiet', { terminal: true });
  expect(quiet.err).toBe('');
  const plain = await place.segmill('plan orders');
  expect(() => JSON.parse(plain.out) as unknown).not.toThrow();
  for (const verb of [
    'plan orders',
    'status',
    'segments orders',
    'verify',
    'gc',
    'boundary get orders',
    'watermark get orders',
    'rollback orders',
    'table drop orders',
    'rerun orders --from 0 --to 1632470400000',
    'doctor',
  ]) {
    const shown = await place.segmill(verb, { terminal: true });
    expect(shown.code, verb).toBe(0);
    expect(shown.out, verb).not.toMatch(/undefined|NaN|\[object/);
  }
});

test('NO_COLOR and --no-color leave the demo plain', async () => {
  const bold = '\u001b[1m';
  const plain = await call(['demo'], { terminal: true, env: { NO_COLOR: '1' } });
  expect(plain.code).toBe(0);
  expect(plain.out).not.toContain(bold);
  const colour = await call(['demo', '--color'], { env: { NO_COLOR: '1' } });
  expect(colour.out).toContain(bold);
});

test('the demo ends with the hybrid table of the recipe', async () => {
  const { code, out } = await call(['demo', '--no-color', '--workers', '1']);
  expect(code).toBe(0);
  const last = out.slice(out.lastIndexOf('$ segmill query')).split('\n').slice(3);
  const rows = last.filter((line) => line.startsWith('orders_'));
  expect(
    rows.filter((line) => line.startsWith('orders_1632463351000_1632467070000_0')).length,
  ).toBe(7);
  expect(rows.filter((line) => line.startsWith('orders__0__')).length).toBe(7);
});

test('--now takes ISO-8601 and epoch ms', async () => {
  const place = await ready();
  for (const now of ['2021-09-28T00:00:00Z', '1632787200000', '2021-09-28']) {
    const { out, code, err } = await call([
      'plan',
      'orders',
      '--data-dir',
      place.dataDir,
      '--now',
      now,
    ]);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ now: 1_632_787_200_000 });
  }
});

test('texts of a table', () => {
  expect(
    textTable(
      ['name', 'n'],
      [
        ['a', '1'],
        ['long', '10'],
      ],
    ),
  ).toBe('name   n\n----  --\na      1\nlong  10');
  expect([0, 1023, 1536, 20 * 2 ** 20].map(bytesText)).toEqual([
    '0 B',
    '1023 B',
    '1.5 KiB',
    '20 MiB',
  ]);
  expect(instantText(null)).toBe('none');
  expect(instantText(0)).toBe('1970-01-01T00:00:00Z');
});
