import { deflateRawSync } from 'node:zlib';
import avro from 'avsc';
import { expect, test } from 'vitest';
import { NumberText } from '../../../src/json/value.ts';
import { decimalText } from '../../../src/segment/rows/avro-values.ts';
import { readAll, shown, spans, textSource } from './read.ts';

const long = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: () => 0,
});
const sync = Buffer.alloc(16, 7);

/** A container file by hand: blocks of rows, each packed by `pack`. */
function avroFile(
  schema: object,
  blocks: readonly (readonly unknown[])[],
  codec = 'null',
  pack: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Buffer {
  const type = avro.Type.forSchema(schema as never, {
    wrapUnions: 'always',
    typeHook: (part) => {
      const name = (part as { type?: unknown }).type;
      return part === 'long' || name === 'long' ? long : undefined;
    },
  });
  const bytesMap = avro.Type.forSchema({ type: 'map', values: 'bytes' });
  const header = Buffer.concat([
    Buffer.from('Obj\u0001'),
    bytesMap.toBuffer({
      'avro.schema': Buffer.from(JSON.stringify(schema)),
      'avro.codec': Buffer.from(codec),
    }),
    sync,
  ]);
  const count = avro.Type.forSchema('int');
  const parts = blocks.flatMap((rows) => {
    const data = pack(Buffer.concat(rows.map((row) => type.toBuffer(row))));
    return [count.toBuffer(rows.length), count.toBuffer(data.length), data, sync];
  });
  return Buffer.concat([header, ...parts]);
}

const rowSchema = {
  type: 'record',
  name: 'Row',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'name', type: ['null', 'string'] },
  ],
};
const row = (id: bigint, name: string | null): unknown => ({
  id,
  name: name === null ? null : { string: name },
});
const twoBlocks = [[row(1n, 'a'), row(2n ** 63n - 1n, null)], [row(-(2n ** 60n), 'ü')]];
const expected = [
  { id: 1, name: 'a' },
  { id: 2n ** 63n - 1n, name: null },
  { id: -(2n ** 60n), name: 'ü' },
];

test('rows of all blocks with row numbers as positions, longs exact', async () => {
  const { rows, end } = await readAll(textSource(avroFile(rowSchema, twoBlocks)), 'avro');
  expect(shown(rows)).toEqual(expected);
  expect(spans(rows)).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  expect(end).toBe(3);
});

test('reading goes on at any row number', async () => {
  const file = avroFile(rowSchema, twoBlocks);
  for (const start of [0, 1, 2, 3]) {
    const { rows, end } = await readAll(textSource(file), 'avro', start);
    expect([shown(rows), end]).toEqual([expected.slice(start), 3]);
  }
});

test('deflated blocks are read', async () => {
  const file = avroFile(rowSchema, twoBlocks, 'deflate', (bytes) => deflateRawSync(bytes));
  expect(shown((await readAll(textSource(file), 'avro')).rows)).toEqual(expected);
});

test('an unknown codec is refused by name', async () => {
  const file = avroFile(rowSchema, twoBlocks, 'xz');
  await expect(readAll(textSource(file), 'avro')).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining('codec xz'),
  });
});

test('a file cut at any byte gives its rows or FILE_UNREADABLE, and nothing in between', async () => {
  const file = avroFile(rowSchema, twoBlocks);
  const firstEnd = file.indexOf(sync, file.indexOf(sync) + 16) + 16;
  for (let length = 0; length < file.length; length++) {
    const reading = readAll(textSource(file.subarray(0, length)), 'avro');
    // A file that ends with a block is whole: the format does not say how many blocks there are.
    if (length === file.indexOf(sync) + 16) expect((await reading).rows).toEqual([]);
    else if (length === firstEnd) expect((await reading).rows).toHaveLength(2);
    else await expect(reading).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  }
});

test('a flipped bit gives rows or FILE_UNREADABLE, never another error', async () => {
  const file = avroFile(rowSchema, twoBlocks);
  for (let bit = 0; bit < file.length * 8; bit++) {
    const bytes = Buffer.from(file);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const outcome = await readAll(textSource(bytes), 'avro').then(
      () => 'rows',
      (error: { code?: string }) => error.code,
    );
    expect(['rows', 'FILE_UNREADABLE']).toContain(outcome);
  }
});

test('nested records, maps, arrays, enums, fixed and the logical types', async () => {
  const schema = {
    type: 'record',
    name: 'Row',
    fields: [
      { name: 'map', type: { type: 'map', values: ['null', 'int'] } },
      {
        name: 'list',
        type: {
          type: 'array',
          items: { type: 'record', name: 'Item', fields: [{ name: 'b', type: 'bytes' }] },
        },
      },
      { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['X', 'Y'] } },
      { name: 'fixed', type: { type: 'fixed', name: 'Two', size: 2 } },
      {
        name: 'price',
        type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }],
      },
      { name: 'millis', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'micros', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'either', type: ['long', 'double', 'boolean'] },
    ],
  };
  const value = {
    map: { a: { int: 1 }, b: null },
    list: [{ b: Buffer.from([1]) }],
    kind: 'Y',
    fixed: Buffer.from([2, 3]),
    price: { bytes: Buffer.from([0xff, 0x85]) },
    millis: 1_500_000_000_123n,
    micros: -1n,
    either: { double: 1.5 },
  };
  const { rows } = await readAll(textSource(avroFile(schema, [[value]])), 'avro');
  expect(shown(rows)).toEqual([
    {
      map: { a: 1, b: null },
      list: [{ b: Uint8Array.from([1]) }],
      kind: 'Y',
      fixed: Uint8Array.from([2, 3]),
      price: new NumberText('-1.23'),
      millis: 1_500_000_000_123,
      micros: -1,
      either: 1.5,
    },
  ]);
});

test.each([
  [[0], 0, '0'],
  [[0x7f], 2, '1.27'],
  [[0x80], 3, '-0.128'],
  [[], 1, '0.0'],
  [[1, 0], 0, '256'],
])('the decimal of bytes %j at scale %i is %s', (bytes, scale, text) => {
  expect(decimalText(Uint8Array.from(bytes), scale)).toBe(text);
});
