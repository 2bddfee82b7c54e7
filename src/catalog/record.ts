// Records as bytes. Integers beyond 2^53 stay bigint, byte values stay Uint8Array, doubles stay doubles.
import { Packr } from 'msgpackr';

const packr = new Packr({ useRecords: false, moreTypes: true, int64AsType: 'bigint' });

export function encodeRecord(record: unknown): Uint8Array {
  return packr.pack(record);
}

export function decodeRecord(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}
