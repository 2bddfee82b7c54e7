// Data directories that are not there, not ours, of another version or damaged; and two engines on one.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withLease } from '../../src/catalog/lease.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { openContext } from '../../src/engine/open.ts';
import { faultPlan } from '../../src/store/fault.ts';
import { d0, deskAt, openDesk, row } from './desk.ts';

function scratch(): string {
  const root = mkdtempSync(join(tmpdir(), 'segmill-open-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

test('without leave to create, neither a missing nor an empty folder becomes a data directory', async () => {
  const root = scratch();
  for (const name of ['missing', 'empty']) {
    const dataDir = join(root, name);
    if (name === 'empty') mkdirSync(dataDir);
    await expect(openEngine({ dataDir, create: false })).rejects.toMatchObject({
      code: 'DATA_DIR_UNUSABLE',
    });
  }
  expect(readdirSync(root)).toEqual(['empty']);
  expect(readdirSync(join(root, 'empty'))).toEqual([]);
});

test('a folder of something else, and a file, are refused and stay as they are', async () => {
  const root = scratch();
  writeFileSync(join(root, 'precious.txt'), 'x');
  await expect(openEngine({ dataDir: root })).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
  expect(readdirSync(root)).toEqual(['precious.txt']);
  const file = join(root, 'precious.txt');
  await expect(openEngine({ dataDir: file })).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
  await expect(openEngine({ dataDir: join(file, 'below') })).rejects.toMatchObject({
    code: 'DATA_DIR_UNUSABLE',
  });
});

test('DATA_DIR_VERSION a directory of a newer version is refused', async () => {
  const dataDir = join(scratch(), 'data');
  const { context, close } = await openContext({ dataDir });
  await context.catalog.write((transaction) => transaction.put('meta', 'version', { value: '99' }));
  await close();
  await expect(openEngine({ dataDir })).rejects.toMatchObject({
    code: 'DATA_DIR_VERSION',
    details: { found: '99' },
  });
});

test('CATALOG_CORRUPT a catalog that was overwritten is named', async () => {
  const dataDir = join(scratch(), 'data');
  await (await openEngine({ dataDir })).close();
  writeFileSync(join(dataDir, 'catalog', 'data.mdb'), 'this is no catalog, and not a short one');
  await expect(openEngine({ dataDir })).rejects.toMatchObject({ code: 'CATALOG_CORRUPT' });
});

test('what a crash left behind is removed at open, and said in the log', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  await desk.close();
  const orphans = ['tmp/r1/spill', 'segments/t_OFFLINE/x.r1.parquet', 'rejects/t/run-r1.ndjson'];
  for (const path of orphans) {
    mkdirSync(join(desk.dataDir, path, '..'), { recursive: true });
    writeFileSync(join(desk.dataDir, path), 'x');
  }
  const events: string[] = [];
  await desk.reopen({ log: ({ event }) => events.push(event) });
  expect(events).toEqual(['recovered']);
  for (const path of orphans) expect(existsSync(join(desk.dataDir, path)), path).toBe(false);
  expect(desk.engine.segments('t').length).toBe(1);
});

test('RUNNING_ELSEWHERE one mover at a time: run is held, what changes more is refused', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  const other = await openContext({ dataDir: desk.dataDir });
  await withLease(other.context.catalog, 'move/t', { owner: 'other' }, async () => {
    expect((await desk.engine.plan('t')).held).toMatchObject([{ reason: 'RUNNING_ELSEWHERE' }]);
    const { windows, held } = await desk.run();
    expect([windows, held.map(({ reason }) => reason)]).toEqual([[], ['RUNNING_ELSEWHERE']]);
    const refused = { code: 'RUNNING_ELSEWHERE' };
    await expect(desk.engine.setWatermark('t', d0)).rejects.toMatchObject(refused);
    await expect(desk.engine.gc('t', { execute: true })).rejects.toMatchObject(refused);
    expect((await desk.engine.status('t')).mover).toMatchObject({ pid: process.pid });
  });
  await other.close();
  expect((await desk.run()).windows.length).toBe(1);
});

test('two engines on one directory see one state', async () => {
  const desk = await openDesk();
  const second = await deskAt(desk.root);
  await desk.ingest([row('a', 1, d0)]);
  expect((await second.run()).windows).toMatchObject([{ state: 'COMMITTED' }]);
  expect(await desk.offlineRows()).toEqual(['a 1 0']);
  expect((await desk.run()).held).toMatchObject([{ reason: 'BUFFER' }]);
});

test('a failed clean-up behind a commit changes no answer; the next opening finishes it', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0)]);
  const events: string[] = [];
  await desk.reopen({ log: ({ event }) => events.push(event) }, faultPlan('store.remove', 2));
  const { windows } = await desk.run();
  expect(windows).toMatchObject([{ state: 'COMMITTED' }]);
  expect(events).toEqual(['left behind']);
});
