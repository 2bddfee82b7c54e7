// Every kernel beside its naive twin, on the same values: the results must be equal, the ratio is printed.
//
//   node .bench/bench/kernels.bench.js [--full]
import { Bench } from 'tinybench';
import { createRandom } from '../src/bench/random.ts';
import { mergeDictionaries } from '../src/columns/dictionary.ts';
import { varFromTexts } from '../src/columns/var-values.ts';
import { sumLongs } from '../src/kernels/aggregate.ts';
import { packBits, packedBytes } from '../src/kernels/bit-pack.ts';
import { crc32 } from '../src/kernels/crc32.ts';
import { deltaBytesMax, writeDelta32 } from '../src/kernels/delta-pack.ts';
import { gather } from '../src/kernels/gather.ts';
import { packKeys } from '../src/kernels/keys.ts';
import { placeRows, scatter } from '../src/kernels/scatter.ts';
import { sortRows } from '../src/kernels/sort.ts';
import { longsToNumbers, selectRange } from '../src/kernels/times.ts';
import * as twins from './twins.ts';

/** What a kernel gives, in a form that can be compared: arrays one after another. */
type Result = readonly ArrayBufferView[];

interface KernelCase {
  readonly name: string;
  /** Values gone through, for values a second. */
  readonly values: number;
  readonly ours: () => Result;
  readonly naive: () => Result;
}

const full = process.argv.includes('--full');
const size = full ? 1 << 20 : 1 << 14;
/** Tinybench's own time per task; the least number of iterations counts for slow ones. */
const timeMs = full ? 1000 : 30;

/** The same numbers on every call. */
function numbers(stream: number, below: number, count: number = size): Uint32Array<ArrayBuffer> {
  const random = createRandom(7, stream);
  return Uint32Array.from({ length: count }, () => Math.floor(random() * below));
}

function longs(stream: number, below: number): BigInt64Array {
  return BigInt64Array.from(numbers(stream, below), BigInt);
}

function sortCase(): KernelCase {
  const words = [numbers(1, 5000), numbers(2, 86_400_000)];
  return {
    name: 'radix sort (2 key words)',
    values: size,
    ours: () => [sortRows(packKeys(words, size))],
    naive: () => [twins.sortRows(words, size)],
  };
}

function scatterCase(): KernelCase {
  const shardCount = 124;
  const shards = numbers(3, shardCount);
  const source = Float64Array.from(numbers(4, 1e9));
  const rows = Uint32Array.from({ length: size }, (_, i) => i);
  const target = new Float64Array(size);
  return {
    name: 'scatter into 124 shards',
    values: size,
    ours: () => {
      scatter(target, source, rows, placeRows(shards, shardCount).places);
      return [target];
    },
    naive: () => [twins.scatter(source, shards, shardCount)],
  };
}

function gatherCase(): KernelCase {
  const source = longs(5, 1e9);
  const rows = numbers(6, size);
  const target = new BigInt64Array(size);
  return {
    name: 'gather of 64-bit values',
    values: size,
    ours: () => {
      gather(target, source, rows);
      return [target];
    },
    naive: () => [twins.gather(source, rows)],
  };
}

function aggregateCase(): KernelCase {
  const groups = 1000;
  const values = longs(7, 1e9);
  const groupOf = numbers(8, groups);
  return {
    name: 'sum of LONG by 1000 groups',
    values: size,
    ours: () => [sumLongs(values, null, groupOf, groups).sums],
    naive: () => [twins.sumByGroup(values, groupOf, groups)],
  };
}

function dictionaryCase(): KernelCase {
  const inputs = 20;
  const texts = Array.from({ length: inputs }, (_, stream) => {
    const codes = numbers(20 + stream, 20_000, size >>> 4);
    return [...new Set(Array.from(codes, (code) => `campaign-${code}`))].toSorted();
  });
  const dictionaries = texts.map((own) => varFromTexts(own));
  return {
    name: 'merge of 20 dictionaries',
    values: texts.flat().length,
    ours: () => {
      const { dictionary, remaps } = mergeDictionaries(dictionaries, 'STRING');
      return [dictionary.data, ...remaps];
    },
    naive: () => {
      const merged = twins.mergeDictionaries(texts);
      return [new TextEncoder().encode(merged.texts.join('')), ...merged.remaps];
    },
  };
}

function packCase(): KernelCase {
  const width = 13;
  const values = numbers(9, 2 ** width);
  const plain = Array.from(values);
  const out = new Uint8Array(packedBytes(size, width));
  return {
    name: 'bit packing, 13 bits',
    values: size,
    ours: () => {
      packBits(values, 0, size, width, out, 0);
      return [out];
    },
    naive: () => [Uint8Array.from(twins.packBits(plain, width))],
  };
}

function deltaCase(): KernelCase {
  const late = numbers(10, 600);
  const times = Int32Array.from({ length: size }, (_, i) => i * 8 - late[i]!);
  const plain = Array.from(times);
  const out = new Uint8Array(deltaBytesMax(size));
  return {
    name: 'delta of nearly sorted times',
    values: size,
    ours: () => [out.subarray(0, writeDelta32(times, 0, size, out, 0))],
    naive: () => [Uint8Array.from(twins.writeDelta(plain))],
  };
}

function crcCase(): KernelCase {
  const bytes = Uint8Array.from(numbers(11, 256, size * 4));
  return {
    name: 'crc32 (values are bytes)',
    values: bytes.length,
    ours: () => [Uint32Array.of(crc32(bytes))],
    naive: () => [Uint32Array.of(twins.crc32(bytes))],
  };
}

function timeCase(): KernelCase {
  const start = 1_700_006_400_000;
  const values = BigInt64Array.from(numbers(12, 2 * 86_400_000), (ms) => BigInt(start + ms));
  return {
    name: 'time filter',
    values: size,
    ours: () => [selectRange(longsToNumbers(values), start, start + 86_400_000, false)],
    naive: () => [twins.selectTimes(values, start, start + 86_400_000)],
  };
}

function bytesOf(result: Result): Uint8Array {
  return Buffer.concat(
    result.map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  );
}

async function measure({ name, values, ours, naive }: KernelCase): Promise<object> {
  const result = bytesOf(ours());
  if (Buffer.compare(result, bytesOf(naive())) !== 0)
    throw new Error(`${name}: the kernel and its naive twin differ`);
  const options = { time: timeMs, warmupTime: timeMs / 3, iterations: 3, warmupIterations: 2 };
  const bench = new Bench({ ...options, throws: true }).add('ours', ours).add('naive', naive);
  await bench.run();
  const [fast, slow] = bench.tasks.map((task) => {
    if (!('latency' in task.result)) throw new Error(`${name}: ${task.name} was not measured`);
    return task.result.latency;
  });
  return {
    kernel: name,
    'M values/s': (values / fast!.p50 / 1000).toFixed(1),
    'ms (median)': fast!.p50.toFixed(3),
    '±': `${fast!.rme.toFixed(1)} %`,
    'naive ms': slow!.p50.toFixed(3),
    ratio: `${(slow!.p50 / fast!.p50).toFixed(1)}x`,
    result: crc32(result).toString(16).padStart(8, '0'),
  };
}

const cases = [
  sortCase,
  scatterCase,
  gatherCase,
  aggregateCase,
  dictionaryCase,
  packCase,
  deltaCase,
  crcCase,
  timeCase,
];
const rows: object[] = [];
for (const make of cases) rows.push(await measure(make()));
console.log(`kernels on ${size} values, Node ${process.versions.node}`);
console.table(rows);
