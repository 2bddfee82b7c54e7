import {
  Dictionary,
  Field as ArrowField,
  Int32,
  Int64,
  Int8,
  List,
  RecordBatch,
  Schema as ArrowSchema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  TimestampMicrosecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  Vector,
  makeData,
  vectorFromArray,
} from 'apache-arrow';
import type { DataType } from 'apache-arrow';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ColumnBatch } from '../../../src/columns/column.ts';
import { sliceRows } from '../../../src/columns/gather.ts';
import { batchStats } from '../../../src/columns/stats.ts';
import type { Field, Schema } from '../../../src/config/types.ts';
import { isSegmillError } from '../../../src/errors.ts';
import { arrowCodec } from '../../../src/segment/arrow/codec.ts';
import { readArrow } from '../../../src/segment/arrow/decode.ts';
import type { DecodedSegment, EncodeOptions, SegmentHeader } from '../../../src/segment/types.ts';
import { batchOf, everyField, field, rowsArbitrary, rowsOf } from '../../columns/fields.ts';

const header: SegmentHeader = {
  segmentName: 'events__0__1',
  table: 'events',
  tableType: 'REALTIME',
  creationMs: 1_700_000_000_000,
  timeColumn: 'ts',
  nullHandling: true,
  sortedColumns: ['a', 'b'],
  extra: { partition: '0' },
};

function optionsFor(fields: readonly Field[], nullHandling = true): EncodeOptions {
  const schema: Schema = {
    schemaName: 'events',
    fields,
    primaryKeyColumns: [],
    columnBasedNullHandling: false,
  };
  return { header: { ...header, nullHandling }, schema, compression: 'none', stats: null };
}

function encode(pieces: readonly ColumnBatch[], options: EncodeOptions): Uint8Array {
  return Buffer.concat([...arrowCodec.encode(pieces, options)]);
}

const decode = (bytes: Uint8Array): DecodedSegment => arrowCodec.decode(bytes, 'events.arrow');

test('rows of every type survive the file, nulls on and off', () => {
  fc.assert(
    fc.property(rowsArbitrary(everyField), fc.boolean(), fc.boolean(), (rows, nulls, sort) => {
      const batch = batchOf(everyField, rows, { nullHandling: nulls, sortDictionaries: sort });
      const got = decode(encode([batch], optionsFor(everyField, nulls)));
      expect(rowsOf(got.batch)).toEqual(rowsOf(batch));
      expect(got.header).toEqual({ ...header, nullHandling: nulls });
      for (const [c, column] of got.batch.columns.entries()) {
        const source = batch.columns[c]!;
        expect([column.name, column.dataType, column.kind]).toEqual([
          source.name,
          source.dataType,
          source.kind,
        ]);
        if (column.kind === 'dictionary') expect(column.sorted).toBe(sort);
      }
    }),
    { numRuns: 30 },
  );
});

test('consecutive pieces are one segment, with one dictionary or with their own', () => {
  fc.assert(
    fc.property(
      rowsArbitrary(everyField),
      rowsArbitrary(everyField, 9),
      fc.nat(),
      (rows, more, cut) => {
        const whole = batchOf(everyField, rows);
        const at = cut % (rows.length + 1);
        const slices = [sliceRows(whole, 0, at), sliceRows(whole, at, rows.length)];
        const shared = decode(encode(slices, optionsFor(everyField)));
        expect(rowsOf(shared.batch)).toEqual(rows);
        const own = [...slices, batchOf(everyField, more), batchOf(everyField, rows)];
        const [first, ...rest] = own;
        const got = decode(
          encode([first!, batchOf(everyField, more), ...rest], optionsFor(everyField)),
        );
        expect(rowsOf(got.batch)).toEqual([
          ...rows.slice(0, at),
          ...more,
          ...rows.slice(at),
          ...more,
          ...rows,
        ]);
      },
    ),
    { numRuns: 20 },
  );
});

test('no piece at all is a segment of no rows with the columns of the schema', () => {
  const got = decode(encode([], optionsFor(everyField)));
  expect(got.batch.rowCount).toBe(0);
  expect(got.batch.columns.map((c) => c.name)).toEqual(everyField.map((f) => f.name));
});

const small = [
  field('s', 'STRING'),
  field('n', 'LONG'),
  field('j', 'JSON'),
  field('m', 'INT', true),
];
const smallRows = [
  ['x', 1n, '{"a":1}', [1, 2]],
  [null, -5n, 'null', null],
  ['a', null, '[]', [3]],
];

