// Partition functions (P-6 to P-13): a value's text -> hash -> partition id, as Pinot's brokers compute it. Hashes are
// signed 32-bit numbers (Modulo and the 64-bit FNVs: bigint). Pure, one call a distinct value.

export type Normalizer = 'POSITIVE_MODULO' | 'ABS' | 'MASK' | 'PRE_MODULO_ABS' | 'NO_OP';

export interface PartitionFunction {
  readonly functionName: string;
  readonly numPartitions: number;
  readonly functionConfig: Readonly<Record<string, string>>;
  readonly normalizer: Normalizer | null;
}

/** Text of a value (P-4) to its partition id; null when the text is not one the function accepts (Modulo: no number). */
export type Partitioner = (text: string) => number | null;

const encoder = new TextEncoder();

export function partitionerOf(spec: PartitionFunction): Partitioner {
  const { numPartitions: count, functionConfig: config, normalizer } = spec;
  switch (spec.functionName.toLowerCase()) {
    case 'modulo':
      return (text) =>
        /^[+-]?[0-9]+$/.test(text)
          ? normaliseLong(
              BigInt.asIntN(64, BigInt(text.replace('+', ''))),
              count,
              normalizer ?? 'POSITIVE_MODULO',
            )
          : null;
    case 'murmur':
    case 'murmur2': {
      const raw = config['useRawBytes'] === 'true';
      return (text) =>
        normalise(
          murmur2(raw ? bytesOfHex(text) : encoder.encode(text)),
          count,
          normalizer ?? 'MASK',
        );
    }
    case 'murmur3':
      return murmur3Partitioner(spec);
    case 'hashcode':
      return (text) => normalise(javaStringHash(text), count, normalizer ?? 'PRE_MODULO_ABS');
    case 'bytearray':
      return (text) =>
        normalise(javaBytesHash(encoder.encode(text)), count, normalizer ?? 'PRE_MODULO_ABS');
    case 'fnv':
      return fnvPartitioner(spec);
    case 'boundedcolumnvalue':
      return boundedPartitioner(config);
    default:
      return () => null;
  }
}

function murmur3Partitioner(spec: PartitionFunction): Partitioner {
  const { numPartitions: count, functionConfig: config } = spec;
  const seed = Number(config['seed'] ?? '0') | 0;
  const raw = config['useRawBytes'] === 'true';
  const hash = config['variant'] === 'x64_32' ? murmur3x64 : murmur3x86;
  const normalizer = spec.normalizer ?? 'MASK';
  return (text) =>
    normalise(hash(raw ? bytesOfHex(text) : encoder.encode(text), seed), count, normalizer);
}

function fnvPartitioner(spec: PartitionFunction): Partitioner {
  const { numPartitions: count, functionConfig: config } = spec;
  const variant = config['variant'] ?? 'fnv1a_32';
  const raw = config['useRawBytes'] === 'true';
  const normalizer = spec.normalizer ?? 'MASK';
  const first = variant.startsWith('fnv1_');
  return (text) => {
    const bytes = raw ? bytesOfHex(text) : encoder.encode(text);
    return variant.endsWith('64')
      ? normaliseLong(fnv64(bytes, first), count, normalizer)
      : normalise(fnv32(bytes, first), count, normalizer);
  };
}

/** P-13: place of the value in the list, from 1; anything else 0. Any character of the delimiter separates. */
function boundedPartitioner(config: Readonly<Record<string, string>>): Partitioner {
  const delimiters = new Set(config['columnValuesDelimiter'] ?? '');
  const places = new Map<string, number>();
  let value = '';
  let place = 0;
  for (const character of [...Array.from(config['columnValues'] ?? ''), null]) {
    if (character !== null && !delimiters.has(character)) {
      value += character;
    } else if (value !== '') {
      place++;
      if (!places.has(value.toLowerCase())) places.set(value.toLowerCase(), place);
      value = '';
    }
  }
  return (text) => places.get(text.toLowerCase()) ?? 0;
}

export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ bytes.length;
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = littleEndian(bytes, i);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  const rest = bytes.length - whole;
  if (rest === 3) h ^= bytes[whole + 2]! << 16;
  if (rest >= 2) h ^= bytes[whole + 1]! << 8;
  if (rest >= 1) h = Math.imul(h ^ bytes[whole]!, m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
}

export function murmur3x86(bytes: Uint8Array, seed: number): number {
  const [c1, c2] = [0xcc9e2d51, 0x1b873593];
  let h = seed;
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    h ^= Math.imul(rotate(Math.imul(littleEndian(bytes, i), c1), 15), c2);
    h = (Math.imul(rotate(h, 13), 5) + 0xe6546b64) | 0;
  }
  let k = 0;
  for (let i = bytes.length - 1; i >= whole; i--) k = (k << 8) | bytes[i]!;
  if (bytes.length > whole) h ^= Math.imul(rotate(Math.imul(k, c1), 15), c2);
  h ^= bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** P-9: not the usual 128-bit flavour; its multipliers change with every block. Result: the high 32 bits of h1. */
