// Paths of a store: relative, `/` separated, and unable to leave the root.
import { SegmillError } from '../errors.ts';

/**
 * @returns the parts of a path
 * @throws SegmillError NAME_INVALID for empty, absolute or climbing paths, and for parts that another system reads otherwise
 */
export function pathParts(path: string): string[] {
  const parts = path.split('/');
  const bad = parts.some(
    (part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part),
  );
  if (bad) {
    throw new SegmillError(
      'NAME_INVALID',
      `path ${JSON.stringify(path)} is not one of this store: it must be relative, with parts that are neither empty nor "." nor ".."`,
      { path },
    );
  }
  return parts;
}

/** The folder part of a path, `''` for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
