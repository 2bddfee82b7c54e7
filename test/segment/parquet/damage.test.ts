// Damaged files: the right rows or SEGMENT_CORRUPT, never wrong rows, another error or a hang.
import { tableFromIPC, tableToIPC } from 'apache-arrow';
import { Table, WriterPropertiesBuilder, WriterVersion, writeParquet } from 'parquet-wasm/node';
import { expect, test } from 'vitest';
import type { Cell } from '../../../src/config/cell.ts';
import type { Compression } from '../../../src/config/types.ts';
import { SegmillError, isSegmillError } from '../../../src/errors.ts';
import { arrowCodec } from '../../../src/segment/arrow/codec.ts';
import { parquetCodec } from '../../../src/segment/parquet/codec.ts';
import { batchOf, field, rowsOf } from '../../columns/fields.ts';
import { encodeFile, optionsFor } from './files.ts';

const fields = [
  field('s', 'STRING'),
  field('u', 'STRING'),
  field('n', 'LONG'),
  field('d', 'DOUBLE'),
  field('b', 'BOOLEAN'),
  field('m', 'INT', true),
];
const rows: Cell[][] = Array.from({ length: 24 }, (_, i) => [
  i % 9 === 4 ? null : `v${i % 3}`,
  `unique ${i * i}`,
  BigInt(i * i),
  i / 8,
  i % 2 === 0,
  i % 7 === 2 ? null : Array.from({ length: i % 3 }, (__, k) => i + k),
]);

function small(compression: Compression): Uint8Array {
  return encodeFile([batchOf(fields, rows)], { ...optionsFor(fields), compression });
}

/** Null: SEGMENT_CORRUPT with the file named. */
function outcome(bytes: Uint8Array): Cell[][] | null {
  try {
    return rowsOf(parquetCodec.decode(bytes, 'the-file').batch);
  } catch (error) {
    if (!isSegmillError(error, 'SEGMENT_CORRUPT')) throw error;
    expect(error.message).toContain('the-file');
    return null;
  }
}

test('a file cut off at any byte is corrupt', () => {
  const bytes = small('snappy');
  for (let length = 0; length < bytes.length; length++) {
    expect(outcome(bytes.subarray(0, length)), `${length} bytes`).toBe(null);
  }
});

test.each<Compression>(['snappy', 'zstd', 'lz4_raw', 'none'])(
  'a flipped bit gives the same rows or corruption, %s',
  (compression) => {
    const bytes = small(compression);
    let found = 0;
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const damaged = bytes.slice();
      damaged[bit >>> 3] = damaged[bit >>> 3]! ^ (1 << (bit & 7));
      const got = outcome(damaged);
      if (got === null) found++;
      else expect(got, `bit ${bit}`).toEqual(rows);
    }
    // All but the page index, which the reader does not use.
    expect(found).toBeGreaterThan(0.8 * 8 * bytes.length);
  },
);

test('a flipped bit in a file without checksums never gives another kind of error', () => {
  const options = { ...optionsFor(fields), compression: 'none' } as const;
  const arrow = Buffer.concat([...arrowCodec.encode([batchOf(fields, rows)], options)]);
  const stream = tableToIPC(tableFromIPC(arrow), 'stream');
  for (const version of [WriterVersion.V1, WriterVersion.V2]) {
    const properties = new WriterPropertiesBuilder().setWriterVersion(version).build();
    const bytes = writeParquet(Table.fromIPCStream(stream), properties);
    expect(outcome(bytes)).toEqual(rows);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const damaged = bytes.slice();
      damaged[bit >>> 3] = damaged[bit >>> 3]! ^ (1 << (bit & 7));
      try {
        parquetCodec.decode(damaged, 'f');
      } catch (error) {
        if (!(error instanceof SegmillError)) throw error;
      }
    }
  }
});

test('corruption names file and column', () => {
  const bytes = small('none');
  const at = Buffer.from(bytes).indexOf('unique 4');
  bytes[at] = bytes[at]! ^ 1;
  expect(() => parquetCodec.decode(bytes, 'the-file')).toThrow(
    /the-file, column u: the page at byte/,
  );
});
