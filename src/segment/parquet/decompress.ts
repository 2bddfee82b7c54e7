// Pages back from their compressors. Every length is checked before anything is allocated: a page must come out with
// exactly the size that its header names, and that size is bounded.
import { Buffer } from 'node:buffer';
import * as zlib from 'node:zlib';
import { zstd as nativeZstd } from '../zstd.ts';
import { compressors } from 'hyparquet-compressors';
import { uncompressSync as unlz4 } from 'lz4-napi';
import { uncompressSync as unsnappy } from 'snappy';
import { isSegmillError } from '../../errors.ts';
import { pageBytesMax } from '../../limits.ts';
import { asBuffer } from './compress.ts';
import { corrupt, unsupported } from './corrupt.ts';
import type { Place } from './corrupt.ts';
import { compressionCodec, nameOf } from './format.ts';

/** @throws SegmillError SEGMENT_CORRUPT, UNSUPPORTED */
export function decompress(
  codec: number,
  bytes: Uint8Array,
  size: number,
  place: Place,
): Uint8Array {
  if (size > pageBytesMax) corrupt(place, `a page of ${size} bytes, the limit is ${pageBytesMax}`);
  if (codec === compressionCodec.UNCOMPRESSED) {
    if (bytes.length !== size) corrupt(place, `a page has ${bytes.length} bytes, not ${size}`);
    return bytes;
  }
  if (size === 0 && bytes.length === 0) return bytes;
  let out: Uint8Array;
  try {
    out = run(codec, bytes, size, place);
  } catch (error) {
    if (isSegmillError(error)) throw error;
    // The native parts throw plain errors, with texts of their own.
    const text = error instanceof Error ? error.message : String(error);
    corrupt(place, `a page cannot be uncompressed (${text})`, error);
  }
  if (out.length !== size) {
    corrupt(place, `a page uncompressed to ${out.length} bytes, its header names ${size}`);
  }
  return out;
}

function run(codec: number, bytes: Uint8Array, size: number, place: Place): Uint8Array {
  switch (codec) {
    case compressionCodec.SNAPPY:
      if (snappyLength(bytes) !== size) corrupt(place, `a page names two different sizes`);
      return unsnappy(bytes, { asBuffer: true, copyOutputData: true }) as Buffer;
    case compressionCodec.LZ4_RAW: {
      const framed = Buffer.alloc(4 + bytes.length);
      framed.writeUInt32LE(size, 0);
      framed.set(bytes, 4);
      return unlz4(framed);
    }
    case compressionCodec.ZSTD:
      return zstd(bytes, size);
    case compressionCodec.GZIP:
      return zlib.gunzipSync(bytes, { maxOutputLength: Math.max(1, size) });
    case compressionCodec.BROTLI:
      return zlib.brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, size) });
    case compressionCodec.LZ4:
      return compressors.LZ4!(bytes, size);
    default:
      return unsupported(
        place,
        `compressed as ${nameOf(compressionCodec, codec)}, which segmill cannot read: write it with snappy, zstd, gzip, brotli, lz4_raw or none`,
      );
  }
}

/** The varint at the head of a snappy block. */
function snappyLength(bytes: Uint8Array): number {
  let value = 0;
  for (let i = 0, scale = 1; i < Math.min(5, bytes.length); i++, scale *= 128) {
    value += (bytes[i]! & 0x7f) * scale;
    if (bytes[i]! < 0x80) return value;
  }
  return -1;
}

type ZstdSync = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Buffer;

const nodeZstd = (zlib as { readonly zstdDecompressSync?: ZstdSync }).zstdDecompressSync;

/** zstd gives no bound of its own on older Nodes, so the blocks are counted first: each yields at most 128 KiB. */
function zstd(bytes: Uint8Array, size: number): Uint8Array {
  if (nodeZstd !== undefined) return nodeZstd(bytes, { maxOutputLength: Math.max(1, size) });
  if (zstdBytesMax(bytes) > size + zstdSlack)
    throw new Error('more blocks than the page has room for');
  return new (nativeZstd().Decoder)().decodeSync(asBuffer(bytes));
}

const zstdBlockMax = 1 << 17;
// A block is rarely full: one more than the page needs is plausible, a thousand are not.
const zstdSlack = 64 * zstdBlockMax;

/** An upper bound of what the frame at the head of `bytes` yields, from its block headers. */
function zstdBytesMax(bytes: Uint8Array): number {
  if (bytes.length < 6) throw new Error('no zstd frame');
  const descriptor = bytes[4]!;
  const single = (descriptor >>> 5) & 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [single, 2, 4, 8][descriptor >>> 6]!;
  let at = 5 + (1 - single) + dictionaryBytes + sizeBytes;
  let total = 0;
  for (let last = false; !last;) {
    if (at + 3 > bytes.length) throw new Error('incomplete frame');
    const header = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    last = (header & 1) === 1;
    const type = (header >>> 1) & 3;
    const length = header >>> 3;
    total += type === 2 ? zstdBlockMax : length;
    at += 3 + (type === 1 ? 1 : length);
  }
  // A second frame behind the first has no place in a page.
  if (at + 4 < bytes.length) throw new Error('bytes behind the frame');
  return total;
}
