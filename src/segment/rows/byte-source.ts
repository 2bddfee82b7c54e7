import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { SegmillError, unreadableFile } from '../../errors.ts';
import { readChunkBytes } from '../../limits.ts';

/** Bytes to read rows from: a file up to the length it had when it was opened, a pipe, or bytes in memory. */
export interface ByteSource {
  /** For messages. */
  readonly where: string;
  /** Null: a pipe, readable once from 0 by `chunks` alone. */
  readonly byteLength: number | null;
  /** From `start` to the end; a chunk may be kept. */
  chunks(start: number): AsyncIterable<Uint8Array>;
  read(start: number, end: number): Promise<Uint8Array>;
}

/** A file as it is now: bytes appended later are not seen. Close it when done. */
export interface FileSource extends ByteSource {
  readonly byteLength: number;
  close(): Promise<void>;
}

/** @throws SegmillError FILE_NOT_FOUND, FILE_UNREADABLE */
export async function openFile(
  path: string,
  byteLengthMax: number = Infinity,
): Promise<FileSource> {
  const handle = await unreadableAs(path, () => open(path, 'r'));
  const size = await unreadableAs(path, async () => (await handle.stat()).size);
  const byteLength = Math.min(size, byteLengthMax);
  const read = (start: number, end: number): Promise<Uint8Array> =>
    unreadableAs(path, () => readExactly(handle, path, start, Math.min(end, byteLength)));
  return {
    where: path,
    byteLength,
    read,
    async *chunks(start) {
      for (let at = start; at < byteLength; at += readChunkBytes) {
        yield await read(at, at + readChunkBytes);
      }
    },
    close: () => handle.close(),
  };
}

export function bytesSource(bytes: Uint8Array, where: string): ByteSource {
  return {
    where,
    byteLength: bytes.length,
    read: (start, end) => Promise.resolve(bytes.subarray(start, end)),
    async *chunks(start) {
      if (start < bytes.length) yield bytes.subarray(start);
    },
  };
}

/** A pipe, read once; what was looked at by `peek` comes again in `chunks`. */
export interface PipeSource extends ByteSource {
  /** The first bytes, as many as it takes until they are `enough`, or all. */
  peek(enough: (head: Uint8Array) => boolean): Promise<Uint8Array>;
}

export function pipeSource(input: AsyncIterable<Uint8Array>, where: string): PipeSource {
  const iterator = input[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  return {
    where,
    byteLength: null,
    read: () => Promise.reject(new Error(`${where} is a pipe: it has no positions`)),
    async peek(enough) {
      while (!enough(head)) {
        const next = await iterator.next();
        if (next.done === true) break;
        head = Buffer.concat([head, next.value]);
      }
      return head;
    },
    async *chunks() {
      if (head.length > 0) yield head;
      head = new Uint8Array(0);
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        yield next.value;
      }
    },
  };
}

/** All of a pipe in memory, for formats that need positions. */
export async function buffered(source: ByteSource, byteLengthMax: number): Promise<ByteSource> {
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  for await (const chunk of source.chunks(0)) {
    byteLength += chunk.length;
    if (byteLength > byteLengthMax) {
      throw new SegmillError(
        'FILE_UNREADABLE',
        `${source.where} is longer than ${byteLengthMax} bytes, the limit for this format through a pipe; write it to a file first`,
      );
    }
    chunks.push(chunk);
  }
  return bytesSource(Buffer.concat(chunks), source.where);
}

async function readExactly(
  handle: FileHandle,
  path: string,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
    if (bytesRead === 0) {
      throw new SegmillError(
        'FILE_CHANGED',
        `${path} became shorter while it was read: ${start + done} bytes, ${end} expected`,
        { path },
      );
    }
    done += bytesRead;
  }
  return bytes;
}

async function unreadableAs<T>(path: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof SegmillError) throw error;
    throw unreadableFile(path, error);
  }
}
