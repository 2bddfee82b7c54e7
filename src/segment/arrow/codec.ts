import type { SegmentCodec } from '../types.ts';
import { decodeFile } from './decode.ts';
import { encodeFile } from './encode.ts';

/** Segments as Arrow IPC files, uncompressed: what `store` keeps of realtime rows, and what spills. */
export const arrowCodec: SegmentCodec = {
  format: 'arrow',
  extension: 'arrow',
  encode: encodeFile,
  decode: decodeFile,
};
