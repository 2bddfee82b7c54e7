import { expect, test } from 'vitest';
import { addSegment } from '../../src/catalog/changes.ts';
import {
  leaseKey,
  partitionKey,
  partitionOf,
  segmentsOf,
  stateOf,
} from '../../src/catalog/keys.ts';
import { consumingFile, segmentFile, temporaryFolder } from '../../src/catalog/layout.ts';
import { withLease } from '../../src/catalog/lease.ts';
import { openCatalog } from '../../src/catalog/lmdb.ts';
import { recover } from '../../src/catalog/recovery.ts';
import type { Catalog } from '../../src/catalog/types.ts';
import { openLocalStore } from '../../src/store/local.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/types.ts';
import { startChild } from './child-process.ts';
import { moveOneWindow } from './move.ts';
import { consumingAt, dataRoot, memoryCatalog, seed, segment } from './records.ts';

async function put(store: Store, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    const writer = await store.create(path);
    await writer.finish();
  }
}

const live = segment('live');
const old = segment('old');
const consuming = consumingFile('t', 0, 0);

async function seeded(): Promise<{ store: Store; catalog: Catalog }> {
  const [store, catalog] = [new MemoryStore(), memoryCatalog()];
  await seed(catalog, [live]);
  await catalog.write((tx) => {
    const replaced = { segment: old, replacedMs: 0, replacedRealMs: 0, runId: 'w' };
    tx.put('replaced', 't/old/w', replaced);
    tx.put('partitions', partitionKey('t', 0), {
      ...partitionOf(tx, 't', 0),
      consuming: consumingAt({ file: consuming }),
    });
  });
  await put(store, live.file, old.file, consuming, 'logs/a.log', 'segments/foreign/x');
  return { store, catalog };
}

const orphans = [
  consumingFile('t', 3, 1),
  'segments/dropped_REALTIME/y',
  'segments/t_OFFLINE/x',
  'tmp/w9/spill',
];

test('what a record names stays, what nobody names goes', async () => {
  const { store, catalog } = await seeded();
  expect(await recover(store, catalog)).toEqual({ removed: [] });
  await put(store, ...orphans);
  const { removed } = await recover(store, catalog);
  expect([...removed].sort()).toEqual(orphans);
  for (const path of [live.file, old.file, consuming, 'logs/a.log', 'segments/foreign/x']) {
    expect(await store.exists(path), path).toBe(true);
  }
  expect(catalog.read((view) => view.list('leases'))).toEqual([]);
});

test('what a living mover or ingester may be writing stays', async () => {
  const { store, catalog } = await seeded();
  await withLease(catalog, leaseKey('move', 't'), { owner: 'w' }, async () => {
    await put(store, ...orphans);
    expect((await recover(store, catalog)).removed).toEqual([orphans[1], orphans[0]]);
  });
  await put(store, orphans[0]!);
  await withLease(catalog, leaseKey('ingest', 't', 3), { owner: 'i' }, async () => {
    expect((await recover(store, catalog)).removed).toEqual([]);
  });
  await withLease(catalog, 'read/1', { owner: 'q' }, async () => {
    expect((await recover(store, catalog)).removed).toEqual([orphans[2], orphans[3]]);
  });
  expect((await recover(store, catalog)).removed).toEqual([orphans[0]]);
});

test('leases of dead holders go, too', async () => {
  const { store, catalog } = await seeded();
  const dead = { owner: 'q', pid: 1, host: 'gone', machine: null, processStart: null };
  const record = { key: 'read/1', ...dead, takenMs: 0, renewedMs: 0 };
  await catalog.write((tx) => tx.put('leases', 'read/1', record));
  await recover(store, catalog);
  expect(catalog.read((view) => view.list('leases'))).toEqual([]);
});

test('paths of the layout', () => {
  expect(segmentFile('t', 'OFFLINE', 'n', 'w1', 'parquet')).toBe('segments/t_OFFLINE/n.w1.parquet');
  const long = segmentFile('t', 'OFFLINE', 'é'.repeat(300), 'w1', 'parquet');
  expect(Buffer.byteLength(long.split('/')[2]!)).toBeLessThan(255);
  expect(long).not.toBe(segmentFile('t', 'OFFLINE', 'é'.repeat(301), 'w1', 'parquet'));
  expect(consumingFile('t', 12, 3)).toBe('consuming/t/0000000012-3.arrows');
  expect(temporaryFolder('w1')).toBe('tmp/w1');
});

// Every step that a mover takes, until one is named that it does not reach.
test.each([
  ['store.create', 2],
  ['store.write', 2],
  ['store.sync', 2],
  ['store.rename', 2],
  ['store.remove', 1],
  ['catalog.write', 3],
])(
  'a mover killed at any %s leaves the old state or the new one, and recovery the files of that',
  async (seam, steps) => {
    for (let nth = 1; nth <= steps + 1; nth += 1) {
      const root = dataRoot();
      const [store, catalog] = [openLocalStore(root), openCatalog(root)];
      await seed(catalog, []);
      await moveOneWindow(store, catalog, 'w1');
      const child = startChild('move', root, 'w2', `${seam}:${nth}:exit`);
      const { code } = await child.exit;
      expect(code).toBe(nth <= steps ? null : 0);
      await recover(store, catalog);
      const [state, segments] = catalog.read((view) => [stateOf(view, 't'), segmentsOf(view, 't')]);
      expect(segments.length).toBe(state.watermarkMs === 1 ? 2 : 4);
      expect(state.commitNumber).toBe(state.watermarkMs);
      const files = (await store.list('segments')).map(({ path }) => path);
      expect(files).toEqual(segments.map(({ file }) => file));
      expect(await store.list('tmp')).toEqual([]);
      await moveOneWindow(store, catalog, 'w3');
      expect(catalog.read((view) => stateOf(view, 't').watermarkMs)).toBe(state.watermarkMs! + 1);
      await catalog.close();
    }
  },
);

test('a recovery killed at a removal is finished by the next', async () => {
  const root = dataRoot();
  const [store, catalog] = [openLocalStore(root), openCatalog(root)];
  await seed(catalog, []);
  await catalog.write((tx) => addSegment(tx, live));
  await put(store, live.file, ...orphans);
  const child = startChild('recover', root, '', 'store.remove:2:exit');
  expect((await child.exit).signal).toBe('SIGKILL');
  const { removed } = await recover(store, catalog);
  expect(removed.length).toBe(orphans.length - 1);
  expect((await store.list('segments')).map(({ path }) => path)).toEqual([live.file]);
  await catalog.close();
});
