// Standard input as the rest of a partition's stream: it comes once, and its positions go on behind what came before.
import type { SourcePosition } from '../catalog/types.ts';
import type { Schema } from '../config/types.ts';
import type { PipeSource } from '../segment/rows/byte-source.ts';
import { checkUnpacked, formatOfBytes, isTelling } from '../segment/rows/format.ts';
import { readRows } from '../segment/rows/read-rows.ts';
import { isReadToEnd } from './read-to-end.ts';
import type { StreamBatch, StreamPartition } from './stream-source.ts';

export interface InputPartitionOptions {
  readonly partition: number;
  readonly key: string;
  readonly input: PipeSource;
  readonly schema: Schema;
}

export function inputPartition(options: InputPartitionOptions): StreamPartition {
  const { partition, key, input, schema } = options;
  async function* fetch(
    known: readonly SourcePosition[],
  ): AsyncGenerator<StreamBatch, void, undefined> {
    const base = known.find((position) => position.source === key)?.position ?? 0;
    const head = await input.peek(isTelling);
    checkUnpacked(head, input.where);
    const format = formatOfBytes(head);
    let end = 0;
    for await (const batch of readRows(input, { format, start: 0, schema })) {
      const rows = batch.rows.map((row) => ({
        ...row,
        start: base + row.start,
        end: base + row.end,
      }));
      yield { source: key, start: base + end, end: base + batch.end, rows, tail: batch.tail };
      end = batch.end;
    }
  }
  const positionAt = (source: string, end: number, rows: number): Promise<SourcePosition> =>
    Promise.resolve({
      source,
      position: end,
      rows,
      kind: 'stdin',
      headHash: null,
      headBytes: 0,
      tailHash: null,
      byteLength: end,
      path: null,
    });
  return { partition, fetch, positionAt, isAtEnd: isReadToEnd };
}
