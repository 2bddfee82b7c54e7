import { expect, test } from 'vitest';
import {
  addSegment,
  commitWindow,
  recordFailedRun,
  replaceSegments,
  resetBoundary,
  setBoundary,
  setWatermark,
} from '../../src/catalog/changes.ts';
import { findSegment, replacedOf, runsOf, segmentsOf, stateOf } from '../../src/catalog/keys.ts';
import type { Catalog } from '../../src/catalog/types.ts';
import {
  finishedRun,
  hourMs,
  inputOf,
  memoryCatalog,
  output,
  seed,
  segment,
  windowCommit,
} from './records.ts';

const realtime = segment('r', { type: 'REALTIME' });

async function seeded(segments = [realtime]): Promise<Catalog> {
  const catalog = memoryCatalog();
  await seed(catalog, segments);
  return catalog;
}

const names = (catalog: Catalog): string[] =>
  catalog.read((view) => segmentsOf(view, 't').map(({ name }) => name));

test('A-7 a live name is taken for its table and type, and free for the other type', async () => {
  const catalog = await seeded();
  const again = catalog.write((tx) => addSegment(tx, segment('r', { type: 'REALTIME', crc: 8 })));
  await expect(again).rejects.toMatchObject({ code: 'SEGMENT_NAME_TAKEN' });
  await catalog.write((tx) => addSegment(tx, segment('r', { crc: 8 })));
  const found = catalog.read((view) => [
    findSegment(view, 't', 'r')?.crc,
    findSegment(view, 't', 'r', 'OFFLINE')?.crc,
    findSegment(view, 't', 'none'),
  ]);
  expect(found).toEqual([7, 8, undefined]);
});

test('a segment of an unknown table is refused', async () => {
  const write = memoryCatalog().write((tx) => addSegment(tx, segment('a')));
  await expect(write).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' });
});

test('a replacement may keep the name but not the file, and the old one stays as replaced', async () => {
  const catalog = await seeded([segment('o')]);
  const change = {
    table: 't',
    type: 'OFFLINE',
    remove: ['o'],
    runId: 'w2',
    nowMs: 5,
    realNowMs: 6,
  } as const;
  const inPlace = catalog.write((tx) => replaceSegments(tx, { ...change, add: [segment('o')] }));
  await expect(inPlace).rejects.toThrow(/in place/);
  await catalog.write((tx) => replaceSegments(tx, { ...change, add: [output('o', 'w2')] }));
  expect(catalog.read((view) => findSegment(view, 't', 'o')!.file)).toMatch(/w2/);
  expect(catalog.read((view) => replacedOf(view, 't'))).toEqual([
    { segment: segment('o'), replacedMs: 5, replacedRealMs: 6, runId: 'w2' },
  ]);
  const gone = catalog.write((tx) => replaceSegments(tx, { ...change, remove: ['x'], add: [] }));
  await expect(gone).rejects.toMatchObject({ code: 'PLAN_STALE' });
});

test('A-2 A-4 A-6 a commit shows segments, watermark, boundary and run together', async () => {
  const catalog = await seeded();
  const run = finishedRun('w1', { inputs: [inputOf(realtime)] });
  const record = await catalog.write((tx) =>
    commitWindow(tx, windowCommit(run, { add: [output('o', 'w1')] })),
  );
  expect(record).toMatchObject({
    state: 'COMMITTED',
    outputs: ['o'],
    commitNumber: 1,
    watermarkBefore: 0,
    watermarkAfter: hourMs,
    watermarkOriginBefore: 'cold',
    boundaryBefore: null,
    boundaryAfter: { ms: hourMs - 1, mode: 'exact' },
  });
  expect(catalog.read((view) => runsOf(view, 't'))).toEqual([record]);
  expect(catalog.read((view) => stateOf(view, 't'))).toMatchObject({
    watermarkMs: hourMs,
    watermarkOrigin: 'commit',
    boundary: { ms: hourMs - 1 },
    commitNumber: 1,
  });
  expect(names(catalog)).toEqual(['o', 'r']);
});

test('a window without output is EMPTY and moves the watermark', async () => {
  const catalog = await seeded();
  const record = await catalog.write((tx) =>
    commitWindow(tx, windowCommit(finishedRun('w1'), { boundary: null })),
  );
  expect(record).toMatchObject({ state: 'EMPTY', watermarkAfter: hourMs, boundaryAfter: null });
});

test.each([
  ['rows are missing', { read: 11 }],
  ['outputs hold other rows', { read: 9, written: 9 }],
  ['inputs gave other rows', { read: 12, filtered: 2 }],
])('a ledger is refused when %s, and nothing changes', async (_, change) => {
  const catalog = await seeded();
  const run = finishedRun('w1', { inputs: [inputOf(realtime)] });
  const wrong = { ...run, ledger: { ...run.ledger!, ...change } };
  const write = catalog.write((tx) =>
    commitWindow(tx, windowCommit(wrong, { add: [output('o', 'w1')] })),
  );
  await expect(write).rejects.toMatchObject({ code: 'LEDGER_UNBALANCED' });
  expect(names(catalog)).toEqual(['r']);
  expect(catalog.read((view) => stateOf(view, 't').watermarkMs)).toBe(0);
});

