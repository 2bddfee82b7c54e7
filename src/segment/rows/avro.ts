import avro from 'avsc';
import type { RawRow } from '../../config/cell.ts';
import { SegmillError } from '../../errors.ts';
import { readBatchRows } from '../../limits.ts';
import { avroRawRow, avroTypeOptions } from './avro-values.ts';
import { decompressBlock } from './avro-compression.ts';
import type { ByteSource } from './byte-source.ts';
import type { ReadRow, RowBatches } from './row-batch.ts';

/**
 * Rows of an Avro container file; positions are row numbers. The blocks' frame is checked to the end before the first
 * row is given, so that of a broken-off file nothing is taken.
 * @throws SegmillError FILE_UNREADABLE with the block and its offset
 */
export async function* readAvro(source: ByteSource, start: number): RowBatches {
  const file = await readHeader(source);
  const blocks = await readBlocks(source, file);
  let row = 0;
  for (const block of blocks) {
    if (row + block.rowCount <= start) {
      row += block.rowCount;
      continue;
    }
    const values = await decodeBlock(source, file, block);
    const rows = values.map((value, i): ReadRow => {
      return { kind: 'row', row: value, start: row + i, end: row + i + 1 };
    });
    const from = Math.max(0, start - row);
    for (let at = from; at < rows.length; at += readBatchRows) {
      const part = rows.slice(at, at + readBatchRows);
      yield { rows: part, end: part.at(-1)!.end, tail: null };
    }
    row += block.rowCount;
  }
  yield { rows: [], end: Math.max(start, row), tail: null };
}

interface AvroFile {
  readonly type: avro.Type;
  readonly codec: string;
  readonly sync: Buffer;
  /** Where the first block begins. */
  readonly offset: number;
}

interface Block {
  readonly rowCount: number;
  readonly start: number;
  readonly end: number;
}

const syncBytes = 16;
const headerBytesMax = 16 * 1024 * 1024;
const headerType = avro.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: syncBytes } },
  ],
});

async function readHeader(source: ByteSource): Promise<AvroFile> {
  const byteLength = source.byteLength ?? 0;
  const bytes = Buffer.from(await source.read(0, Math.min(byteLength, headerBytesMax)));
  const { value, offset } = tryDecode(source, 0, () => headerType.decode(bytes)) as {
    value: { magic: Buffer; meta: Record<string, Buffer>; sync: Buffer } | undefined;
    offset: number;
  };
  if (value?.magic.toString('latin1') !== 'Obj\u0001')
    throw unreadable(source, 0, 'no Avro header');
  const schema = value.meta['avro.schema'];
  if (schema === undefined) throw unreadable(source, 0, 'the header has no schema');
  const type = tryDecode(source, 0, () =>
    avro.Type.forSchema(JSON.parse(schema.toString('utf8')), avroTypeOptions()),
  );
  if (type.typeName !== 'record')
    throw unreadable(source, 0, `its schema is no record but ${type.typeName}`);
  const codec = value.meta['avro.codec']?.toString('utf8') ?? 'null';
  return { type, codec, sync: value.sync, offset };
}

async function readBlocks(source: ByteSource, file: AvroFile): Promise<Block[]> {
  const byteLength = source.byteLength ?? 0;
  const blocks: Block[] = [];
  for (let at = file.offset; at < byteLength;) {
    const head = Buffer.from(await source.read(at, Math.min(at + 20, byteLength)));
    const rowCount = readCount(head, 0);
    const size = rowCount === null ? null : readCount(head, rowCount.next);
    if (rowCount === null || size === null) throw unreadable(source, at, 'bad block header');
    const start = at + size.next;
    const end = start + size.value;
    if (end + syncBytes > byteLength)
      throw unreadable(source, at, 'the file breaks off within a block');
    const sync = await source.read(end, end + syncBytes);
    if (!file.sync.equals(sync))
      throw unreadable(source, at, 'the block does not end with the sync marker');
    blocks.push({ rowCount: rowCount.value, start, end });
    at = end + syncBytes;
  }
  return blocks;
}

/** A zig-zag variable-length count, not negative; null when it is cut off or too large. */
function readCount(bytes: Uint8Array, from: number): { value: number; next: number } | null {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) {
      const count = (value >> 1n) ^ -(value & 1n);
      const fits = count >= 0n && count <= BigInt(Number.MAX_SAFE_INTEGER);
      return fits ? { value: Number(count), next: from + i + 1 } : null;
    }
  }
  return null;
}

async function decodeBlock(source: ByteSource, file: AvroFile, block: Block): Promise<RawRow[]> {
  const packed = await source.read(block.start, block.end);
  try {
    const bytes = await decompressBlock(packed, file.codec);
    const rows: RawRow[] = [];
    let at = 0;
    for (let i = 0; i < block.rowCount; i++) {
      const { value, offset } = file.type.decode(bytes, at) as { value: unknown; offset: number };
      if (offset < 0) throw new Error(`row ${i} of the block breaks off`);
      rows.push(avroRawRow(value as object));
      at = offset;
    }
    return rows;
  } catch (error) {
    if (error instanceof SegmillError) throw error;
    throw unreadable(source, block.start, (error as Error).message);
  }
}

function tryDecode<T>(source: ByteSource, at: number, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw unreadable(source, at, (error as Error).message);
  }
}

function unreadable(source: ByteSource, offset: number, reason: string): SegmillError {
  return new SegmillError(
    'FILE_UNREADABLE',
    `the Avro file ${source.where} cannot be read at byte ${offset}: ${reason}`,
    { path: source.where, offset },
  );
}
