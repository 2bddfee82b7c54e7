// What LMDB and the disk report, as segmill's own errors.
import { SegmillError } from '../errors.ts';
import { storeFailure, systemCodeOf } from '../store/failure.ts';

const fullText = /MDB_MAP_FULL|MDB_TXN_FULL|map ?size limit|ENOSPC|No space left|EDQUOT|quota/i;
const corruptText =
  /MDB_(CORRUPTED|INVALID|VERSION_MISMATCH|PAGE_NOTFOUND|PANIC|INCOMPATIBLE)|not an LMDB file|corrupt|Invalid argument|Unexpected end of MessagePack|Data read, but end of buffer/i;
const deniedCodes = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']);

/** SegmillErrors and bugs pass as they are. */
export function catalogFailure(error: unknown, path: string): unknown {
  if (error instanceof SegmillError || !(error instanceof Error)) return error;
  const details = { path, reason: error.message };
  const systemCode = systemCodeOf(error);
  if (fullText.test(error.message)) {
    return new SegmillError(
      'STORE_FULL',
      `the catalog at ${path} cannot grow (${error.message}): free space on that disk, or remove old runs with gc`,
      details,
      { cause: error },
    );
  }
  if (corruptText.test(error.message)) {
    return new SegmillError(
      'CATALOG_CORRUPT',
      `the catalog at ${path} cannot be read (${error.message}): restore it from a copy`,
      details,
      { cause: error },
    );
  }
  if (
    /Permission denied|Read-only file system/i.test(error.message) ||
    deniedCodes.has(systemCode ?? '')
  ) {
    return new SegmillError(
      'DATA_DIR_UNUSABLE',
      `the catalog at ${path} cannot be opened (${error.message}): choose a folder that this user may write`,
      details,
      { cause: error },
    );
  }
  return systemCode === null ? error : storeFailure(error, 'use the catalog at', path);
}
