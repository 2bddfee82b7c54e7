import { expect, test } from 'vitest';
import {
  fnv32,
  fnv64,
  javaBytesHash,
  javaStringHash,
  murmur2,
  murmur3x64,
  murmur3x86,
  normalise,
  normaliseLong,
  partitionerOf,
} from '../../src/kernels/partition-hash.ts';
import type { Normalizer, PartitionFunction } from '../../src/kernels/partition-hash.ts';

const encoder = new TextEncoder();

function functionOf(
  functionName: string,
  numPartitions: number,
  functionConfig: Record<string, string> = {},
  normalizer: Normalizer | null = null,
): (text: string) => number | null {
  const spec: PartitionFunction = { functionName, numPartitions, functionConfig, normalizer };
  return partitionerOf(spec);
}

// Text, then hash and partition of 8: Murmur2, Murmur3 x86, Murmur3 x64, HashCode, ByteArray, FNV1a-32.
const vectors: readonly [string, ...(readonly [number, number])[]][] = [
  ['', [275646681, 1], [0, 0], [-1811735039, 1], [0, 0], [1, 1], [-2128831035, 5]],
  ['a', [-1563381124, 4], [1009084850, 2], [-1127638319, 1], [97, 1], [128, 0], [-468965076, 4]],
  [
    'foo',
    [597841616, 0],
    [-156908512, 0],
    [60808829, 5],
    [101574, 6],
    [131365, 5],
    [-1443660073, 7],
  ],
  [
    'bar',
    [988958145, 1],
    [1158584717, 5],
    [-1502418109, 3],
    [97299, 3],
    [127090, 2],
    [1991736602, 2],
  ],
  [
    '19977',
    [-1767926053, 3],
    [-972968670, 2],
    [934820414, 6],
    [47007153, 1],
    [75636304, 0],
    [898093688, 0],
  ],
  [
    '12345',
    [-1188365604, 4],
    [329585043, 3],
    [-704098539, 5],
    [46792755, 3],
    [75421906, 2],
    [1136836824, 0],
  ],
  [
    'café',
    [-1358007374, 2],
    [605818632, 0],
    [2144573314, 2],
    [3045921, 1],
    [123043501, 5],
    [-1473556407, 1],
  ],
  [
    'null',
    [-75681477, 3],
    [1727035794, 2],
    [-555682156, 4],
    [3392903, 7],
    [4316424, 0],
    [1996966820, 4],
  ],
];

test.each(vectors)('P-14 P-8..P-12 hashes and partitions of "%s"', (text, ...expected) => {
  const bytes = encoder.encode(text);
  const hashes = [
    murmur2(bytes),
    murmur3x86(bytes, 0),
    murmur3x64(bytes, 0),
    javaStringHash(text),
    javaBytesHash(bytes),
    fnv32(bytes, false),
  ];
  const partitions = [
    functionOf('Murmur', 8),
    functionOf('Murmur3', 8),
    functionOf('Murmur3', 8, { variant: 'x64_32' }),
    functionOf('HashCode', 8),
    functionOf('ByteArray', 8),
    functionOf('FNV', 8),
  ].map((partitioner) => partitioner(text));
  expect(hashes).toEqual(expected.map(([hash]) => hash));
  expect(partitions).toEqual(expected.map(([, partition]) => partition));
});

test('P-14 P-10 the least hash goes to partition 0', () => {
  expect(javaStringHash('polygenelubricants')).toBe(-2147483648);
  expect(functionOf('HashCode', 8)('polygenelubricants')).toBe(0);
  expect(murmur2(encoder.encode('polygenelubricants'))).toBe(342343466);
  expect(functionOf('murmur2', 8)('polygenelubricants')).toBe(2);
});

const raw = [
  'd69fd5b8b4db12',
  '45f3e93169e33e',
  '67f8caaa74570c',
  '98e647c751fa95',
  '76115d9e4289b8',
  'fd48839f1afaaf',
  '40c19b3c53846b',
  '40ebba7c0762ac',
  'e92430ae8d9c58',
  '4a9c4886be117b',
];
const texts = raw.map((hex) => new TextDecoder().decode(Buffer.from(hex, 'hex')));

