// How a file is known again: by its key, its first bytes and its last bytes before the position.
import { createHash } from 'node:crypto';
import { SegmillError } from '../errors.ts';
import { fingerprintBytes } from '../limits.ts';
import type { SourcePosition } from '../catalog/types.ts';
import type { ByteSource } from '../segment/rows/byte-source.ts';

export interface PositionFacts {
  readonly source: string;
  readonly path: string | null;
  /** `whole`: positions are rows, and the hashes are taken over the whole file's head and tail. */
  readonly kind: 'growing' | 'whole';
  readonly position: number;
  readonly rows: number;
}

/** The position with the fingerprints that belong to it. */
export async function fingerprinted(
  file: ByteSource,
  facts: PositionFacts,
): Promise<SourcePosition> {
  const byteLength = file.byteLength ?? 0;
  const readBytes = facts.kind === 'whole' ? byteLength : facts.position;
  const headBytes = Math.min(fingerprintBytes, readBytes);
  return {
    ...facts,
    headBytes,
    headHash: await hashOf(file, 0, headBytes),
    tailHash: await hashOf(file, Math.max(0, readBytes - fingerprintBytes), readBytes),
    byteLength,
  };
}

/**
 * Whether a file is still the one that was read up to `known`: it may have grown, if it is of a kind that grows.
 * @throws SegmillError FILE_CHANGED
 */
export async function checkUnchanged(file: ByteSource, known: SourcePosition): Promise<void> {
  const byteLength = file.byteLength ?? 0;
  const changed = (found: string): SegmillError =>
    new SegmillError(
      'FILE_CHANGED',
      `${file.where} is not the file that was read to ${unitOf(known)} ${known.position}: ${found}; give changed data under a new name, or as a backfill`,
      { path: file.where, source: known.source, position: known.position, byteLength },
    );
  if (known.kind === 'whole' && byteLength !== known.byteLength) {
    throw changed(
      `it has ${byteLength} bytes, ${known.byteLength} then, and files of this format never grow`,
    );
  }
  if (byteLength < readBytesOf(known)) {
    throw changed(`it has only ${byteLength} bytes now`);
  }
  if ((await hashOf(file, 0, known.headBytes)) !== known.headHash) {
    throw changed(`its first ${known.headBytes} bytes differ`);
  }
  if (!(await hasTail(file, known))) throw changed('the bytes before the position differ');
  if (known.kind === 'growing' && (await goesOnWithinLine(file, known.position))) {
    throw changed('its last line was taken as a whole row and has been continued');
  }
}

/**
 * Refuses a file that is not known by its key but begins with all that was read of a known one.
 * @throws SegmillError FILE_SEEN
 */
export async function checkUnseen(
  file: ByteSource,
  known: Iterable<{ readonly partition: number; readonly position: SourcePosition }>,
): Promise<void> {
  for (const { partition, position } of known) {
    if (!(await isSame(file, position))) continue;
    throw new SegmillError(
      'FILE_SEEN',
      `${file.where} holds what was read before as ${position.source} into partition ${partition}: give --again to add its rows once more`,
      { path: file.where, source: position.source, partition },
    );
  }
}

async function isSame(file: ByteSource, known: SourcePosition): Promise<boolean> {
  const byteLength = file.byteLength ?? 0;
  if (known.headHash === null || known.rows === 0) return false;
  if (known.kind === 'whole' ? byteLength !== known.byteLength : byteLength < known.position) {
    return false;
  }
  if ((await hashOf(file, 0, known.headBytes)) !== known.headHash) return false;
  return hasTail(file, known);
}

async function hasTail(file: ByteSource, known: SourcePosition): Promise<boolean> {
  const end = readBytesOf(known);
  return (await hashOf(file, Math.max(0, end - fingerprintBytes), end)) === known.tailHash;
}

function readBytesOf(known: SourcePosition): number {
  return known.kind === 'whole' ? known.byteLength : known.position;
}

function unitOf(known: SourcePosition): string {
  return known.kind === 'whole' ? 'row' : 'byte';
}

/** True when the byte before the position is no line end, and neither is the next. */
async function goesOnWithinLine(file: ByteSource, position: number): Promise<boolean> {
  if (position === 0 || position >= (file.byteLength ?? 0)) return false;
  const [before, after] = await file.read(position - 1, position + 1);
  return before !== 10 && after !== 10 && after !== 13;
}

async function hashOf(file: ByteSource, start: number, end: number): Promise<string> {
  return createHash('sha256')
    .update(await file.read(start, end))
    .digest('hex');
}
