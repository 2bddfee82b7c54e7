// A look at LMDB's file before LMDB maps it: a file that is none, or was cut short, would end the process with a signal.
//
// Two meta pages at the start, the newer transaction counts. Layout of one (little endian), after the 24 bytes of page
// header: magic u32, version u32, address u64, map size u64, two database records of 48 bytes (free list, main; page size
// u32 at their start, root page u64 at their end), last page u64, transaction u64.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SegmillError } from '../errors.ts';
import { isSystemError } from '../store/failure.ts';

const pageHeaderBytes = 24;
const magic = 0xbeefc0de;
const metaBytes = 160;
const noPage = 0xffff_ffff_ffff_ffffn;
const pageFlags = { branch: 0x01, leaf: 0x02 } as const;
const bigDataFlag = 0x01;

interface Meta {
  readonly pageBytes: number;
  readonly roots: readonly number[];
  readonly lastPage: number;
  readonly transaction: bigint;
}

/**
 * An absent or empty file is fine: LMDB makes it.
 * @throws SegmillError CATALOG_CORRUPT
 */
export function checkCatalogFile(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    throw error;
  }
  try {
    checkOpened(descriptor, path);
  } finally {
    closeSync(descriptor);
  }
}

function checkOpened(descriptor: number, path: string): void {
  for (;;) {
    const size = fstatSync(descriptor).size;
    if (size === 0) return;
    const meta = readMeta(descriptor, size);
    if (meta === null) throw corrupt(path, 'it does not start as a catalog does');
    const pages = Math.floor(size / meta.pageBytes);
    // The last pages may never have been written, so a short file is only suspicious.
    if (pages > meta.lastPage) return;
    const lost = meta.roots.find((root) => !treeIsWhole(descriptor, meta.pageBytes, pages, root));
    if (lost === undefined) return;
    // Another process may have used the pages again meanwhile; then there is a newer state to look at.
    const again = readMeta(descriptor, fstatSync(descriptor).size);
    if (again === null || again.transaction === meta.transaction) {
      throw corrupt(path, `it ends after ${size} bytes, before pages that it names`);
    }
  }
}

function readMeta(descriptor: number, size: number): Meta | null {
  const first = metaAt(descriptor, 0, size);
  if (first === null) return null;
  const second = metaAt(descriptor, first.pageBytes, size);
  if (second === null || second.pageBytes !== first.pageBytes) return null;
  return second.transaction > first.transaction ? second : first;
}

function metaAt(descriptor: number, offset: number, size: number): Meta | null {
  if (offset + pageHeaderBytes + metaBytes > size) return null;
  const bytes = read(descriptor, offset + pageHeaderBytes, metaBytes);
  if (bytes.readUInt32LE(0) !== magic) return null;
  const pageBytes = bytes.readUInt32LE(24);
  if (pageBytes < 256 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0) return null;
  const roots = [bytes.readBigUInt64LE(64), bytes.readBigUInt64LE(112)];
  return {
    pageBytes,
    roots: roots.filter((root) => root !== noPage).map(Number),
    lastPage: Number(bytes.readBigUInt64LE(120)),
    transaction: bytes.readBigUInt64LE(128),
  };
}

/** Whether all pages that a tree names lie inside the file. */
function treeIsWhole(descriptor: number, pageBytes: number, pages: number, root: number): boolean {
  const waiting = [root];
  for (let visited = 0; waiting.length > 0; visited += 1) {
    const page = waiting.pop()!;
    if (page >= pages || visited > pages) return false;
    const bytes = read(descriptor, page * pageBytes, pageBytes);
    const flags = bytes.readUInt16LE(18);
    const nodes = bytes.readUInt16LE(20) >> 1;
    if ((flags & (pageFlags.branch | pageFlags.leaf)) === 0) return false;
    for (let i = 0; i < nodes; i += 1) {
      const at = nodeOffset(bytes, i, pageBytes);
      if (at === null) return false;
      const nodeFlags = bytes.readUInt16LE(at + 4);
      const low = bytes.readUInt16LE(at) + bytes.readUInt16LE(at + 2) * 2 ** 16;
      if ((flags & pageFlags.branch) !== 0) {
        waiting.push(low + nodeFlags * 2 ** 32);
      } else if ((nodeFlags & bigDataFlag) !== 0) {
        const data = at + 8 + bytes.readUInt16LE(at + 6);
        if (data + 8 > pageBytes) return false;
        const last =
          Number(bytes.readBigUInt64LE(data)) + Math.ceil((low + pageHeaderBytes) / pageBytes);
        if (last > pages) return false;
      }
    }
  }
  return true;
}

/** Offsets in a page count from behind its header. */
function nodeOffset(page: Buffer, index: number, pageBytes: number): number | null {
  const pointer = pageHeaderBytes + 2 * index;
  if (pointer + 2 > pageBytes) return null;
  const at = pageHeaderBytes + page.readUInt16LE(pointer);
  return at + 8 <= pageBytes ? at : null;
}

function read(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(descriptor, bytes, 0, length, offset);
  return bytes;
}

function corrupt(path: string, reason: string): SegmillError {
  return new SegmillError(
    'CATALOG_CORRUPT',
    `the catalog ${path} cannot be read: ${reason}; restore it from a copy`,
    { path, reason },
  );
}
