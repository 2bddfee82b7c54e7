// The store's twin in memory, for tests: the same answers, a crash on demand, a disk as small as the test wants.
import { invariant, SegmillError } from '../errors.ts';
import { alreadyThere, rangeFailure, shorterThanAppend } from './failure.ts';
import { countFault } from './fault.ts';
import type { FaultSeam } from './fault.ts';
import { pathParts } from './path.ts';
import type { FaultPlan, Store, StoreEntry, StoreWriter } from './types.ts';

export interface MemoryStoreOptions {
  readonly capacityBytes?: number;
  readonly fault?: FaultPlan;
  readonly clock?: () => number;
}

interface MemoryFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** What a crash leaves; null: not even the name. */
  durable: Uint8Array<ArrayBuffer> | null;
  modifiedMs: number;
}

export class MemoryStore implements Store {
  readonly descriptor = null;
  readonly #files = new Map<string, MemoryFile>();
  readonly #capacityBytes: number;
  readonly #fault: FaultPlan | undefined;
  readonly #clock: () => number;

  constructor(options: MemoryStoreOptions = {}) {
    this.#capacityBytes = options.capacityBytes ?? 2 ** 40;
    this.#fault = options.fault;
    this.#clock = options.clock ?? Date.now;
  }

  /** The machine loses power: what was not flushed is gone. Writers from before must not be used any more. */
  crash(): void {
    for (const [path, file] of this.#files) {
      if (file.durable === null) this.#files.delete(path);
      else file.bytes = file.durable;
    }
  }

  async read(
    path: string,
    range?: { readonly start: number; readonly end: number },
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { bytes } = this.#file('read', path);
    const { start, end } = range ?? { start: 0, end: bytes.byteLength };
    if (start < 0 || end < start || end > bytes.byteLength) {
      throw rangeFailure(path, start, end, bytes.byteLength);
    }
    return Promise.resolve(bytes.slice(start, end));
  }

  async create(path: string): Promise<StoreWriter> {
    pathParts(path);
    countFault(this.#fault, 'store.create', path);
    if (this.#files.has(path)) throw alreadyThere('create', path);
    return Promise.resolve(this.#openWriter(path, this.#newFile(path), 0, true));
  }

  async append(path: string, byteLength: number): Promise<StoreWriter> {
    pathParts(path);
    countFault(this.#fault, 'store.create', path);
    const isNew = byteLength === 0 && !this.#files.has(path);
    const file = isNew ? this.#newFile(path) : this.#file('append to', path);
    if (file.bytes.byteLength < byteLength) {
      throw shorterThanAppend(path, byteLength, file.bytes.byteLength);
    }
    file.bytes = file.bytes.slice(0, byteLength);
    return Promise.resolve(this.#openWriter(path, file, byteLength, isNew));
  }

  async rename(from: string, to: string): Promise<void> {
    pathParts(to);
    const file = this.#file('rename', from, 'store.rename');
    if (this.#files.has(to)) throw alreadyThere(`rename ${from} to`, to);
    this.#files.set(to, file);
    this.#files.delete(from);
    return Promise.resolve();
  }

  async remove(path: string): Promise<void> {
    pathParts(path);
    countFault(this.#fault, 'store.remove', path);
    this.#files.delete(path);
    return Promise.resolve();
  }

  async removeFolder(path: string): Promise<void> {
    pathParts(path);
    countFault(this.#fault, 'store.remove', path);
    for (const name of this.#files.keys()) {
      if (name.startsWith(`${path}/`)) this.#files.delete(name);
    }
    return Promise.resolve();
  }

  async exists(path: string): Promise<boolean> {
    pathParts(path);
    return Promise.resolve(this.#files.has(path));
  }

  async size(path: string): Promise<number> {
    return Promise.resolve(this.#file('look at', path).bytes.byteLength);
  }

  async list(folder: string): Promise<StoreEntry[]> {
    pathParts(folder);
    const found = [...this.#files].filter(([path]) => path.startsWith(`${folder}/`));
    const entries = found.map(([path, { bytes, modifiedMs }]) => ({
      path,
      byteLength: bytes.byteLength,
      modifiedMs,
    }));
    return Promise.resolve(entries.sort((a, b) => (a.path < b.path ? -1 : 1)));
  }

  async freeBytes(): Promise<number> {
    let used = 0;
    for (const { bytes } of this.#files.values()) used += bytes.byteLength;
    return Promise.resolve(this.#capacityBytes - used);
  }

  localPath(path: string): string {
    throw new Error(`${path} is in memory: it has no path on a disk`);
  }

  #file(step: string, path: string, seam?: FaultSeam): MemoryFile {
    pathParts(path);
    if (seam !== undefined) countFault(this.#fault, seam, path);
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    const details = { path, step, bytes: 0, systemCode: 'ENOENT' };
    throw new SegmillError('FILE_NOT_FOUND', `cannot ${step} ${path}: it is not there`, details);
  }

  #newFile(path: string): MemoryFile {
    const file = { bytes: new Uint8Array(0), durable: null, modifiedMs: this.#clock() };
    this.#files.set(path, file);
    return file;
  }

  #openWriter(path: string, file: MemoryFile, start: number, isNew: boolean): StoreWriter {
    return new MemoryWriter(path, file, this.#fault, {
      reserve: async (bytes) => {
        const free = await this.freeBytes();
        if (bytes <= free) return;
        const details = { path, step: 'write', bytes, systemCode: 'ENOSPC' };
        const text = `no space left to write ${path} (${bytes} bytes, ${free} free)`;
        throw new SegmillError('STORE_FULL', text, details);
      },
      touch: () => {
        file.modifiedMs = this.#clock();
      },
      undo: () => {
        if (isNew) this.#files.delete(path);
        else file.bytes = file.bytes.slice(0, start);
        if (!isNew) file.durable = file.bytes;
      },
    });
  }
}

interface MemoryDisk {
  readonly reserve: (bytes: number) => Promise<void>;
  readonly touch: () => void;
  readonly undo: () => void;
}

class MemoryWriter implements StoreWriter {
  readonly #path: string;
  readonly #file: MemoryFile;
  readonly #fault: FaultPlan | undefined;
  readonly #disk: MemoryDisk;
  #state: 'open' | 'failed' | 'closed' = 'open';

  constructor(path: string, file: MemoryFile, fault: FaultPlan | undefined, disk: MemoryDisk) {
    this.#path = path;
    this.#file = file;
    this.#fault = fault;
    this.#disk = disk;
  }

  get byteLength(): number {
    return this.#file.bytes.byteLength;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#step('write', async () => {
      countFault(this.#fault, 'store.write', this.#path);
      await this.#disk.reserve(chunk.byteLength);
      const { bytes } = this.#file;
      const grown = new Uint8Array(bytes.byteLength + chunk.byteLength);
      grown.set(bytes);
      grown.set(chunk, bytes.byteLength);
      this.#file.bytes = grown;
      this.#disk.touch();
    });
  }

  async sync(): Promise<void> {
    await this.#step('flush', async () => {
      countFault(this.#fault, 'store.sync', this.#path);
      this.#file.durable = this.#file.bytes;
      return Promise.resolve();
    });
  }

  async finish(): Promise<void> {
    await this.sync();
    this.#state = 'closed';
  }

  async abandon(): Promise<void> {
    if (this.#state !== 'closed') this.#disk.undo();
    this.#state = 'closed';
    return Promise.resolve();
  }

  async #step(name: string, body: () => Promise<void>): Promise<void> {
    invariant(this.#state === 'open', () => `${name} on ${this.#state} file ${this.#path}`);
    try {
      await body();
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }
}
