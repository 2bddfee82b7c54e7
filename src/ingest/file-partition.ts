// Files as one partition's stream, one after another.
import { isSegmillError, SegmillError } from '../errors.ts';
import type { SourcePosition } from '../catalog/types.ts';
import type { Schema } from '../config/types.ts';
import { openFile } from '../segment/rows/byte-source.ts';
import type { FileSource } from '../segment/rows/byte-source.ts';
import { formatOf, isWhole } from '../segment/rows/format.ts';
import { readRows } from '../segment/rows/read-rows.ts';
import { checkUnchanged, checkUnseen, fingerprinted } from './positions.ts';
import type { PositionFacts } from './positions.ts';
import { isReadToEnd } from './read-to-end.ts';
import type { StreamBatch, StreamPartition } from './stream-source.ts';

/** A file to replay; `open` is called each time it is looked at. */
export interface ReplayFile {
  readonly key: string;
  readonly path: string;
}

export interface FilePartitionOptions {
  readonly partition: number;
  readonly files: readonly ReplayFile[];
  /** Makes the files ready, once, under the partition's lease. */
  readonly prepare: () => Promise<void>;
  /** The files as they are later, for `--follow`. */
  readonly rescan: () => Promise<readonly ReplayFile[]>;
  readonly schema: Schema;
  /** Positions of all partitions of the table, to know a file again under another key; null: not asked (`--again`). */
  readonly seen:
    | (() => readonly { readonly partition: number; readonly position: SourcePosition }[])
    | null;
}

export function filePartition(options: FilePartitionOptions): StreamPartition {
  return new FilePartition(options);
}

interface OpenFile {
  readonly key: string;
  readonly file: FileSource;
  readonly facts: Omit<PositionFacts, 'position' | 'rows'>;
}

class FilePartition implements StreamPartition {
  readonly #options: FilePartitionOptions;
  #fetched = false;
  #current: OpenFile | null = null;
  /** Ends of files that are closed again but may not be stored yet. */
  readonly #ends = new Map<string, SourcePosition>();
  /** Length at which each file was read to its end by this object: nothing to look at until it changes. */
  readonly #doneAt = new Map<string, number>();

  constructor(options: FilePartitionOptions) {
    this.#options = options;
  }

  get partition(): number {
    return this.#options.partition;
  }

  async *fetch(known: readonly SourcePosition[]): AsyncGenerator<StreamBatch, void, undefined> {
    const keys = new Set<string>();
    for (const { key, path } of await this.#files()) {
      if (keys.has(key)) throw givenTwice(key, path);
      keys.add(key);
      const file = await this.#open(key, path);
      if (file === null) continue;
      try {
        if (this.#doneAt.get(key) === file.byteLength) continue;
        yield* this.#fetchFile(
          key,
          file,
          known.find((position) => position.source === key),
        );
        this.#doneAt.set(key, file.byteLength);
      } finally {
        this.#current = null;
        await file.close();
      }
    }
  }

  async #files(): Promise<readonly ReplayFile[]> {
    const { files, prepare, rescan } = this.#options;
    if (!this.#fetched) {
      this.#fetched = true;
      await prepare();
      return files;
    }
    try {
      return await rescan();
    } catch (error) {
      // The file or folder that was given is away for a moment, as while logs are rotated.
      if (isSegmillError(error, 'FILE_NOT_FOUND')) return files;
      throw error;
    }
  }

  /** Null: a file that was read before and is gone. */
  async #open(key: string, path: string): Promise<FileSource | null> {
    try {
      return await openFile(path);
    } catch (error) {
      if (this.#doneAt.has(key) && isSegmillError(error, 'FILE_NOT_FOUND')) return null;
      throw error;
    }
  }

  async *#fetchFile(
    key: string,
    file: FileSource,
    known: SourcePosition | undefined,
  ): AsyncGenerator<StreamBatch, void, undefined> {
    const { schema, seen } = this.#options;
    if (known !== undefined) await checkUnchanged(file, known);
    else if (seen !== null) await checkUnseen(file, seen());
    const format = await formatOf(file.where, file);
    const kind = isWhole(format) ? 'whole' : 'growing';
    if (known !== undefined && known.kind !== kind) throw otherKind(file, known, format);
    this.#current = { key, file, facts: { source: key, path: file.where, kind } };
    let end = known?.position ?? 0;
    let rows = known?.rows ?? 0;
    for await (const batch of readRows(file, { format, start: end, schema })) {
      yield { source: key, start: end, end: batch.end, rows: batch.rows, tail: batch.tail };
      end = batch.end;
      rows += batch.rows.length;
    }
    this.#ends.set(key, await fingerprinted(file, { ...this.#current.facts, position: end, rows }));
  }

  async positionAt(source: string, end: number, rows: number): Promise<SourcePosition> {
    const done = this.#ends.get(source);
    if (done?.position === end) return { ...done, rows };
    const current = this.#current;
    if (current?.key !== source) throw new Error(`${source} is not being read`);
    return fingerprinted(current.file, { ...current.facts, position: end, rows });
  }

  isAtEnd(position: SourcePosition): Promise<boolean> {
    return isReadToEnd(position);
  }
}

function givenTwice(key: string, path: string): SegmillError {
  return new SegmillError(
    'USAGE',
    `${path} is given twice for one partition, as ${key}: name it once, or give files of one --source different names`,
    { path, source: key },
  );
}

function otherKind(file: FileSource, known: SourcePosition, format: string): SegmillError {
  return new SegmillError(
    'FILE_CHANGED',
    `${file.where} was read by ${known.kind === 'whole' ? 'rows' : 'lines'} before and is ${format} now; give changed data under a new name`,
    { path: file.where, source: known.source },
  );
}
