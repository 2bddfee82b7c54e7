import { expect, test } from 'vitest';
import { commitWindow, setWatermark } from '../../src/catalog/changes.ts';
import {
  replacedKey,
  replacedOf,
  runsOf,
  segmentKey,
  segmentsOf,
  stateOf,
} from '../../src/catalog/keys.ts';
import { rollbackRun } from '../../src/catalog/rollback.ts';
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

/** One committed window `w1` with output `o`. */
async function oneWindow(): Promise<Catalog> {
  const catalog = memoryCatalog();
  await seed(catalog, [realtime]);
  const run = finishedRun('w1', { inputs: [inputOf(realtime)] });
  await catalog.write((tx) => commitWindow(tx, windowCommit(run, { add: [output('o', 'w1')] })));
  return catalog;
}

async function rerun(catalog: Catalog, name = 'o'): Promise<void> {
  const again = finishedRun('w2', { kind: 'rerun', inputs: [inputOf(realtime)] });
  const change = { watermarkMs: null, boundary: null, supersededRuns: ['w1'], removeNames: ['o'] };
  await catalog.write((tx) =>
    commitWindow(tx, windowCommit(again, { ...change, add: [output(name, 'w2')] })),
  );
}

async function nextWindow(catalog: Catalog, runId: string): Promise<void> {
  const change = { watermarkMs: 2 * hourMs, expectedWatermark: hourMs };
  await catalog.write((tx) => commitWindow(tx, windowCommit(finishedRun(runId), change)));
}

const rollback = (catalog: Catalog, runId: string): Promise<unknown> =>
  catalog.write((tx) => rollbackRun(tx, { table: 't', runId, nowMs: 300, realNowMs: 400 }));

const offline = (catalog: Catalog): string[] =>
  catalog.read((view) => segmentsOf(view, 't', 'OFFLINE').map(({ file }) => file));

const refusal = (reason: RegExp): object => ({
  code: 'ROLLBACK_REFUSED',
  message: expect.stringMatching(reason) as string,
});

test('a run that moved the watermark puts watermark, its origin and boundary back', async () => {
  const catalog = await oneWindow();
  await rollback(catalog, 'w1');
  expect(offline(catalog)).toEqual([]);
  expect(catalog.read((view) => stateOf(view, 't'))).toMatchObject({
    watermarkMs: 0,
    watermarkOrigin: 'cold',
    boundary: null,
    commitNumber: 1,
  });
  expect(catalog.read((view) => runsOf(view, 't')[0]!.state)).toBe('ROLLED_BACK');
  expect(catalog.read((view) => replacedOf(view, 't'))).toMatchObject([
    { segment: { name: 'o' }, runId: 'w1', replacedMs: 300, replacedRealMs: 400 },
  ]);
  await expect(rollback(catalog, 'w1')).rejects.toMatchObject(refusal(/ROLLED_BACK/));
  const run = finishedRun('w3', { inputs: [inputOf(realtime)] });
  await catalog.write((tx) => commitWindow(tx, windowCommit(run, { add: [output('o', 'w3')] })));
  expect(offline(catalog)).toEqual(['segments/t_OFFLINE/o.w3.parquet']);
});

test('it is refused once a later window is committed, until that one is rolled back', async () => {
  const catalog = await oneWindow();
  await nextWindow(catalog, 'w2');
  await expect(rollback(catalog, 'w1')).rejects.toMatchObject(refusal(/w2 committed a later/));
  await rollback(catalog, 'w2');
  await rollback(catalog, 'w1');
  expect(catalog.read((view) => stateOf(view, 't').watermarkMs)).toBe(0);
});

test('it is refused when an input is gone, or the watermark was set since', async () => {
  const gone = await oneWindow();
  await gone.write((tx) => tx.remove('segments', segmentKey('t', 'REALTIME', 'r')));
  await expect(rollback(gone, 'w1')).rejects.toMatchObject(refusal(/input segment r is gone/));
  const set = await oneWindow();
  await set.write((tx) => setWatermark(tx, 't', 5, 'set'));
  await expect(rollback(set, 'w1')).rejects.toMatchObject(refusal(/was set to 5/));
});

test.each(['o', 'other'])(
  'a rerun whose output is named %s swaps the segments back',
  async (name) => {
    const catalog = await oneWindow();
    await rerun(catalog, name);
    await nextWindow(catalog, 'w3');
    await rollback(catalog, 'w2');
    expect(offline(catalog)).toEqual(['segments/t_OFFLINE/o.w1.parquet']);
    const states = catalog.read((view) => runsOf(view, 't').map(({ state }) => state));
    expect(states).toEqual(['COMMITTED', 'ROLLED_BACK', 'EMPTY']);
    expect(catalog.read((view) => stateOf(view, 't').watermarkMs)).toBe(2 * hourMs);
    expect(catalog.read((view) => replacedOf(view, 't').map((r) => r.segment.file))).toEqual([
      `segments/t_OFFLINE/${name}.w2.parquet`,
    ]);
  },
);

test('a rerun is refused when a later commit touched its segments or took a freed name', async () => {
  const touched = await oneWindow();
  await rerun(touched);
  const third = finishedRun('w3', { kind: 'rerun', inputs: [inputOf(realtime)] });
  const change = { watermarkMs: null, boundary: null, removeNames: ['o'] };
  await touched.write((tx) =>
    commitWindow(tx, windowCommit(third, { ...change, add: [output('p', 'w3')] })),
  );
  await expect(rollback(touched, 'w2')).rejects.toMatchObject(refusal(/replaced by run w3/));
  const taken = await oneWindow();
  await rerun(taken, 'other');
  const backfill = finishedRun('w3', { kind: 'backfill', ledger: null });
  await taken.write((tx) =>
    commitWindow(
      tx,
      windowCommit(backfill, { watermarkMs: null, boundary: null, add: [output('o', 'w3')] }),
    ),
  );
  await expect(rollback(taken, 'w2')).rejects.toMatchObject(refusal(/name o.*taken/));
});

test('it is refused when gc removed what comes back, when the run failed to be, or is superseded', async () => {
  const catalog = await oneWindow();
  await rerun(catalog);
  await expect(rollback(catalog, 'none')).rejects.toMatchObject(refusal(/no such run/));
  await expect(rollback(catalog, 'w1')).rejects.toMatchObject(refusal(/SUPERSEDED/));
  await catalog.write((tx) => tx.remove('replaced', replacedKey('t', 'o', 'w2')));
  await expect(rollback(catalog, 'w2')).rejects.toMatchObject(refusal(/removed by gc/));
});
