import type { Schema, Type } from 'avsc';
import type { RawRow } from '../../config/cell.ts';
import { SegmillError } from '../../errors.ts';
import { readBatchRows } from '../../limits.ts';
import { AvroReader } from './avro-reader.ts';
import { avroType, readAvroRow } from './avro-values.ts';
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
  readonly type: Type;
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
/** Rows of a block beyond its bytes: packed ones, and rows without fields. */
const emptyRowsMax: number = 1 << 24;
const magic = 'Obj\u0001';
const headerBytesMax: number = 16 * 1024 * 1024;

async function readHeader(source: ByteSource): Promise<AvroFile> {
  const bytes = await source.read(0, Math.min(source.byteLength ?? 0, headerBytesMax));
  return tryDecode(source, 0, () => {
    const reader = new AvroReader(bytes);
    if (Buffer.from(reader.bytes(4)).toString('latin1') !== magic)
      throw new Error('no Avro header');
    const meta = new Map(
      reader.items(() => [reader.text(), reader.bytes(reader.length())] as const),
    );
    const sync = Buffer.from(reader.bytes(syncBytes));
    const schema = meta.get('avro.schema');
    if (schema === undefined) throw new Error('the header has no schema');
    const type = avroType(JSON.parse(Buffer.from(schema).toString('utf8')) as Schema);
    if (type.typeName !== 'record') throw new Error(`its schema is no record but ${type.typeName}`);
    const codec = Buffer.from(meta.get('avro.codec') ?? Buffer.from('null')).toString('utf8');
    return { type, codec, sync, offset: reader.position };
  });
}

async function readBlocks(source: ByteSource, file: AvroFile): Promise<Block[]> {
  const byteLength = source.byteLength ?? 0;
  const blocks: Block[] = [];
  for (let at = file.offset; at < byteLength;) {
    const head = Buffer.from(await source.read(at, Math.min(at + 20, byteLength)));
    const { rowCount, size, headBytes } = tryDecode(source, at, () => {
      const reader = new AvroReader(head);
      return { rowCount: reader.length(), size: reader.length(), headBytes: reader.position };
    });
    const start = at + headBytes;
    const end = start + size;
    if (rowCount > size + emptyRowsMax)
      throw unreadable(source, at, `${rowCount} rows in ${size} bytes`);
    if (end + syncBytes > byteLength)
      throw unreadable(source, at, 'the file breaks off within a block');
    const sync = await source.read(end, end + syncBytes);
    if (!file.sync.equals(sync))
      throw unreadable(source, at, 'the block does not end with the sync marker');
    blocks.push({ rowCount, start, end });
    at = end + syncBytes;
  }
  return blocks;
}

async function decodeBlock(source: ByteSource, file: AvroFile, block: Block): Promise<RawRow[]> {
  const packed = await source.read(block.start, block.end);
  try {
    const reader = new AvroReader(await decompressBlock(packed, file.codec));
    const rows: RawRow[] = [];
    for (let i = 0; i < block.rowCount; i++) rows.push(readAvroRow(reader, file.type));
    if (reader.left > 0) throw new Error(`${reader.left} bytes behind the block's last row`);
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
