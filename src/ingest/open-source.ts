// The stream behind the arguments of one call.
import { randomUUID } from 'node:crypto';
import { partitionsOf } from '../catalog/keys.ts';
import { temporaryFolder } from '../catalog/layout.ts';
import type { Catalog, SourcePosition } from '../catalog/types.ts';
import type { TableRecord } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import { pipeSource } from '../segment/rows/byte-source.ts';
import type { Store } from '../store/types.ts';
import { filePartition } from './file-partition.ts';
import type { ReplayFile } from './file-partition.ts';
import { inputPartition } from './input-partition.ts';
import { appendingInputKey, findSources } from './sources.ts';
import type { SourceFile } from './sources.ts';
import type { StreamPartition, StreamSource } from './stream-source.ts';

export interface OpenSourceOptions {
  readonly catalog: Catalog;
  readonly store: Store;
  readonly table: TableRecord;
  readonly from: readonly string[];
  readonly source: string | null;
  readonly partitions: readonly number[];
  readonly again: boolean;
  readonly input: AsyncIterable<Uint8Array>;
}

/** @throws SegmillError FILE_NOT_FOUND, USAGE */
export async function openSource(options: OpenSourceOptions): Promise<StreamSource> {
  const { store } = options;
  const files = await findSources(options);
  const spool = `${temporaryFolder(randomUUID().slice(0, 8))}`;
  const input = files.find((file) => file.path === null);
  const appends = input?.key === appendingInputKey;
  if (input !== undefined && files.some((file) => file !== input)) throw inputWithFiles();
  const partitions: StreamPartition[] = [];
  if (input !== undefined && appends) {
    const { partition, key } = input;
    const pipe = pipeSource(options.input, 'standard input');
    const { schema } = options.table;
    partitions.push(inputPartition({ partition, key, input: pipe, schema }));
  } else {
    // Under the lease of the partition: without one, a process that opens the directory takes the copy for a crash's.
    const prepare = (): Promise<void> =>
      input === undefined ? Promise.resolve() : spoolInput(store, spool, options.input);
    const inputPath = store.localPath(`${spool}/input`);
    partitions.push(...filePartitions(files, { ...options, inputPath, prepare }));
  }
  return { partitions, sealsAtEnd: appends, close: () => store.removeFolder(spool) };
}

/**
 * Named standard input must be known again, so it is looked at like a file: from a copy, which ends where it ends.
 */
async function spoolInput(
  store: Store,
  folder: string,
  input: AsyncIterable<Uint8Array>,
): Promise<void> {
  const writer = await store.create(`${folder}/input`);
  try {
    for await (const chunk of input) await writer.write(chunk);
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

function filePartitions(
  files: readonly SourceFile[],
  options: OpenSourceOptions & {
    readonly inputPath: string;
    readonly prepare: () => Promise<void>;
  },
): StreamPartition[] {
  const { catalog, table, again, inputPath, prepare } = options;
  const seen = (): { partition: number; position: SourcePosition }[] =>
    catalog
      .read((view) => partitionsOf(view, table.name))
      .flatMap(({ partition, sources }) => sources.map((position) => ({ partition, position })));
  const replaysOf = (found: readonly SourceFile[], partition: number): ReplayFile[] =>
    found
      .filter((file) => file.partition === partition)
      .map(({ key, path }) => ({ key, path: path ?? inputPath }));
  return [...new Set(files.map((file) => file.partition))].map((partition) =>
    filePartition({
      partition,
      files: replaysOf(files, partition),
      prepare,
      rescan: async () => replaysOf(await findSources(options), partition),
      schema: table.schema,
      seen: again ? null : seen,
    }),
  );
}

function inputWithFiles(): SegmillError {
  return new SegmillError(
    'USAGE',
    'standard input (-) is a stream of its own: ingest it alone, the files in another call',
  );
}
