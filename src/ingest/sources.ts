// From `--from PATH...` to the files of each partition, in the order in which they are read.
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { SegmillError } from '../errors.ts';

/** One file of one partition; `key` names it in the partition's positions. */
export interface SourceFile {
  readonly partition: number;
  readonly key: string;
  /** Absolute, links resolved; null: standard input. */
  readonly path: string | null;
}

export interface SourceArguments {
  readonly from: readonly string[];
  /** `--source NAME`; null: each argument's real path. */
  readonly source: string | null;
  /** `--partition N`: takes only these, or names the partition of files that have none of their own. */
  readonly partitions: readonly number[];
}

const partitionMax = 2 ** 31 - 1;
const standardInput = '-';

/** Keys of standard input: without a name it always goes on behind what came before. */
export const appendingInputKey = 'stdin';

/**
 * A file or a first-level sub-directory named by a bare number is that partition; files within go in name order, hidden
 * files and those that begin with `_` are none.
 * @throws SegmillError FILE_NOT_FOUND, USAGE
 */
export async function findSources(args: SourceArguments): Promise<SourceFile[]> {
  const found: FoundFile[] = [];
  for (const argument of args.from) found.push(...(await filesOf(argument, args.source)));
  const [named, ...more] = args.partitions;
  const unnamed = found.find((file) => file.partition === null);
  if (unnamed !== undefined && more.length > 0) {
    throw new SegmillError(
      'USAGE',
      `${unnamed.path ?? 'standard input'} is not named by a partition's number: give one --partition for it, not ${args.partitions.join(', ')}`,
    );
  }
  const files = found.map((file) => ({ ...file, partition: file.partition ?? named ?? 0 }));
  const taken = files.filter(
    (file) => args.partitions.length === 0 || args.partitions.includes(file.partition),
  );
  const missing = args.partitions.filter((n) => !taken.some((file) => file.partition === n));
  if (missing.length > 0) throw noSuchPartition(missing, files, args.from);
  return taken.sort((a, b) => a.partition - b.partition);
}

interface FoundFile {
  readonly partition: number | null;
  readonly key: string;
  readonly path: string | null;
}

async function filesOf(argument: string, source: string | null): Promise<FoundFile[]> {
  if (argument === standardInput) {
    const key = source === null ? appendingInputKey : fileKey(source, standardInput);
    return [{ partition: null, key, path: null }];
  }
  const root = await resolved(argument);
  if (!(await stat(root)).isDirectory()) {
    const key = source === null ? fileKey(root, '') : fileKey(source, basename(root));
    return [{ partition: partitionNumber(parse(argument).name), key, path: root }];
  }
  const files = await filesBelow(root, '');
  return files.map(({ path, inside }) => {
    const [first = '', ...deeper] = inside.split('/');
    const partition = partitionNumber(deeper.length === 0 ? parse(first).name : first);
    return { partition, key: fileKey(source ?? root, inside), path };
  });
}

async function filesBelow(
  folder: string,
  inside: string,
): Promise<{ readonly path: string; readonly inside: string }[]> {
  const entries = await readdir(folder);
  const files: { path: string; inside: string }[] = [];
  for (const name of entries.sort((a, b) => (a < b ? -1 : 1))) {
    if (name.startsWith('.') || name.startsWith('_')) continue;
    const path = join(folder, name);
    const below = inside === '' ? name : `${inside}/${name}`;
    const kind = await stat(path);
    if (kind.isDirectory()) files.push(...(await filesBelow(path, below)));
    else files.push({ path, inside: below });
  }
  return files;
}

async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new SegmillError(
      missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      missing ? `there is no file ${path}` : `${path} cannot be read (${code})`,
      { path },
      { cause: error },
    );
  }
}

function fileKey(source: string, inside: string): string {
  return inside === '' ? `file:${source}` : `file:${source}/${inside}`;
}

function partitionNumber(name: string): number | null {
  return /^\d{1,10}$/.test(name) && Number(name) <= partitionMax ? Number(name) : null;
}

function noSuchPartition(
  missing: readonly number[],
  files: readonly { readonly partition: number }[],
  from: readonly string[],
): SegmillError {
  const found = [...new Set(files.map((file) => file.partition))].sort((a, b) => a - b);
  const seen = found.length === 0 ? 'no file at all' : `partitions ${found.join(', ')}`;
  return new SegmillError(
    'USAGE',
    `--partition ${missing.join(', ')}: no file of it in ${from.join(', ')}, found ${seen}`,
    { partition: missing[0]! },
  );
}
