// Words, flags, help, errors: what every verb shares.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { verbs } from '../../src/cli/verbs.ts';
import { call, workplace } from './terminal.ts';

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'segmill-usage-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

test('help names every verb, each flag of a verb, and the exit codes', async () => {
  const { code, out } = await call(['--help']);
  expect(code).toBe(0);
  for (const name of Object.keys(verbs)) expect(out).toContain(`\n  ${name}`);
  expect(out).toContain('130/143 interrupted');
  for (const [name, verb] of Object.entries(verbs)) {
    const shown = await call([...name.split(' '), '--help']);
    expect(shown.code, name).toBe(0);
    expect(shown.out, name).toContain(`segmill ${verb.usage}`);
    for (const flag of Object.keys(verb.flags)) expect(shown.out, name).toContain(`--${flag}`);
    for (const example of verb.examples) expect(shown.out, name).toContain(example);
    expect(await call(['help', ...name.split(' ')])).toEqual(shown);
  }
  expect(out).toContain('\n  --no-color ');
  expect((await call(['table', '--help'])).out).toContain('table validate');
  expect((await call(['-h'])).out).toEqual(out);
  expect((await call(['help'])).out).toEqual(out);
});

test('the version of the package', async () => {
  expect((await call(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each(Object.entries(verbs))(
  'the usage line of %s has all its flags',
  (_, { usage, flags }) => {
    for (const [name, { short }] of Object.entries(flags))
      expect(usage).toMatch(
        new RegExp(`--${name}\\b${short === undefined ? '' : `|-${short}\\b`}`),
      );
    expect(usage).not.toBe('');
  },
);

test('nothing at all: help on stderr, exit 2', async () => {
  const { code, out, err } = await call([]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('Usage: segmill COMMAND');
});

test.each([
  [['statsu'], 'unknown command statsu; did you mean status?'],
  [['help', 'statsu'], 'unknown command statsu; did you mean status?'],
  [['--bogus'], 'unknown flag --bogus'],
  [['qqqqqqqqqqqq'], 'unknown command qqqqqqqqqqqq (segmill --help lists them)'],
  [['table'], 'table: found nothing after it, allowed: add, validate, list, show, drop'],
  [['watermark', 'put'], 'watermark: found put after it, allowed: get, set, reset'],
  [['plan'], 'plan: found 0 words after it, needs 1'],
  [['plan', 'a', 'b'], 'plan: b is one word too many'],
  [['run', 't', '--al'], 'run: unknown flag --al; did you mean --all?'],
  [['run', 't', '--no-qiuet'], 'did you mean --quiet?'],
  [['run', 't', '--windows'], 'run: '],
  [['run', 't', '--windows', '0'], '--windows: found 0, allowed: a whole number from 1'],
  [['run', 't', '--windows', 'x'], '--windows: found x'],
  [['run', 't', '--all', '--windows', '2'], '--all and --windows exclude each other'],
  [['run', 't', '--plan', 'x', '--all'], '--plan names its windows'],
  [
    ['run', 't', '--reject-budget', '-1'],
    '--reject-budget: found -1, allowed: a whole number from 0',
  ],
  [['run', 't', '--plan', '/nope/plan.json'], 'there is no file /nope/plan.json; check the path'],
  [['run', 't', '--plan', tmpdir()], `${tmpdir()} is a directory; name the files in it`],
  [['backfill', '-f', '/nope/job.yml'], 'there is no file /nope/job.yml; check the path'],
  [['table', 'validate', 'nofile.json'], 'there is no file nofile.json; check the path'],
  [['run', 't', '--windows', '--all'], 'run: --windows: found --all, allowed: a value'],
  [['plan', 't', '--format', 'xml'], '--format: found xml, allowed: table, json, ndjson, csv'],
  [['plan', 't', '--log-level', 'loud'], '--log-level: found loud'],
  [['plan', 't', '--memory', 'much'], '--memory: '],
  [['plan', 't', '--temp-disk', '-5'], '--temp-disk: "-5" is no size; write it as'],
  [['plan', 't', '--workers', '0'], '--workers: found 0'],
  [['plan', 't', '--now', 'yesterday'], '--now: '],
  [['rerun', 't'], '--from is missing'],
  [['rerun', 't', '--from', '0'], '--to is missing'],
  [['rerun', 't', '--from', 'x', '--to', '1'], '--from: '],
  [['export', 's'], '--to is missing'],
  [['backfill'], '--file is missing'],
  [['backfill', '-f', 'x', '--values', 'novalue'], 'x'],
  [['ingest', 't'], '--from is missing'],
  [['segments', 't', '--type', 'BOTH'], '--type: found BOTH, allowed: OFFLINE, REALTIME'],
  [['watermark', 'set', 't', 'soon'], 'TIME: '],
  [['boundary', 'set', 't', 'soon'], 'TIME: '],
] as const)('%j is refused with exit 2', async (argv, message) => {
  const root = folder();
  const { code, out, err } = await call(argv, { cwd: root });
  expect(err).toContain(message);
  expect(err).toMatch(/^segmill: (USAGE|FILE_NOT_FOUND): /);
  expect([code, out]).toEqual([2, '']);
  expect(readdirSync(root)).toEqual([]);
});

test('every verb that needs a data directory says so, and makes none', async () => {
  const root = folder();
  const words: Record<string, readonly string[]> = {
    ingest: ['t', '--from', 'x'],
    rerun: ['t', '--from', '0', '--to', '1'],
    export: ['s', '--to', 'x'],
    import: ['t', 'x'],
    'watermark set': ['t', '0'],
    status: [],
    verify: [],
    gc: [],
    'table list': [],
    query: ['select 1'],
  };
  const others = ['demo', 'doctor', 'bench', 'table add', 'table validate', 'inspect', 'backfill'];
  for (const name of Object.keys(verbs).filter((verb) => !others.includes(verb))) {
    const argv = [...name.split(' '), ...(words[name] ?? ['t'])];
    const { code, err } = await call(argv, { cwd: root });
    expect(err, name).toMatch(/^segmill: DATA_DIR_UNUSABLE: no data directory at .*segmill-data/);
    expect(code, name).toBe(1);
  }
  const inspected = await call(['inspect', 'x'], { cwd: root });
  expect([inspected.code, inspected.err.split(':')[1]]).toEqual([2, ' SEGMENT_NOT_FOUND']);
  expect(readdirSync(root)).toEqual([]);
});

test('a refused table add leaves no data directory; table validate never makes one', async () => {
  const place = workplace();
  writeFileSync(place.path('bad.json'), '{"tableName":"t","tableType":"OFFLINE"}');
  const bad = await place.segmill(['table', 'add', 'schema.json', place.path('bad.json')]);
  expect([bad.code, bad.out]).toEqual([2, '']);
  expect(bad.err).toMatch(/^segmill: CONFIG_INVALID: /);
  const gone = await place.segmill('table add /nope/schema.json');
  expect([gone.code, gone.err.split(':')[1]]).toEqual([2, ' FILE_NOT_FOUND']);
  const fine = await place.segmill('table validate schema.json realtime.json offline.json');
  expect(fine.code).toBe(0);
  const files = 'table validate schema.json realtime.json offline.json';
  const shown = await place.segmill(files, { terminal: true });
  expect(shown.out).toBe('orders: would be added (schema, REALTIME, OFFLINE)\n');
  const half = await place.segmill('table validate schema.json realtime.json');
  expect([half.code, half.err]).toEqual([
    0,
    expect.stringMatching(/^warning: orders_REALTIME: .*there is no table orders_OFFLINE yet; add/),
  ]);
  expect(existsSync(place.dataDir)).toBe(false);
});

test('errors are one line; JSON only with an explicit --format json; --log-level debug adds the stack', async () => {
  const root = folder();
  const plain = await call(['plan', 't'], { cwd: root });
  expect(plain.err.split('\n').length).toBe(2);
  const json = await call(['plan', 't', '--format', 'json'], { cwd: root });
  expect(JSON.parse(json.err)).toEqual({
    error: {
      code: 'DATA_DIR_UNUSABLE',
      message: expect.stringContaining('no data directory'),
      details: { dataDir: join(root, 'segmill-data') },
      retriable: false,
    },
  });
  expect(JSON.parse((await call(['plna', '--format=json'])).err)).toMatchObject({
    error: { code: 'USAGE' },
  });
  const debug = await call(['plan', 't', '--log-level', 'debug'], { cwd: root });
  expect(debug.err).toContain('\n    at ');
});

test('settings come from flags, else the environment', async () => {
  const place = workplace();
  await place.segmill('table add schema.json realtime.json offline.json');
  const listed = await call(['table', 'list', '--format', 'json'], {
    env: { SEGMILL_DATA_DIR: place.dataDir, SEGMILL_MEMORY: '512MiB' },
  });
  expect(JSON.parse(listed.out)).toMatchObject([{ table: 'orders' }]);
  const wrong = await call(['table', 'list'], {
    env: { SEGMILL_DATA_DIR: '/nope', SEGMILL_MEMORY: 'x' },
  });
  expect(wrong.err).toContain('SEGMILL_MEMORY: ');
  const relative = await call(['table', 'list'], {
    cwd: place.root,
    env: { SEGMILL_DATA_DIR: 'data' },
  });
  expect(relative.code).toBe(0);
});

test.each(['512MiB', '2GiB', '1GB', '100000000', '1.5GiB'])(
  '--memory %s is a size',
  async (size) => {
    const { code, out } = await call(['doctor', '--memory', size, '--format', 'json']);
    expect([0, 1]).toContain(code);
    expect(out).toContain('cap ');
  },
);

test('a negative value is refused by the check of its flag', async () => {
  const place = workplace();
  await place.segmill('table add schema.json realtime.json offline.json');
  const { code, err } = await place.segmill('ingest orders --from orders.ndjson --partition -1');
  expect([code, err]).toEqual([
    2,
    'segmill: USAGE: --partition: found -1, allowed: a whole number from 0\n',
  ]);
});

test('flags may stand before the verb', async () => {
  const place = workplace();
  await place.segmill('table add schema.json realtime.json offline.json');
  const { code, out } = await call(
    ['--data-dir', place.dataDir, '--format', 'ndjson', 'table', 'list'],
    {},
  );
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ table: 'orders' });
});
