// Pages through the native compressors. snappy is asked to copy its output: memory that the native side hands over costs
// several times the compression to map and free.
import { Buffer } from 'node:buffer';
import { zstd as nativeZstd } from '../zstd.ts';
import { compressSync as lz4 } from 'lz4-napi';
import { compressSync as snappy } from 'snappy';
import type { Compression } from '../../config/types.ts';
import { compressionCodec } from './format.ts';

export interface Compressor {
  readonly codec: number;
  /** The compressed page; bytes that stay valid when the input is written over. */
  compress(bytes: Uint8Array): Uint8Array;
}

const zstdLevel = 1;

export function compressorOf(compression: Compression): Compressor {
  switch (compression) {
    case 'snappy':
      return {
        codec: compressionCodec.SNAPPY,
        compress: (bytes) => snappy(bytes, { copyOutputData: true }),
      };
    case 'zstd': {
      const encoder = new (nativeZstd().Encoder)(zstdLevel);
      return {
        codec: compressionCodec.ZSTD,
        compress: (bytes) => encoder.encodeSync(asBuffer(bytes)),
      };
    }
    case 'lz4_raw':
      // The package puts the length before the block; Parquet keeps it in the page header.
      return {
        codec: compressionCodec.LZ4_RAW,
        compress: (bytes) => lz4(asBuffer(bytes)).subarray(4),
      };
    case 'none':
      return { codec: compressionCodec.UNCOMPRESSED, compress: (bytes) => bytes.slice() };
  }
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
