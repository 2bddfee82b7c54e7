// The files of segments, checked against the catalog before the engine reads them: it believes damaged pages, and a
// flipped byte in a value is no error to it.
import { crc32 } from 'node:zlib';
import type { SegmentRecord } from '../catalog/types.ts';
import { isSegmillError, SegmillError } from '../errors.ts';
import { checkedBytes, checkedFilesMax } from '../limits.ts';
import type { Store } from '../store/types.ts';

/** Files found whole by this process, by absolute path, length and CRC: a segment's file is never changed in place. */
const whole = new Set<string>();

/**
 * Reads the file once a process; its length is looked at each time.
 * @throws SegmillError SEGMENT_CORRUPT, MISSING_INPUT, or the reason of `stop`
 */
export async function checkSegmentFile(
  store: Store,
  segment: SegmentRecord,
  stop: AbortSignal,
): Promise<void> {
  const { file, byteLength, crc } = segment;
  const size = await present(segment, () => store.size(file));
  if (size !== byteLength) throw damaged(segment, size, null);
  const key = JSON.stringify([store.localPath(file), byteLength, crc]);
  if (whole.has(key)) return;
  const buffer = new Uint8Array(Math.min(checkedBytes, byteLength));
  let found = 0;
  for (let start = 0; start < byteLength; start += checkedBytes) {
    stop.throwIfAborted();
    const end = Math.min(start + checkedBytes, byteLength);
    const piece = await present(segment, () =>
      store.read(file, { start, end }, (length) => buffer.subarray(0, length)),
    );
    found = crc32(piece, found);
  }
  if (found !== crc) throw damaged(segment, size, found);
  const [oldest] = whole;
  if (whole.size >= checkedFilesMax && oldest !== undefined) whole.delete(oldest);
  whole.add(key);
}

/**
 * The whole file, as the catalog knows it.
 * @throws SegmillError SEGMENT_CORRUPT, MISSING_INPUT
 */
export async function readSegmentFile(
  store: Store,
  segment: SegmentRecord,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await present(segment, () => store.read(segment.file));
  const found = crc32(bytes);
  if (bytes.byteLength !== segment.byteLength || found !== segment.crc)
    throw damaged(segment, bytes.byteLength, found);
  return bytes;
}

async function present<T>(segment: SegmentRecord, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isSegmillError(error, 'FILE_NOT_FOUND')) throw error;
    throw new SegmillError(
      'MISSING_INPUT',
      `the file of segment ${segment.name} is gone: ${segment.file}; ${remedy(segment)}`,
      { segment: segment.name, file: segment.file },
      { cause: error },
    );
  }
}

/** @param crc null: not computed, the length tells */
function damaged(segment: SegmentRecord, byteLength: number, crc: number | null): SegmillError {
  const { name, file } = segment;
  const found = `${byteLength} bytes${crc === null ? '' : ` and CRC ${crc}`}`;
  return new SegmillError(
    'SEGMENT_CORRUPT',
    `segment ${name} is damaged: its file ${file} has ${found}, the catalog says ${segment.byteLength} bytes and CRC ${segment.crc}; ${remedy(segment)}`,
    {
      segment: name,
      file,
      byteLength,
      expectedByteLength: segment.byteLength,
      crc,
      expectedCrc: segment.crc,
    },
  );
}

const remedies = {
  run: ', or rerun its window',
  backfill: ', or do its backfill again',
  import: ', or import it again',
  ingest: '',
} as const;

function remedy({ table, origin }: SegmentRecord): string {
  return `put it back from a copy${remedies[origin.kind]} ("segmill verify ${table}" finds all that is damaged)`;
}
