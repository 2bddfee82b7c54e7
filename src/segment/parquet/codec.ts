import type { DecodedSegment, SegmentCodec } from '../types.ts';
import { encodeParquet } from './encode.ts';

export const parquetCodec: SegmentCodec = {
  format: 'parquet',
  extension: 'parquet',
  encode: (pieces, options) => encodeParquet(pieces, options),
  decode: (bytes, where, columns): DecodedSegment => {
    throw new Error(`${where} ${bytes.length} ${columns?.length}`);
  },
};
