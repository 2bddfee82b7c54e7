// The local disk. A file counts as there only once its bytes and its name are on the device.
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat, statfs, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  alreadyThere,
  isSystemError,
  rangeFailure,
  shorterThanAppend,
  storeFailure,
  systemCodeOf,
} from './failure.ts';
import { countFault } from './fault.ts';
import { folderOf, pathParts } from './path.ts';
import type { FaultPlan, Store, StoreDescriptor, StoreEntry, StoreWriter } from './types.ts';
import { LocalWriter } from './writer.ts';

/** Systems where a second name for a file cannot be made (FAT, some network and user-space file systems). */
const noLinkCodes = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** @param root made when absent */
export function openLocalStore(root: string, fault?: FaultPlan): Store {
  return new LocalStore(resolve(root), fault);
}

class LocalStore implements Store {
  readonly descriptor: StoreDescriptor;
  readonly #root: string;
  readonly #fault: FaultPlan | undefined;

  constructor(root: string, fault: FaultPlan | undefined) {
    this.#root = root;
    this.#fault = fault;
    this.descriptor =
      fault === undefined ? { kind: 'local', root } : { kind: 'local', root, fault };
  }

  localPath(path: string): string {
    return join(this.#root, ...pathParts(path));
  }

  async read(
    path: string,
    range?: { readonly start: number; readonly end: number },
    into?: (byteLength: number) => Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const local = this.localPath(path);
    return this.#step('read', path, async () => {
      const handle = await open(local, 'r');
      try {
        const size = (await handle.stat()).size;
        const { start, end } = range ?? { start: 0, end: size };
        if (start < 0 || end < start || end > size) throw rangeFailure(path, start, end, size);
        const bytes = into?.(end - start) ?? new Uint8Array(end - start);
        for (let at = 0; at < bytes.byteLength;) {
          const length = Math.min(bytes.byteLength - at, 1 << 30);
          const { bytesRead } = await handle.read(bytes, at, length, start + at);
          if (bytesRead === 0) throw rangeFailure(path, start, end, start + at);
          at += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    });
  }

  async create(path: string): Promise<StoreWriter> {
    const local = this.localPath(path);
    return this.#step('create', path, async () => {
      countFault(this.#fault, 'store.create', path);
      await this.#makeFolder(folderOf(path));
      const handle = await open(local, 'wx').catch((error: unknown) => {
        throw isSystemError(error, 'EEXIST') ? alreadyThere('create', path) : error;
      });
      return new LocalWriter({
        path,
        handle,
        start: 0,
        fault: this.#fault,
        syncName: () => this.#syncFolder(folderOf(path)),
        undo: () => rm(local, { force: true }),
      });
    });
  }

