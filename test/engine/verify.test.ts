// `verify` finds what is wrong, and only that: each finding is provoked.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runKey, segmentKey } from '../../src/catalog/keys.ts';
import type { CatalogTransaction } from '../../src/catalog/types.ts';
import { openContext } from '../../src/engine/open.ts';
import { d0, dayMs, openDesk, row } from './desk.ts';
import type { Desk } from './desk.ts';

async function moved(): Promise<Desk> {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + dayMs)]);
  await desk.run({ windows: 'all' });
  expect((await desk.engine.verify()).findings).toEqual([]);
  return desk;
}

async function tamper(
  desk: Desk,
  change: (transaction: CatalogTransaction) => void,
): Promise<void> {
  const { context, close } = await openContext({ dataDir: desk.dataDir });
  await context.catalog.write(change);
  await close();
}

async function checksOf(desk: Desk): Promise<string[]> {
  return (await desk.engine.verify()).findings.map(({ check }) => check);
}

function fileOf(desk: Desk, side: string): string {
  const [file] = desk.files().filter((path) => path.startsWith(`segments/t_${side}/`));
  return join(desk.dataDir, file!);
}

test('all well: what was looked at is counted', async () => {
  const desk = await moved();
  const report = await desk.engine.verify('t');
  expect(report).toMatchObject({ tables: ['t'], segments: 3, runs: 2, findings: [] });
  expect(report.bytes).toBe(desk.engine.segments('t').reduce((sum, { bytes }) => sum + bytes, 0));
  await expect(desk.engine.verify('nope')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' });
});

test.each(['REALTIME', 'OFFLINE'])('FILE_MISSING a %s segment without its file', async (side) => {
  const desk = await moved();
  rmSync(fileOf(desk, side));
  const { findings } = await desk.engine.verify();
  expect(findings).toMatchObject([{ table: 't', check: 'FILE_MISSING' }]);
});

test.each(['flipped', 'longer', 'shorter'])('CHECKSUM a file that is %s', async (how) => {
  const desk = await moved();
  const file = fileOf(desk, 'OFFLINE');
  const bytes = readFileSync(file);
  if (how === 'longer') appendFileSync(file, 'x');
  else {
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, how === 'flipped' ? bytes : bytes.subarray(1));
  }
  expect(await checksOf(desk)).toEqual(['CHECKSUM']);
});

test('CHECKSUM, FILE_MISSING of CONSUMING rows', async () => {
  const desk = await moved();
  await desk.ingest([row('c', 1, d0 + 3 * dayMs)], { seal: false });
  const [file] = desk.files().filter((path) => path.startsWith('consuming/'));
  const path = join(desk.dataDir, file!);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
  expect(await checksOf(desk)).toEqual(['CHECKSUM']);
  writeFileSync(path, bytes.subarray(8));
  expect(await checksOf(desk)).toEqual(['FILE_MISSING']);
});

test('ROW_COUNT a record that counts other rows than its file', async () => {
  const desk = await moved();
  await tamper(desk, (transaction) => {
    const [segment] = transaction.list('segments', 't/OFFLINE/');
    const key = segmentKey('t', 'OFFLINE', segment!.name);
    transaction.put('segments', key, { ...segment!, rowCount: 7 });
  });
  expect(await checksOf(desk)).toEqual(['ROW_COUNT']);
});

test('LEDGER a run whose rows do not add up', async () => {
  const desk = await moved();
  await tamper(desk, (transaction) => {
    const [run] = transaction.list('runs', 't/');
    const ledger = { ...run!.ledger!, read: 99 };
    transaction.put('runs', runKey('t', run!.commitNumber, run!.runId), { ...run!, ledger });
  });
  expect(await checksOf(desk)).toEqual(['LEDGER']);
});

test('HOLE, OWNER a segment that is gone, one that nobody made', async () => {
  const desk = await moved();
  await tamper(desk, (transaction) => {
    const [segment] = transaction.list('segments', 't/OFFLINE/');
    transaction.remove('segments', segmentKey('t', 'OFFLINE', segment!.name));
    const origin = { kind: 'backfill', runId: 'nobody' } as const;
    const key = segmentKey('t', 'OFFLINE', 'stray');
    transaction.put('segments', key, { ...segment!, name: 'stray', origin });
  });
  expect((await checksOf(desk)).toSorted()).toEqual(['HOLE', 'OWNER']);
});

test('OVERLAP two windows in force over the same time', async () => {
  const desk = await moved();
  await tamper(desk, (transaction) => {
    const run = transaction.list('runs', 't/')[1]!;
    const shifted = { ...run, windowStartMs: run.windowStartMs! - 1 };
    transaction.put('runs', runKey('t', run.commitNumber, run.runId), shifted);
  });
  expect(await checksOf(desk)).toEqual(['OVERLAP']);
});

test('POSITIONS two segments that took the same rows of a source', async () => {
  const desk = await moved();
  await desk.ingest([row('c', 1, d0 + 5 * dayMs)]);
  await tamper(desk, (transaction) => {
    const segment = transaction.list('segments', 't/REALTIME/')[1]!;
    const ranges = segment.ranges.map((range) => ({ ...range, start: range.start - 1 }));
    transaction.put('segments', segmentKey('t', 'REALTIME', segment.name), { ...segment, ranges });
  });
  expect(await checksOf(desk)).toEqual(['POSITIONS']);
});
