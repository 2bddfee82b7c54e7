// The writer of one local file. Small chunks are gathered, so that the system sees large sequential writes.
import type { FileHandle } from 'node:fs/promises';
import { invariant } from '../errors.ts';
import { storeWriteBytes } from '../limits.ts';
import { storeFailure } from './failure.ts';
import { countFault } from './fault.ts';
import type { FaultPlan, StoreWriter } from './types.ts';

export interface WriterTarget {
  readonly path: string;
  readonly handle: FileHandle;
  /** Where writing begins: 0 for a new file. */
  readonly start: number;
  readonly fault: FaultPlan | undefined;
  /** Makes the file's name durable; called once, with the first sync. */
  readonly syncName: () => Promise<void>;
  /** Removes the file, or cuts it back, after the handle was closed. */
  readonly undo: () => Promise<void>;
}

export class LocalWriter implements StoreWriter {
  readonly #target: WriterTarget;
  #pending: Uint8Array<ArrayBuffer> | null = null;
  #pendingBytes = 0;
  #flushedEnd: number;
  #nameSynced = false;
  #state: 'open' | 'failed' | 'closed' = 'open';

  constructor(target: WriterTarget) {
    this.#target = target;
    this.#flushedEnd = target.start;
  }

  get byteLength(): number {
    return this.#flushedEnd + this.#pendingBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#step('write', chunk.byteLength, async () => {
      countFault(this.#target.fault, 'store.write', this.#target.path);
      if (this.#pendingBytes + chunk.byteLength > storeWriteBytes) await this.#flush();
      if (chunk.byteLength >= storeWriteBytes) {
        await this.#writeAll(chunk);
        return;
      }
      this.#pending ??= new Uint8Array(storeWriteBytes);
      this.#pending.set(chunk, this.#pendingBytes);
      this.#pendingBytes += chunk.byteLength;
    });
  }

  async sync(): Promise<void> {
    await this.#step('flush', this.#pendingBytes, async () => {
      await this.#flush();
      countFault(this.#target.fault, 'store.sync', this.#target.path);
      await this.#target.handle.datasync();
      if (!this.#nameSynced) await this.#target.syncName();
      this.#nameSynced = true;
    });
  }

  async finish(): Promise<void> {
    await this.sync();
    await this.#step('close', 0, () => this.#target.handle.close());
    this.#state = 'closed';
    this.#pending = null;
  }

  async abandon(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#pending = null;
    this.#pendingBytes = 0;
    try {
      await this.#target.handle.close();
      await this.#target.undo();
    } catch (error) {
      throw storeFailure(error, 'abandon', this.#target.path);
    }
  }

  /** A file that failed once takes no more bytes: what it holds is unknown, only `abandon` is left. */
  async #step(name: string, bytes: number, body: () => Promise<void>): Promise<void> {
    invariant(this.#state === 'open', () => `${name} on ${this.#state} file ${this.#target.path}`);
    try {
      await body();
    } catch (error) {
      this.#state = 'failed';
      throw storeFailure(error, name, this.#target.path, bytes);
    }
  }

  async #flush(): Promise<void> {
    if (this.#pending === null || this.#pendingBytes === 0) return;
    const bytes = this.#pending.subarray(0, this.#pendingBytes);
    await this.#writeAll(bytes);
    this.#pendingBytes = 0;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength;) {
      const length = Math.min(bytes.byteLength - at, 1 << 30);
      const { bytesWritten } = await this.#target.handle.write(
        bytes,
        at,
        length,
        this.#flushedEnd + at,
      );
      at += bytesWritten;
    }
    this.#flushedEnd += bytes.byteLength;
  }
}