test('P-15 P-8 Murmur2 of raw bytes', () => {
  expect(raw.map((hex) => murmur2(Buffer.from(hex, 'hex')))).toEqual([
    -1044832774, -594851693, 1441878663, 1766739604, 1034724141, -296671913, 443511156, 1483601453,
    1819695080, -931669296,
  ]);
  const useRawBytes = functionOf('Murmur', 5, { useRawBytes: 'true' });
  expect(raw.map(useRawBytes)).toEqual(
    raw.map((hex) => normalise(murmur2(Buffer.from(hex, 'hex')), 5, 'MASK')),
  );
});

test.each([
  ['Murmur', {}, [1, 4, 4, 1, 1, 2, 0, 4, 2, 3]],
  ['Murmur3', {}, [4, 3, 3, 2, 3, 4, 0, 3, 1, 4]],
  ['Murmur3', { seed: '9001' }, [2, 1, 3, 2, 2, 1, 1, 4, 4, 2]],
  ['Murmur3', { variant: 'x64_32' }, [4, 1, 3, 2, 0, 3, 3, 2, 0, 1]],
  ['Murmur3', { variant: 'x64_32', seed: '9001' }, [2, 1, 4, 2, 2, 2, 2, 1, 3, 3]],
  ['ByteArray', {}, [1, 3, 2, 0, 0, 4, 4, 1, 2, 4]],
] as const)('P-15 P-9 %s %o of decoded text, partition of 5', (name, config, expected) => {
  expect(texts.map(functionOf(name, 5, config))).toEqual(expected);
});

test('P-15 P-9 x64 hashes with both seeds', () => {
  const hashes = (seed: number): number[] =>
    texts.map((text) => murmur3x64(encoder.encode(text), seed));
  expect(hashes(0)).toEqual([
    -930531654, 1010637996, -1251084035, -1551293561, 1591443335, 181872103, 1308755538, -432310401,
    -701537488, 674867586,
  ]);
  expect(hashes(9001)).toEqual([
    1558697417, 933581816, 1071120824, 1964512897, 1629803052, 2037246152, -1867319466, -1003065762,
    -275998120, 1386652858,
  ]);
});

test('P-6 normalisers on a negative hash and on the least one', () => {
  const all: readonly Normalizer[] = ['POSITIVE_MODULO', 'ABS', 'MASK', 'PRE_MODULO_ABS', 'NO_OP'];
  expect(all.map((normalizer) => normalise(-7, 5, normalizer))).toEqual([3, 2, 1, 2, -2]);
  expect(all.map((normalizer) => normalise(-2147483648, 5, normalizer))).toEqual([2, 3, 0, 0, -3]);
  expect(all.map((normalizer) => normaliseLong(-7n, 5, normalizer))).toEqual([3, 2, 1, 2, -2]);
  expect(normaliseLong(-(2n ** 63n), 5, 'PRE_MODULO_ABS')).toBe(0);
  expect(functionOf('HashCode', 8, {}, 'NO_OP')('19977')).toBe(47007153 % 8);
});

test('P-7 Modulo takes whole numbers of 64 bits only', () => {
  const modulo = functionOf('Modulo', 3);
  expect([
    modulo('7'),
    modulo('-7'),
    modulo('9223372036854775807'),
    modulo('x'),
    modulo('1.5'),
  ]).toEqual([1, 2, 1, null, null]);
});

test('P-12 FNV variants', () => {
  const bytes = encoder.encode('foobar');
  expect(fnv32(bytes, true) >>> 0).toBe(0x31f0b262);
  expect(fnv32(bytes, false) >>> 0).toBe(0xbf9cf968);
  expect(BigInt.asUintN(64, fnv64(bytes, true))).toBe(0x340d8765a4dda9c2n);
  expect(BigInt.asUintN(64, fnv64(bytes, false))).toBe(0x85944171f73967e8n);
  expect(functionOf('FNV', 8, { variant: 'fnv1a_64' })('foobar')).toBe(
    Number((0x85944171f73967e8n & (2n ** 63n - 1n)) % 8n),
  );
});

test('P-13 E-27 BoundedColumnValue', () => {
  const config = { columnValues: 'maths|english|chemistry', columnValuesDelimiter: '|' };
  const partitioner = functionOf('BoundedColumnValue', 4, config);
  expect(['Maths', 'English', 'Chemistry', 'Physics'].map(partitioner)).toEqual([1, 2, 3, 0]);
  const set = functionOf('BoundedColumnValue', 3, {
    columnValues: 'a;,b',
    columnValuesDelimiter: ',;',
  });
  expect(['a', 'b', ';'].map(set)).toEqual([1, 2, 0]);
});