test('a ledger balances over all its parts', async () => {
  const catalog = await seeded();
  const run = finishedRun('w1', {
    inputs: [inputOf(realtime, 9)],
    ledger: { read: 10, outsideWindow: 1, filtered: 2, rejected: 1, mergedAway: 3, written: 3 },
  });
  const add = [output('a', 'w1', { rowCount: 2 }), output('b', 'w1', { rowCount: 1 })];
  const record = await catalog.write((tx) => commitWindow(tx, windowCommit(run, { add })));
  expect(record.outputs).toEqual(['a', 'b']);
});

test('a plan on another watermark, or on inputs that changed, is stale', async () => {
  const catalog = await seeded();
  const run = finishedRun('w1', { inputs: [inputOf(realtime)] });
  const add = [output('o', 'w1')];
  const stale = { code: 'PLAN_STALE' };
  const other = windowCommit(run, { add, expectedWatermark: 5 });
  await expect(catalog.write((tx) => commitWindow(tx, other))).rejects.toMatchObject(stale);
  const changed = { ...run, inputs: [{ ...inputOf(realtime), crc: 1 }] };
  const onChanged = catalog.write((tx) => commitWindow(tx, windowCommit(changed, { add })));
  await expect(onChanged).rejects.toMatchObject(stale);
  const unknown = windowCommit(run, { add, supersededRuns: ['none'] });
  await expect(catalog.write((tx) => commitWindow(tx, unknown))).rejects.toMatchObject(stale);
});

test('a rerun leaves the watermark, supersedes the run and replaces its segments', async () => {
  const catalog = await seeded();
  const run = finishedRun('w1', { inputs: [inputOf(realtime)] });
  await catalog.write((tx) => commitWindow(tx, windowCommit(run, { add: [output('o', 'w1')] })));
  const again = finishedRun('w2', { kind: 'rerun', inputs: [inputOf(realtime)] });
  const record = await catalog.write((tx) =>
    commitWindow(
      tx,
      windowCommit(again, {
        add: [output('o', 'w2')],
        removeNames: ['o'],
        watermarkMs: null,
        boundary: null,
        supersededRuns: ['w1'],
      }),
    ),
  );
  expect(record).toMatchObject({ commitNumber: 2, watermarkAfter: hourMs, replaced: ['o'] });
  const states = catalog.read((view) => runsOf(view, 't').map(({ state }) => state));
  expect(states).toEqual(['SUPERSEDED', 'COMMITTED']);
});

test('an exact boundary never moves back by a commit', async () => {
  const catalog = await seeded();
  const first = windowCommit(finishedRun('w1'), { boundary: { ms: 9, mode: 'exact' } });
  await catalog.write((tx) => commitWindow(tx, first));
  const next = { watermarkMs: 2 * hourMs, expectedWatermark: hourMs };
  const second = windowCommit(finishedRun('w2'), { ...next, boundary: { ms: 8, mode: 'exact' } });
  const record = await catalog.write((tx) => commitWindow(tx, second));
  expect(record.boundaryAfter).toEqual({ ms: 9, mode: 'exact' });
});

test('A-8 a failed run leaves its record, the state unmoved, and may be tried again', async () => {
  const catalog = await seeded();
  const error = { code: 'SUM_OVERFLOW', message: 'm', details: {} };
  const run = finishedRun('w1', { ledger: null });
  await catalog.write((tx) => recordFailedRun(tx, run, error));
  expect(catalog.read((view) => runsOf(view, 't'))).toMatchObject([{ state: 'FAILED', error }]);
  await catalog.write((tx) => commitWindow(tx, windowCommit(finishedRun('w1'))));
  const twice = windowCommit(finishedRun('w1'), { expectedWatermark: hourMs });
  await expect(catalog.write((tx) => commitWindow(tx, twice))).rejects.toThrow(/recorded already/);
});

test('A-3 B-7 B-8 watermark and boundary are set and taken away by hand', async () => {
  const catalog = await seeded();
  await catalog.write((tx) => setWatermark(tx, 't', 42, 'set'));
  await catalog.write((tx) => setBoundary(tx, 't', 41));
  expect(catalog.read((view) => stateOf(view, 't'))).toMatchObject({
    watermarkMs: 42,
    watermarkOrigin: 'set',
    boundarySet: { ms: 41, mode: 'set' },
  });
  await catalog.write((tx) => setWatermark(tx, 't', null, 'set'));
  await catalog.write((tx) => resetBoundary(tx, 't'));
  expect(catalog.read((view) => stateOf(view, 't'))).toMatchObject({
    watermarkMs: null,
    watermarkOrigin: null,
    boundarySet: null,
  });
  const unknown = catalog.write((tx) => setBoundary(tx, 'none', 1));
  await expect(unknown).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' });
});
