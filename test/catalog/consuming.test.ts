import { expect, test } from 'vitest';
import { dropConsuming, saveConsuming, sealConsuming } from '../../src/catalog/consuming.ts';
import type { ConsumingProgress, Seal } from '../../src/catalog/consuming.ts';
import { partitionOf, segmentsOf } from '../../src/catalog/keys.ts';
import type { Catalog } from '../../src/catalog/types.ts';
import { consumingAt, memoryCatalog, seed, segment, sourceAt } from './records.ts';

async function seeded(): Promise<Catalog> {
  const catalog = memoryCatalog();
  await seed(catalog, []);
  return catalog;
}

function progress(end: number, change: Partial<ConsumingProgress> = {}): ConsumingProgress {
  return {
    table: 't',
    partition: 0,
    consuming: consumingAt({
      byteLength: end,
      rowCount: end / 10,
      ranges: [{ source: 's', start: 0, end }],
    }),
    sources: [sourceAt(end)],
    readToEndMs: null,
    rejectedRows: 1,
    ignoredFields: 2,
    rejectBytes: 3,
    ...change,
  };
}

function seal(sequence: number, start: number, end: number): Seal {
  return {
    segment: segment(sequence === 0 ? 't__0__0__x' : `t__0__${sequence}__x`, {
      type: 'REALTIME',
      partition: 0,
      sequence,
      ranges: [{ source: 's', start, end }],
    }),
    sources: [sourceAt(end)],
    readToEndMs: null,
    rejectedRows: 1,
    ignoredFields: 2,
    rejectBytes: 3,
  };
}

const conflict = { code: 'POSITION_CONFLICT' };

test('rows, positions and the read-to-end moment are saved together, and only grow', async () => {
  const catalog = await seeded();
  await catalog.write((tx) => saveConsuming(tx, progress(50, { readToEndMs: 9 })));
  await catalog.write((tx) => saveConsuming(tx, progress(80)));
  expect(catalog.read((view) => partitionOf(view, 't', 0))).toMatchObject({
    nextSequence: 0,
    consuming: { byteLength: 80, rowCount: 8 },
    sources: [{ position: 80 }],
    sealedSources: [],
    readToEndMs: 9,
    rejectedRows: 1,
  });
  for (const wrong of [
    progress(70),
    progress(90, { sources: [] }),
    progress(90, { consuming: null }),
    progress(90, { consuming: consumingAt({ file: 'other', byteLength: 90, rowCount: 9 }) }),
    progress(90, { sources: [sourceAt(95)] }),
    progress(90, { consuming: consumingAt({ sequence: 1, byteLength: 90, rowCount: 9 }) }),
  ]) {
    const write = catalog.write((tx) => saveConsuming(tx, wrong));
    await expect(write).rejects.toMatchObject(conflict);
  }
});

test('positions move over rejected rows without a CONSUMING file', async () => {
  const catalog = await seeded();
  await catalog.write((tx) => saveConsuming(tx, progress(30, { consuming: null })));
  await catalog.write((tx) => saveConsuming(tx, progress(50)));
  expect(catalog.read((view) => partitionOf(view, 't', 0).consuming?.rowCount)).toBe(5);
});

test('a seal swaps the CONSUMING rows for the segment, and the next goes on from its end', async () => {
  const catalog = await seeded();
  await catalog.write((tx) => saveConsuming(tx, progress(50)));
  await catalog.write((tx) => sealConsuming(tx, seal(0, 0, 50)));
  expect(catalog.read((view) => partitionOf(view, 't', 0))).toMatchObject({
    nextSequence: 1,
    consuming: null,
    sealedSources: [{ position: 50 }],
  });
  for (const wrong of [seal(0, 50, 60), seal(2, 50, 60), seal(1, 40, 60), seal(1, 51, 60)]) {
    const write = catalog.write((tx) => sealConsuming(tx, wrong));
    await expect(write).rejects.toMatchObject(conflict);
  }
  await catalog.write((tx) => sealConsuming(tx, seal(1, 50, 60)));
  expect(catalog.read((view) => segmentsOf(view, 't', 'REALTIME').length)).toBe(2);
});

test('a seal under another name than the CONSUMING segment is refused', async () => {
  const catalog = await seeded();
  await catalog.write((tx) => saveConsuming(tx, progress(50)));
  const wrong = seal(0, 0, 50);
  const other = { ...wrong, segment: { ...wrong.segment, name: 'other' } };
  const write = catalog.write((tx) => sealConsuming(tx, other));
  await expect(write).rejects.toMatchObject(conflict);
});

test('a lost file sends the sources back to the last sealed end with their reject counts, and clears the read-to-end moment', async () => {
  const catalog = await seeded();
  await catalog.write((tx) => sealConsuming(tx, seal(0, 0, 50)));
  const next = consumingAt({
    name: 'n1',
    sequence: 1,
    ranges: [{ source: 's', start: 50, end: 70 }],
  });
  const more = progress(70, { consuming: next, readToEndMs: 9, rejectedRows: 7, rejectBytes: 9 });
  await catalog.write((tx) => saveConsuming(tx, more));
  const other = catalog.write((tx) => dropConsuming(tx, 't', 0, 'other'));
  await expect(other).rejects.toMatchObject(conflict);
  await catalog.write((tx) => dropConsuming(tx, 't', 0, 'n1'));
  expect(catalog.read((view) => partitionOf(view, 't', 0))).toMatchObject({
    consuming: null,
    sources: [{ position: 50 }],
    readToEndMs: null,
    nextSequence: 1,
    rejectedRows: 1,
    rejectBytes: 3,
  });
});
