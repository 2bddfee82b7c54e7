import { extname } from 'node:path';
import { SegmillError } from '../../errors.ts';
import { fingerprintBytes } from '../../limits.ts';
import type { ByteSource } from './byte-source.ts';
import { firstByte } from './json-values.ts';
import { byteOrderMark } from './ndjson.ts';

export type RowFormat = 'ndjson' | 'json' | 'csv' | 'avro' | 'parquet';

const formatOfExtension: Readonly<Record<string, RowFormat>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.avro': 'avro',
  '.parquet': 'parquet',
};

/** Whether the first bytes of a pipe that is still being written are enough for `formatOfBytes`: two lines, or one object. */
export function isTelling(head: Uint8Array): boolean {
  if (head.length >= fingerprintBytes) return true;
  const first = head.indexOf(10);
  if (first < 4) return false;
  const line = Buffer.from(head.subarray(0, first)).toString('latin1').trim();
  return line.endsWith('}') || head.indexOf(10, first + 1) >= 0;
}

/**
 * The format of a file: by its extension where that is enough, else by its first bytes. `json` is read by values, not lines.
 * @throws SegmillError FILE_UNREADABLE for a compressed file
 */
export async function formatOf(path: string, source: ByteSource): Promise<RowFormat> {
  const head = await source.read(0, Math.min(source.byteLength ?? 0, fingerprintBytes));
  checkUnpacked(head, path);
  return formatOfExtension[extname(path).toLowerCase()] ?? formatOfBytes(head);
}

const packers: readonly (readonly [name: string, magic: string])[] = [
  ['gzip', '1f8b'],
  ['zip', '504b0304'],
  ['bzip2', '425a68'],
  ['zstd', '28b52ffd'],
  ['xz', 'fd377a58'],
  ['lz4', '04224d18'],
];

/** @throws SegmillError FILE_UNREADABLE */
export function checkUnpacked(head: Uint8Array, where: string): void {
  const start = Buffer.from(head.subarray(0, 4)).toString('hex');
  const packer = packers.find(([, magic]) => start.startsWith(magic));
  if (packer === undefined) return;
  throw new SegmillError(
    'FILE_UNREADABLE',
    `${where} is compressed by ${packer[0]}, rows are read from NDJSON, JSON, CSV, Avro and Parquet as they are; unpack it first`,
    { path: where, found: packer[0] },
  );
}

/** Positions of a format are row numbers and its files never grow. */
export function isWhole(format: RowFormat): boolean {
  return format !== 'ndjson' && format !== 'csv';
}

/**
 * `Obj\x01` Avro, `PAR1` Parquet, `[` a JSON array, `{` NDJSON unless the first line is the begin of an object that goes
 * on over several lines, anything else with a comma in its first line CSV.
 */
export function formatOfBytes(head: Uint8Array): RowFormat {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const magic = bytes.toString('latin1', 0, 4);
  if (magic === 'Obj\u0001') return 'avro';
  if (magic === 'PAR1') return 'parquet';
  const first = firstByte(bytes);
  if (first === 0x5b) return 'json';
  const lines = bytes
    .toString('utf8', byteOrderMark(bytes))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (first === 0x7b) return spansLines(lines) ? 'json' : 'ndjson';
  return lines[0]?.includes(',') === true ? 'csv' : 'ndjson';
}

function spansLines(lines: readonly string[]): boolean {
  const [line, next] = lines;
  return line !== undefined && !line.endsWith('}') && next !== undefined && !next.startsWith('{');
}
