import type { SegmentCodec } from '../types.ts';
import { decodeParquet } from './decode.ts';
import { encodeParquet } from './encode.ts';

/** Segments as Parquet files that other engines read too. */
export const parquetCodec: SegmentCodec = {
  format: 'parquet',
  extension: 'parquet',
  encode: (pieces, options) => encodeParquet(pieces, options),
  decode: decodeParquet,
};
