// What stands around the messages of an Arrow IPC file, and the checksum that segmill puts before its footer:
//
//   ARROW1.. | schema | dictionaries, batches | end of stream | SEGMCRC1, crc32, 0 | footer | its length | ARROW1
//
// It is the CRC-32 of all other bytes of the file in their order. Readers go by the footer and never see it.
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { SegmillError } from '../../errors.ts';

export const fileMagic: Uint8Array = new TextEncoder().encode('ARROW1');
const sealMagic = new TextEncoder().encode('SEGMCRC1');
const sealBytes = 16;
const tailBytes = 4 + fileMagic.length;
/** Keys of our own metadata stand in the schema message at the file's start; two, so that one flipped bit hides one. */
const ownKeys = ['segmill.segmentName', 'segmill.creationMs'];
const ownKeysWithin = 1 << 16;

export function seal(crc: number): Uint8Array {
  const out = new Uint8Array(sealBytes);
  out.set(sealMagic);
  new DataView(out.buffer).setUint32(sealMagic.length, crc, true);
  return out;
}

export function corrupt(
  where: string,
  what: string,
  offset?: number,
  cause?: unknown,
): SegmillError {
  const place = offset === undefined ? '' : ` at byte ${offset}`;
  return new SegmillError(
    'SEGMENT_CORRUPT',
    `${where} is damaged${place}: ${what}; restore the file from a copy, or remove the segment and read its source again`,
    offset === undefined ? { file: where } : { file: where, offset },
    cause === undefined ? undefined : { cause },
  );
}

export interface FileFrame {
  readonly footer: Uint8Array;
  /** The checksum is there and right. */
  readonly sealed: boolean;
}

/**
 * Finds the footer and checks the checksum where there is one.
 * @param checked the caller knows the file's bytes to be right: the checksum is not computed
 * @throws SegmillError SEGMENT_CORRUPT
 */
export function openFrame(bytes: Uint8Array, where: string, checked: boolean): FileFrame {
  if (bytes.length < 8 + tailBytes || !startsWith(bytes, 0, fileMagic)) {
    throw corrupt(where, 'it does not begin with ARROW1', 0);
  }
  const tail = bytes.length - tailBytes;
  if (!startsWith(bytes, tail + 4, fileMagic)) {
    throw corrupt(where, 'it does not end with ARROW1, so it was cut short', bytes.length);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = tail - view.getInt32(tail, true);
  if (start < 8 || start > tail) throw corrupt(where, 'its footer lies outside the file', tail);
  const footer = bytes.subarray(start, tail);
  const at = start - sealBytes;
  if (at < 8 || !startsWith(bytes, at, sealMagic)) return { footer, sealed: false };
  if (checked) return { footer, sealed: true };
  const stored = view.getUint32(at + sealMagic.length, true);
  const found = crc32(bytes.subarray(start), crc32(bytes.subarray(0, at)));
  if (found === stored && view.getUint32(at + sealMagic.length + 4, true) === 0) {
    return { footer, sealed: true };
  }
  const hex = (crc: number): string => crc.toString(16).padStart(8, '0');
  throw corrupt(where, `its bytes have the CRC-32 ${hex(found)}, the file says ${hex(stored)}`, at);
}

/** Does the file's metadata say that segmill wrote it? */
export function looksOwn(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, ownKeysWithin);
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  return ownKeys.some((key) => start.includes(key));
}

function startsWith(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  return text.every((byte, i) => bytes[at + i] === byte);
}