  async append(path: string, byteLength: number): Promise<StoreWriter> {
    const local = this.localPath(path);
    return this.#step('append to', path, async () => {
      countFault(this.#fault, 'store.create', path);
      const before = await sizeOrNull(local);
      if (byteLength === 0) await this.#makeFolder(folderOf(path));
      const create = byteLength === 0 ? constants.O_CREAT : 0;
      const handle = await open(local, constants.O_RDWR | create);
      try {
        if ((before ?? 0) < byteLength) throw shorterThanAppend(path, byteLength, before ?? 0);
        await handle.truncate(byteLength);
      } catch (error) {
        await handle.close();
        throw error;
      }
      return new LocalWriter({
        path,
        handle,
        start: byteLength,
        fault: this.#fault,
        syncName: () => this.#syncFolder(folderOf(path)),
        undo: () => (before === null ? rm(local, { force: true }) : cutBack(local, byteLength)),
      });
    });
  }

  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [this.localPath(from), this.localPath(to)];
    await this.#step('rename', from, async () => {
      countFault(this.#fault, 'store.rename', from);
      await this.#makeFolder(folderOf(to));
      await moveWithoutReplacing(source, target).catch((error: unknown) => {
        throw isSystemError(error, 'EEXIST') ? alreadyThere(`rename ${from} to`, to) : error;
      });
      await this.#syncFolder(folderOf(to));
      if (folderOf(from) !== folderOf(to)) await this.#syncFolder(folderOf(from));
    });
  }

  async remove(path: string): Promise<void> {
    const local = this.localPath(path);
    await this.#step('remove', path, async () => {
      countFault(this.#fault, 'store.remove', path);
      try {
        await unlink(local);
      } catch (error) {
        if (isSystemError(error, 'ENOENT')) return;
        throw error;
      }
      await this.#syncFolder(folderOf(path));
    });
  }

  async removeFolder(path: string): Promise<void> {
    const local = this.localPath(path);
    await this.#step('remove', path, async () => {
      countFault(this.#fault, 'store.remove', path);
      if ((await sizeOrNull(local)) === null) return;
      await rm(local, { recursive: true, force: true });
      await this.#syncFolder(folderOf(path));
    });
  }

  async exists(path: string): Promise<boolean> {
    const local = this.localPath(path);
    return this.#step('look at', path, async () => (await fileStat(local)) !== null);
  }

  async size(path: string): Promise<number> {
    const local = this.localPath(path);
    return this.#step('look at', path, async () => (await stat(local)).size);
  }

  async list(folder: string): Promise<StoreEntry[]> {
    const entries: StoreEntry[] = [];
    const local = this.localPath(folder);
    await this.#step('list', folder, () => collect(local, folder, entries));
    return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async freeBytes(): Promise<number> {
    return this.#step('look at', this.#root, async () => {
      await mkdir(this.#root, { recursive: true });
      const { bavail, bsize } = await statfs(this.#root);
      return bavail * bsize;
    });
  }

  async #step<T>(name: string, path: string, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      throw storeFailure(error, name, path);
    }
  }

  /** Makes a folder and flushes each folder that got a new entry by it. */
  async #makeFolder(folder: string): Promise<void> {
    const local = join(this.#root, folder);
    const first = await mkdir(local, { recursive: true });
    if (first === undefined) return;
    for (let path = local; path.length >= first.length; path = join(path, '..')) {
      await syncFolder(join(path, '..'));
    }
  }

  async #syncFolder(folder: string): Promise<void> {
    await syncFolder(join(this.#root, folder));
  }
}

/** Windows cannot open a folder; there the file system's journal has to do. */
async function syncFolder(local: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(local, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A second name, then the first one taken away: unlike rename(2), an existing target makes it fail. */
async function moveWithoutReplacing(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (!noLinkCodes.has(systemCodeOf(error) ?? '')) throw error;
    if ((await sizeOrNull(target)) !== null) {
      throw Object.assign(new Error('target exists'), { code: 'EEXIST' });
    }
    await rename(source, target);
    return;
  }
  await unlink(source);
}

async function cutBack(local: string, byteLength: number): Promise<void> {
  const handle = await open(local, 'r+');
  try {
    await handle.truncate(byteLength);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function sizeOrNull(local: string): Promise<number | null> {
  try {
    return (await stat(local)).size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

async function fileStat(
  local: string,
): Promise<{ readonly size: number; readonly mtimeMs: number } | null> {
  try {
    const found = await stat(local);
    return found.isFile() ? found : null;
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || isSystemError(error, 'ENOTDIR')) return null;
    throw error;
  }
}

/** Files that vanish while the folder is read are left out. */
async function collect(local: string, path: string, entries: StoreEntry[]): Promise<void> {
  const found = await readdir(local, { withFileTypes: true }).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  });
  for (const entry of found) {
    const child = join(local, entry.name);
    if (entry.isDirectory()) {
      await collect(child, `${path}/${entry.name}`, entries);
      continue;
    }
    const file = await fileStat(child);
    if (file === null) continue;
    entries.push({
      path: `${path}/${entry.name}`,
      byteLength: file.size,
      modifiedMs: Math.trunc(file.mtimeMs),
    });
  }
}