test('columns are read alone, in the order asked for, and absent ones are left out', () => {
  const bytes = encode([batchOf(everyField, [])], optionsFor(everyField));
  const some = arrowCodec.decode(bytes, 'f', ['m_INT', 'nope', 's_BYTES']);
  expect(some.batch.columns.map((c) => c.name)).toEqual(['m_INT', 's_BYTES']);
  const rows = encode([batchOf(small, smallRows)], optionsFor(small));
  expect(rowsOf(arrowCodec.decode(rows, 'f', ['m', 's']).batch)).toEqual(
    smallRows.map((r) => [r[3], r[0]]),
  );
});

test('statistics travel with the file', () => {
  const batch = batchOf(small, smallRows);
  const stats = batchStats(batch);
  const got = decode(encode([batch], { ...optionsFor(small), stats }));
  expect(got.stats).toEqual(stats);
});

test('columns without a dictionary, and pieces that change their mind, come back', () => {
  const plain = decode(encode([batchOf(small, smallRows)], optionsFor(small)));
  const bytes = readArrow(
    tableToIPC(new Table({ s: vectorFromArray(['b', 'a', null], new Utf8()) }), 'file'),
    'f',
  ).batch;
  expect(bytes.columns[0]!.kind).toBe('bytes');
  const fields = [field('s', 'STRING')];
  const dictionary = batchOf(fields, [['q'], ['a']]);
  expect(rowsOf(decode(encode([bytes, dictionary], optionsFor(fields))).batch).flat()).toEqual([
    'b',
    'a',
    null,
    'q',
    'a',
  ]);
  expect(rowsOf(decode(encode([dictionary, bytes], optionsFor(fields))).batch).flat()).toEqual([
    'q',
    'a',
    'b',
    'a',
    null,
  ]);
  expect(plain.batch.rowCount).toBe(3);
});

test('a file cut at any byte is SEGMENT_CORRUPT', () => {
  const bytes = encode([batchOf(small, smallRows)], optionsFor(small));
  for (let length = 0; length < bytes.length; length++) {
    expect(codeOf(() => decode(bytes.subarray(0, length)))).toBe('SEGMENT_CORRUPT');
  }
});

test('a flipped bit gives the same data or SEGMENT_CORRUPT', () => {
  const bytes = encode([batchOf(small, smallRows)], optionsFor(small));
  const same: number[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >>> 3]! ^= 1 << (bit & 7);
    const code = codeOf(() => expect(rowsOf(decode(flipped).batch)).toEqual(smallRows));
    if (code === null) same.push(bit);
    else expect(code).toBe('SEGMENT_CORRUPT');
  }
  expect(same).toEqual([]);
});

test("a flipped bit in another writer's file never ends in another error", () => {
  const table = new Table({
    n: vectorFromArray([1, 2, null], new Int32()),
    s: vectorFromArray(['a', 'b', 'a']),
  });
  const bytes = tableToIPC(table, 'file');
  const codes = new Set<string | null>();
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >>> 3]! ^= 1 << (bit & 7);
    codes.add(codeOf(() => readArrow(flipped, 'f')));
  }
  expect(codes).toEqual(new Set([null, 'SEGMENT_CORRUPT', 'UNSUPPORTED']));
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

test('the message of a damaged file says where it is damaged', () => {
  const bytes = Uint8Array.from(encode([batchOf(small, smallRows)], optionsFor(small)));
  bytes[200]! ^= 1;
  expect(() => decode(bytes)).toThrow(
    /^events\.arrow is damaged at byte \d+: its bytes have the CRC-32/,
  );
});

test('bytes that lie at an odd place are read too', () => {
  const bytes = encode([batchOf(small, smallRows)], optionsFor(small));
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(rowsOf(decode(shifted.subarray(3)).batch)).toEqual(smallRows);
});

test('another Arrow reader sees the same values', () => {
  const table = tableFromIPC(encode([batchOf(small, smallRows)], optionsFor(small)));
  const rows = table.toArray().map((row) => row!.toJSON() as Record<string, unknown>);
  expect(rows.map((row) => [row['s'], row['n'], row['j']])).toEqual(
    smallRows.map((r) => r.slice(0, 3)),
  );
  expect(
    rows.map((row) => (row['m'] === null ? null : [...(row['m'] as Iterable<number>)])),
  ).toEqual(smallRows.map((r) => r[3]));
  expect(table.schema.metadata.get('segmill.segmentName')).toBe('events__0__1');
});

