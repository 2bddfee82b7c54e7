// Whether a folder is a data directory, and one that this version may use.
import { readdirSync } from 'node:fs';
import { SegmillError } from '../errors.ts';
import { isSystemError } from '../store/failure.ts';
import type { CatalogTransaction } from './types.ts';

/** The layout and the records of this version. A newer directory is refused, an older one does not exist yet. */
export const dataDirectoryVersion = 1;

/**
 * An absent or empty folder is fine, and one that has a catalog.
 * @throws SegmillError DATA_DIR_UNUSABLE
 */
export function checkDataDirectory(root: string): void {
  let names: string[];
  try {
    names = readdirSync(root);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return;
    const reason = error instanceof Error ? error.message : String(error);
    throw unusable(root, reason, error);
  }
  if (names.length === 0 || names.includes('catalog')) return;
  throw unusable(root, `it holds ${names.length} entries, none of them a catalog`);
}

/**
 * Writes the version into a new catalog, checks that of an old one.
 * @throws SegmillError DATA_DIR_VERSION
 */
export function checkVersion(transaction: CatalogTransaction, root: string): void {
  const found = transaction.get('meta', 'version');
  if (found === undefined) {
    transaction.put('meta', 'version', { value: String(dataDirectoryVersion) });
    return;
  }
  if (found.value === String(dataDirectoryVersion)) return;
  throw new SegmillError(
    'DATA_DIR_VERSION',
    `data directory ${root} has version ${found.value}, this segmill reads version ${dataDirectoryVersion}: use the segmill that wrote it or a newer one`,
    { path: root, found: found.value, supported: dataDirectoryVersion },
  );
}

function unusable(root: string, reason: string, cause?: unknown): SegmillError {
  return new SegmillError(
    'DATA_DIR_UNUSABLE',
    `${root} cannot be a data directory: ${reason}; give an empty folder or one that segmill made`,
    { path: root, reason },
    { cause },
  );
}
