// The Arrow stream file behind a CONSUMING segment: appended to, flushed, and taken up again by the next ingestion.
import { crc32 } from 'node:zlib';
import type { Schema } from '../config/types.ts';
import type { ColumnBatch } from '../columns/column.ts';
import { createConsumingEncoder, decodeConsuming } from '../segment/arrow/stream.ts';
import type { ConsumingEncoder } from '../segment/arrow/stream.ts';
import type { Store } from '../store/types.ts';
import type { ConsumingRecord } from '../catalog/types.ts';
import { readConsumingBytes } from './consuming-rows.ts';

interface Start {
  readonly byteLength: number;
  readonly crc: number;
  readonly hasColumns: boolean;
}

export class ConsumingFile {
  /** The file's columns are those of the schema, in type and order. */
  readonly hasColumns: boolean;
  readonly #store: Store;
  readonly #path: string;
  readonly #encoder: ConsumingEncoder;
  #byteLength: number;
  #crc: number;

  private constructor(store: Store, schema: Schema, path: string, start: Start) {
    this.#store = store;
    this.#path = path;
    this.#byteLength = start.byteLength;
    this.#crc = start.crc;
    this.hasColumns = start.hasColumns;
    // Nulls are kept or dropped before the encoder: a table whose null handling changes goes on in the same file.
    this.#encoder = createConsumingEncoder(schema.fields, { nullHandling: true });
  }

  /** A new file, made by its first `append`. */
  static create(store: Store, schema: Schema, path: string): ConsumingFile {
    return new ConsumingFile(store, schema, path, { byteLength: 0, crc: 0, hasColumns: true });
  }

  /**
   * Goes on behind the valid part.
   * @throws SegmillError SEGMENT_CORRUPT, FILE_NOT_FOUND
   */
  static async adopt(
    store: Store,
    schema: Schema,
    consuming: ConsumingRecord,
  ): Promise<ConsumingFile> {
    const { file, byteLength, crc } = consuming;
    const bytes = await readConsumingBytes(store, consuming);
    const hasColumns = sameColumns(decodeConsuming(bytes, file), schema);
    return new ConsumingFile(store, schema, file, { byteLength, crc, hasColumns });
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** CRC-32 of all bytes. */
  get crc(): number {
    return this.#crc;
  }

  /**
   * The rows are on the device when this is done; what a crash left behind the valid part is cut off. A file whose
   * append failed takes no more: its dictionaries are ahead of its bytes.
   */
  async append(batch: ColumnBatch): Promise<void> {
    const chunks = this.#byteLength === 0 ? [this.#encoder.header()] : [];
    chunks.push(this.#encoder.encodeBatch(batch));
    const writer = await this.#store.append(this.#path, this.#byteLength);
    let crc = this.#crc;
    try {
      for (const chunk of chunks) {
        crc = crc32(chunk, crc);
        await writer.write(chunk);
      }
      await writer.finish();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    this.#crc = crc;
    this.#byteLength = writer.byteLength;
  }
}

function sameColumns(batch: ColumnBatch, { fields }: Schema): boolean {
  return (
    batch.columns.length === fields.length &&
    batch.columns.every((column, i) => {
      const { name, dataType, multiValue } = fields[i]!;
      return (
        column.name === name &&
        column.dataType === dataType &&
        (column.offsets !== null) === multiValue
      );
    })
  );
}
