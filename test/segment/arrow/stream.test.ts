import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSegmillError } from '../../../src/errors.ts';
import { createConsumingEncoder, decodeConsuming } from '../../../src/segment/arrow/stream.ts';
import type { Cell } from '../../../src/config/cell.ts';
import { batchOf, everyField, field, rowsArbitrary, rowsOf } from '../../columns/fields.ts';

const appends = fc.array(fc.tuple(rowsArbitrary(everyField, 8), fc.boolean()), { maxLength: 6 });

test('what was appended is read back, also by a writer that was started anew in between', () => {
  fc.assert(
    fc.property(appends, fc.boolean(), (list, nullHandling) => {
      let encoder = createConsumingEncoder(everyField, { nullHandling });
      const chunks = [encoder.header()];
      const rows: Cell[][] = [];
      for (const [appended, restarted] of list) {
        if (restarted) encoder = createConsumingEncoder(everyField, { nullHandling });
        const batch = batchOf(everyField, appended, { nullHandling, sortDictionaries: restarted });
        chunks.push(encoder.encodeBatch(batch));
        rows.push(...rowsOf(batch));
        const got = decodeConsuming(Buffer.concat(chunks), 'consuming');
        expect(rowsOf(got)).toEqual(rows);
        expect(got.columns.map((c) => c.name)).toEqual(everyField.map((f) => f.name));
      }
    }),
    { numRuns: 20 },
  );
});

const fields = [field('s', 'STRING'), field('n', 'INT')];

function stream(): Uint8Array[] {
  const encoder = createConsumingEncoder(fields, { nullHandling: true });
  return [
    encoder.header(),
    encoder.encodeBatch(
      batchOf(fields, [
        ['a', 1],
        ['b', null],
      ]),
    ),
    encoder.encodeBatch(batchOf(fields, [['b', 3]])),
    encoder.encodeBatch(
      batchOf(fields, [
        [null, 4],
        ['c', 5],
      ]),
    ),
  ];
}

test('values that the stream has already are not written again', () => {
  const [, first, second] = stream();
  expect(second!.length).toBeLessThan(first!.length / 1.5);
});

test('another Arrow reader opens every prefix that ends with an append', () => {
  const chunks = stream();
  const seen = chunks.slice(1).map((_, i) => {
    const table = tableFromIPC(Buffer.concat(chunks.slice(0, i + 2)));
    return table.toArray().map((row) => Object.values(row!.toJSON() as object));
  });
  const rows = [
    ['a', 1],
    ['b', null],
    ['b', 3],
    [null, 4],
    ['c', 5],
  ];
  expect(seen).toEqual([rows.slice(0, 2), rows.slice(0, 3), rows]);
});

test('a stream cut inside an append, or with a flipped bit, is never another error', () => {
  const bytes = Buffer.concat(stream());
  const ends = new Set<number>();
  let end = 0;
  for (const chunk of stream()) ends.add((end += chunk.length));
  for (let length = 0; length < bytes.length; length++) {
    const code = codeOf(() => decodeConsuming(bytes.subarray(0, length), 'consuming'));
    if (ends.has(length)) expect(code).toBeNull();
    else if (code !== null) expect(code).toBe('SEGMENT_CORRUPT');
  }
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >>> 3]! ^= 1 << (bit & 7);
    expect(codeOf(() => decodeConsuming(flipped, 'consuming'))).toBeOneOf([
      null,
      'SEGMENT_CORRUPT',
      'UNSUPPORTED',
    ]);
  }
});

function codeOf(run: () => void): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (!isSegmillError(error)) throw error;
    return error.code;
  }
}