test('a file of another writer is read, whatever its batches, types and nulls', () => {
  const batches = [
    new Table({
      n: vectorFromArray([1n, null], new Int64()),
      s: vectorFromArray(['b', null], new Utf8()),
    }),
    new Table({ n: vectorFromArray([3n], new Int64()), s: vectorFromArray(['a'], new Utf8()) }),
  ].flatMap((table) => table.batches as RecordBatch[]);
  for (const format of ['file', 'stream'] as const) {
    const bytes = tableToIPC(new Table(batches), format);
    const before = Uint8Array.from(bytes);
    const got = readArrow(bytes, 'foreign');
    expect(bytes).toEqual(before);
    expect(got.header).toBeNull();
    expect(rowsOf(got.batch)).toEqual([
      [1n, 'b'],
      [null, null],
      [3n, 'a'],
    ]);
  }
});

test('a foreign dictionary with nulls and a list with nulls are brought into our form', () => {
  const words = vectorFromArray(['x', null, 'b', 'x'], new Dictionary(new Utf8(), new Int32()));
  const lists = vectorFromArray(
    [[1, 2], null, [], [3, null]],
    new List(new ArrowField('item', new Int32(), true)),
  );
  const got = readArrow(tableToIPC(new Table({ words, lists }), 'file'), 'foreign').batch;
  expect(rowsOf(got)).toEqual([
    ['x', [1, 2]],
    [null, null],
    ['b', []],
    ['x', [3, -2147483648]],
  ]);
  expect(Array.from(got.columns[1]!.offsets!)).toEqual([0, 2, 3, 3, 5]);
});

test('a type without a place in a schema is named', () => {
  const struct = new Struct([new ArrowField('x', new Int32(), true)]);
  const data = makeData({
    type: struct,
    length: 0,
    children: [makeData({ type: new Int32(), length: 0 })],
  });
  const schema = new ArrowSchema([
    new ArrowField('place', struct, true),
    new ArrowField('n', new Int32(), true),
  ]);
  const row = makeData({
    type: new Struct(schema.fields),
    length: 0,
    children: [data, makeData({ type: new Int32(), length: 0 })],
  });
  const bytes = tableToIPC(new Table([new RecordBatch(schema, row as never)]), 'file');
  expect(() => readArrow(bytes, 'f')).toThrow(/column place is of Arrow's type Struct/);
  expect(readArrow(bytes, 'f', ['n']).batch.columns.map((c) => c.name)).toEqual(['n']);
});

test('times of other units are read as milliseconds', () => {
  const units = [new TimestampSecond(), new TimestampMicrosecond(), new TimestampNanosecond()];
  const column = (type: DataType, values: bigint[]): Vector =>
    new Vector([makeData({ type: type as TimestampSecond, data: BigInt64Array.from(values) })]);
  const [s, us, ns] = units.map((type) => column(type, [-1n, 2_000_000n])) as [
    Vector,
    Vector,
    Vector,
  ];
  const got = readArrow(tableToIPC(new Table({ s, us, ns }), 'file'), 'f').batch;
  expect(got.columns.map((c) => c.dataType)).toEqual(['TIMESTAMP', 'TIMESTAMP', 'TIMESTAMP']);
  expect(rowsOf(got)).toEqual([
    [-1000n, -1n, -1n],
    [2_000_000_000n, 2000n, 2n],
  ]);
});

test('narrow whole numbers widen, unsigned 64-bit ones have no type', () => {
  const table = new Table({
    a: vectorFromArray([-1, 2], new Int8()),
    b: vectorFromArray([1, 65535], new Uint16()),
    c: vectorFromArray([1, 4294967295], new Uint32()),
  });
  expect(rowsOf(readArrow(tableToIPC(table, 'file'), 'f').batch)).toEqual([
    [-1, 1, 1n],
    [2, 65535, 4294967295n],
  ]);
  const wide = new Table({ d: vectorFromArray([1n], new Uint64()) });
  expect(() => readArrow(tableToIPC(wide, 'file'), 'f')).toThrow(
    /column d is of Arrow's type Int\(64\)/,
  );
});

test("a segment that another tool has rewritten is import's, not the store's", () => {
  const rewritten = tableToIPC(
    tableFromIPC(encode([batchOf(small, smallRows)], optionsFor(small))),
    'file',
  );
  expect(codeOf(() => decode(rewritten))).toBe('SEGMENT_CORRUPT');
  const got = readArrow(rewritten, 'rewritten');
  expect(rowsOf(got.batch)).toEqual(smallRows);
  expect(got.header?.segmentName).toBe('events__0__1');
});