export function murmur3x64(bytes: Uint8Array, seed: number): number {
  let h1 = u64(0x9368e53c2f6af274n ^ BigInt(seed));
  let h2 = u64(0x586dcd208f7cd3fdn ^ BigInt(seed));
  let [c1, c2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn];
  const mix = (k1: bigint, k2: bigint): void => {
    h1 = u64(h1 ^ u64(rotate64(u64(k1 * c1), 23n) * c2));
    h1 = u64(h1 + h2);
    h2 = rotate64(h2, 41n);
    h2 = u64(h2 ^ u64(rotate64(u64(k2 * c2), 23n) * c1));
    h2 = u64(h2 + h1);
    h1 = u64(h1 * 3n + 0x52dce729n);
    h2 = u64(h2 * 3n + 0x38495ab5n);
    c1 = u64(c1 * 5n + 0x7b7d159cn);
    c2 = u64(c2 * 5n + 0x6bce6396n);
  };
  const whole = bytes.length & ~15;
  for (let i = 0; i < whole; i += 16)
    mix(signedWord(bytes, i, 8, 0xffn), signedWord(bytes, i + 8, 8, 0xffn));
  const rest = bytes.length - whole;
  if (rest > 0) {
    mix(
      signedWord(bytes, whole, Math.min(rest, 8), null),
      signedWord(bytes, whole + 8, Math.max(0, rest - 8), null),
    );
  }
  h2 = u64(h2 ^ BigInt(bytes.length));
  h1 = u64(h1 + h2);
  h2 = u64(h2 + h1);
  h1 = finalise64(h1);
  h2 = finalise64(h2);
  h1 = u64(h1 + h2);
  return Number(BigInt.asIntN(32, h1 >> 32n));
}

/** Bytes from `at`, little-endian; tail bytes (mask null) are sign-extended before they are xored in. */
function signedWord(bytes: Uint8Array, at: number, count: number, mask: bigint | null): bigint {
  let k = 0n;
  for (let i = 0; i < count; i++) {
    const byte = BigInt(bytes[at + i]!);
    k ^= (mask === null ? BigInt.asIntN(8, byte) : byte & mask) << BigInt(8 * i);
  }
  return u64(k);
}

function finalise64(value: bigint): bigint {
  let k = u64((value ^ (value >> 33n)) * 0xff51afd7ed558ccdn);
  k = u64((k ^ (k >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return k ^ (k >> 33n);
}

/** Java's `String.hashCode`, over UTF-16 units. */
export function javaStringHash(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (Math.imul(h, 31) + text.charCodeAt(i)) | 0;
  return h;
}

/** Java's `Arrays.hashCode` over signed bytes. */
export function javaBytesHash(bytes: Uint8Array): number {
  let h = 1;
  for (const byte of bytes) h = (Math.imul(h, 31) + ((byte << 24) >> 24)) | 0;
  return h;
}

export function fnv32(bytes: Uint8Array, multiplyFirst: boolean): number {
  let h = 0x811c9dc5 | 0;
  for (const byte of bytes) {
    h = multiplyFirst ? Math.imul(h, 0x01000193) ^ byte : Math.imul(h ^ byte, 0x01000193);
  }
  return h;
}

export function fnv64(bytes: Uint8Array, multiplyFirst: boolean): bigint {
  let h = 0xcbf29ce484222325n;
  for (const byte of bytes) {
    h = multiplyFirst
      ? u64(h * 0x100000001b3n) ^ BigInt(byte)
      : u64((h ^ BigInt(byte)) * 0x100000001b3n);
  }
  return BigInt.asIntN(64, h);
}

/** P-6 on a 32-bit hash. */
export function normalise(hash: number, count: number, normalizer: Normalizer): number {
  switch (normalizer) {
    case 'POSITIVE_MODULO':
      return ((hash % count) + count) % count;
    case 'ABS':
      return Math.abs(hash % count);
    case 'MASK':
      return (hash & 0x7fffffff) % count;
    case 'PRE_MODULO_ABS':
      return (hash === -2147483648 ? 0 : Math.abs(hash)) % count;
    case 'NO_OP':
      return hash % count;
  }
}

/** P-6 on a 64-bit hash. */
export function normaliseLong(hash: bigint, count: number, normalizer: Normalizer): number {
  const n = BigInt(count);
  const rest = Number(hash % n);
  switch (normalizer) {
    case 'POSITIVE_MODULO':
      return (rest + count) % count;
    case 'ABS':
      return Math.abs(rest);
    case 'MASK':
      return Number((hash & 0x7fffffffffffffffn) % n);
    case 'PRE_MODULO_ABS':
      return hash === -0x8000000000000000n ? 0 : Number((hash < 0n ? -hash : hash) % n);
    case 'NO_OP':
      return rest;
  }
}

function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length >>> 1 }, (_, i) =>
    parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function rotate64(x: bigint, bits: bigint): bigint {
  return u64(x << bits) | (x >> (64n - bits));
}

function u64(x: bigint): bigint {
  return BigInt.asUintN(64, x);
}
