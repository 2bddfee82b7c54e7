// Var-length values on shared memory, so that a dictionary reaches every worker without a copy.
import type { VarValues } from '../columns/column.ts';

export function sharedVar({ offsets, data }: VarValues): VarValues {
  const bytes = offsets.at(-1)!;
  const buffer = new SharedArrayBuffer(offsets.byteLength + bytes);
  const sharedOffsets = new Uint32Array(buffer, 0, offsets.length);
  const sharedData = new Uint8Array(buffer, offsets.byteLength, bytes);
  sharedOffsets.set(offsets);
  sharedData.set(data.subarray(0, bytes));
  return { offsets: sharedOffsets, data: sharedData };
}

export function sharedWords(words: Uint32Array): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(words.byteLength));
  shared.set(words);
  return shared;
}
