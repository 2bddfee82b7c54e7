import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { zstd as nativeZstd } from '../zstd.ts';
import { uncompress } from 'snappy';

const inflate = promisify(inflateRaw);

/** A block's bytes by the codec that the file's header names. @throws Error that says what is wrong */
export async function decompressBlock(bytes: Uint8Array, codec: string): Promise<Buffer> {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (codec) {
    case 'null':
      return packed;
    case 'deflate':
      return inflate(packed);
    case 'snappy':
      return snappyBlock(packed);
    case 'zstandard':
      return new (nativeZstd().Decoder)().decode(packed);
    default:
      throw new Error(`codec ${codec} is not supported; null, deflate, snappy and zstandard are`);
  }
}

/** Snappy data, then the CRC-32 of what it unpacks to, big endian. */
async function snappyBlock(packed: Buffer): Promise<Buffer> {
  if (packed.length < 4) throw new Error('the snappy block has no checksum');
  const bytes = Buffer.from(await uncompress(packed.subarray(0, -4), { asBuffer: true }));
  if (crc32(bytes) !== packed.readUInt32BE(packed.length - 4)) {
    throw new Error('the checksum of the snappy block does not match');
  }
  return bytes;
}
