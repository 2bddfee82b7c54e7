// Whether a file that this call does not read has rows that were not read yet (design 5.9).
import { stat } from 'node:fs/promises';
import { rowBytesMax } from '../limits.ts';
import type { SourcePosition } from '../catalog/types.ts';
import { openFile } from '../segment/rows/byte-source.ts';

/** Standard input and files that are gone have nothing more to give. */
export async function isReadToEnd(position: SourcePosition): Promise<boolean> {
  if (position.kind === 'stdin' || position.path === null) return true;
  const byteLength = await lengthOf(position.path);
  if (byteLength === null) return true;
  if (byteLength !== position.byteLength) return false;
  if (position.kind === 'whole' || position.position === byteLength) return true;
  return restIsTail(position.path, position.position);
}

/** Null: the file is gone. */
async function lengthOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** What is left of the file is no whole line: it was left unread on purpose. */
async function restIsTail(path: string, position: number): Promise<boolean> {
  const file = await openFile(path);
  try {
    if (file.byteLength - position > rowBytesMax) return false;
    return !(await file.read(position, file.byteLength)).includes(10);
  } finally {
    await file.close();
  }
}
