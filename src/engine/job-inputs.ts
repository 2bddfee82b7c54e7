// The files that a batch ingestion job names, in the order that numbers them (J-4).
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import picomatch from 'picomatch';
import type { BackfillJob } from '../config/job-spec.ts';
import { SegmillError, unreadableFile } from '../errors.ts';

export interface JobInput {
  readonly path: string;
  readonly sequence: number;
}

/** Files of the job in name order, with their sequence in their directory, or over all (J-4). */
export async function inputsOf(job: BackfillJob): Promise<JobInput[]> {
  const uri = job.creates ? job.inputDirURI : job.outputDirURI;
  if (uri === null)
    throw new SegmillError(
      'JOB_INVALID',
      `jobType ${job.jobType} needs ${job.creates ? 'inputDirURI' : 'outputDirURI'}`,
    );
  const folder = pathOf(uri);
  const include = job.creates ? job.includeFileNamePattern : job.pushFileNamePattern;
  const included = matcher(include, true);
  const excluded = matcher(job.creates ? job.excludeFileNamePattern : null, false);
  const all = await filesBelow(folder, job.creates ? job.searchRecursively : true);
  const files = all.filter((path) => included(path) && !excluded(path)).toSorted();
  if (files.length === 0) {
    throw new SegmillError(
      'FILE_NOT_FOUND',
      `no file of ${folder} matches ${include ?? 'any pattern'} (${all.length} looked at); check inputDirURI and includeFileNamePattern, which is matched against the whole path`,
      { folder, pattern: include ?? '', files: all.length },
    );
  }
  const counts = new Map<string, number>();
  return files.map((path) => {
    const scope = job.globalSequence ? '' : dirname(path);
    const sequence = counts.get(scope) ?? 0;
    counts.set(scope, sequence + 1);
    return { path, sequence };
  });
}

export function pathOf(uri: string): string {
  if (/^file:\/\//i.test(uri)) return filePath(uri);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1];
  if (scheme !== undefined)
    throw new SegmillError(
      'JOB_INVALID',
      `${uri}: scheme ${scheme} is not supported, allowed are paths and file://; copy the files here first`,
      { uri },
    );
  return resolve(uri.replace(/^file:/i, ''));
}

function filePath(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SegmillError(
      'JOB_INVALID',
      `${uri}: ${reason}; write an absolute path behind file://, or the path alone`,
      { uri },
      { cause: error },
    );
  }
}

async function filesBelow(folder: string, recursive: boolean): Promise<string[]> {
  try {
    const info = await stat(folder);
    if (info.isFile()) return [folder];
    const entries = await readdir(folder, { withFileTypes: true, recursive });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    throw unreadableFile(folder, error, { what: 'file or folder', advice: 'check inputDirURI' });
  }
}

/** `glob:` or `regex:`, as the job spec was checked for; both have to match the whole path. */
function matcher(pattern: string | null, otherwise: boolean): (path: string) => boolean {
  if (pattern === null) return () => otherwise;
  const glob = /^glob:(.*)$/s.exec(pattern)?.[1];
  if (glob !== undefined) return picomatch(glob, { dot: true, noextglob: true, nonegate: true });
  const compiled = new RegExp(`^(?:${pattern.slice('regex:'.length)})$`);
  return (path) => compiled.test(path);
}
