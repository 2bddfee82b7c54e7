// Help: every command has it, and every example in it works as it stands on the tables of the recipe.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { inProcess } from '../golden/program.ts';
import { now } from './workspace.ts';

async function help(...words: string[]): Promise<string> {
  const { code, out, err } = await inProcess([...words, '--help']);
  expect([code, err]).toEqual([0, '']);
  return out;
}

/** Names in the first column of `segmill --help`. */
async function commands(): Promise<string[]> {
  const text = await help();
  const block = /Usage: [^\n]*\n\n([\s\S]*?)\n\n/.exec(text)![1]!;
  return block.split('\n').map((line) => line.trim().split(/ {2,}/)[0]!);
}

const names = await commands();

/** Words of a shell line; quotes as the examples use them. */
function words(line: string): string[] {
  return [...line.matchAll(/(["'])(.*?)\1|(\S+)/g)].map(([, , quoted, plain]) => quoted ?? plain!);
}

async function examples(): Promise<{ name: string; line: string }[]> {
  const found: { name: string; line: string }[] = [];
  for (const name of names) {
    const text = await help(...name.split(' '));
    const block = /\nExamples:\n([\s\S]*)$/.exec(text)?.[1] ?? '';
    for (const line of block
      .split('\n')
      .map((each) => each.trim())
      .filter((each) => each.startsWith('segmill ')))
      found.push({ name, line: line.slice('segmill '.length) });
  }
  return found;
}

const shown = await examples();

test('the commands of the contract are there', () => {
  const contract =
    'demo,table add,table validate,table list,table show,table drop,ingest,plan,run,rerun,backfill,status,segments,inspect,export,import,verify,watermark get,watermark set,watermark reset,boundary get,boundary set,boundary reset,rollback,gc,query,doctor';
  expect(names).toEqual(expect.arrayContaining(contract.split(',')));
});

test.each(names)('%s says what it does, its flags and an example', async (name) => {
  const text = await help(...name.split(' '));
  expect(text).toMatch(new RegExp(`^segmill ${name}: \\S`));
  expect(text).toContain(`Usage: segmill ${name}`);
  expect(text).toContain('--data-dir');
  expect(shown.filter((example) => example.name === name)).not.toEqual([]);
});

const root = mkdtempSync(join(tmpdir(), 'segmill-help-'));
const home = process.cwd();
const segment = 'orders_1632463351000_1632467070000_0';

beforeAll(() => prepare(join(root, 'template')));
afterEach(() => process.chdir(home));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function call(argv: readonly string[], stdin = ''): Promise<void> {
  const { code, err } = await inProcess([...argv, '--now', now], { stdin });
  expect([argv, code, code === 0 ? '' : err]).toEqual([argv, 0, '']);
}

/** A folder in which the files that examples name are there, and a table of which one window is moved. */
async function prepare(folder: string): Promise<void> {
  const inputs = join(home, 'test/golden/backfill-recipe/inputs');
  mkdirSync(join(folder, 'in'), { recursive: true });
  process.chdir(folder);
  cpSync(join(inputs, 'orders_schema.json'), 'schema.json');
  cpSync(join(inputs, 'orders_table.json'), 'realtime.json');
  cpSync(join(inputs, 'orders_offline_table.json'), 'offline.json');
  cpSync(join(inputs, 'rows.ndjson'), 'rows.ndjson');
  const order = (id: number): string =>
    `${JSON.stringify({ order_id: id, ts: 1632677270000 + id })}\n`;
  writeFileSync('orders.ndjson', order(20));
  writeFileSync('in/0.ndjson', order(21));
  const values = { inputDir: inputs, outputDir: join(folder, 'out'), segmentName: segment };
  const job = Object.entries({ ...values, pinotController: 'http://localhost:9000' }).reduce(
    (text, [key, value]) => text.replace(`\${${key}}`, value),
    readFileSync(join(inputs, 'job-spec.yml'), 'utf8'),
  );
  writeFileSync('job.yml', job);
  await call(['table', 'add', 'schema.json', 'realtime.json', 'offline.json']);
  await call(['ingest', 'orders', '--from', 'rows.ndjson']);
  await call(['run', 'orders']);
  await call(['export', segment, '--to', 'part.parquet']);
}

/** What an example needs beside that: a saved plan that still holds, a segment that is not there yet. */
async function prepareFor(line: string): Promise<void> {
  if (line.includes('--plan plan.json')) await call(['plan', 'orders', '--out', 'plan.json']);
  if (!line.startsWith('import')) return;
  cpSync('part.parquet', 'orders.parquet');
  await call(['rollback', 'orders', '--execute']);
}

/** Long runs: their examples are only parsed. */
const notRun = new Set(['serve', 'bench', 'tune']);

test.each(shown.map(({ name, line }) => [line, name] as const))(
  'segmill %s',
  async (line, name) => {
    const argv = words(line);
    if (notRun.has(name)) return expect(await help(...argv)).toContain(`Usage: segmill ${name}`);
    const folder = mkdtempSync(join(root, 'example-'));
    cpSync(join(root, 'template'), folder, { recursive: true });
    process.chdir(folder);
    await prepareFor(line);
    await call(argv, `${JSON.stringify({ order_id: 22, ts: 1632677270022 })}\n`);
  },
);
