import { join } from 'node:path';
import { SegmillError } from '../../errors.ts';
import type { IngestResult } from '../../ingest/ingest.ts';
import { rejectsShownMax } from '../../limits.ts';
import { printObject, textTable } from '../output.ts';
import { createProgress } from '../progress.ts';
import { countOf } from '../settings.ts';
import { word } from '../verb.ts';
import type { Verb, VerbContext } from '../verb.ts';

export const ingest: Verb = {
  usage:
    'ingest TABLE --from PATH... [--source NAME] [--partition N]... [--seal] [--follow] [--again] [--reject-budget N]',
  summary: 'read NDJSON, JSON, CSV, Avro or Parquet files into realtime segments',
  flags: {
    from: {
      type: 'string',
      multiple: true,
      value: 'PATH',
      help: 'file, directory (bare numbers are partitions) or - for standard input',
    },
    source: {
      type: 'string',
      value: 'NAME',
      help: "name of the source, instead of the argument's real path",
    },
    partition: {
      type: 'string',
      multiple: true,
      value: 'N',
      help: 'take only this partition, or name that of the files',
    },
    seal: { type: 'boolean', help: 'seal what is left in the partitions of this call' },
    follow: { type: 'boolean', help: 'go on with what is appended until stopped' },
    again: { type: 'boolean', help: 'add content that was read under another name once more' },
    'reject-budget': { type: 'string', value: 'N', help: 'exit 3 when more rows are rejected' },
  },
  examples: [
    'ingest orders --from orders.ndjson',
    'ingest orders --from in/ --partition 0 --seal',
    'ingest orders --from - --source shop',
  ],
  words: [1, 1],
  run: async (context) => {
    const { parsed, io, settings } = context;
    const from = parsed.texts('from');
    if (from.length === 0) {
      throw new SegmillError(
        'USAGE',
        'ingest: --from is missing; name the files, a directory of partitions, or - for standard input',
      );
    }
    const budget = countOf('--reject-budget', parsed.text('reject-budget'), 0);
    const engine = await context.engine();
    const progress = createProgress(io, settings);
    const result = await engine.ingest(word(context, 0), {
      from,
      source: parsed.text('source') ?? null,
      partitions: parsed.texts('partition').map((text) => countOf('--partition', text, 0)!),
      seal: parsed.flag('seal') ?? false,
      follow: parsed.flag('follow') ?? false,
      again: parsed.flag('again') ?? false,
      input: io.stdin,
      progress: ({ partition, rowsRead, sealed }) =>
        progress.show(`partition ${partition}: ${rowsRead} rows read, ${sealed} segments sealed`),
    });
    progress.clear();
    if (result.partitions.length === 0) context.say(`no file of rows in ${from.join(', ')}`);
    talk(context, result);
    printObject(io, settings.format, result, () => lines(result));
    if (result.interrupted) return io.signal.reason === 'SIGTERM' ? 143 : 130;
    return budget !== undefined && result.rowsRejected > budget ? 3 : 0;
  },
};

function lines(result: IngestResult): string[] {
  const rows = result.partitions.map(
    ({ partition, rowsRead, rowsKept, rowsRejected, rowsFiltered, sealed, consumingRows }) =>
      [partition, rowsRead, rowsKept, rowsRejected, rowsFiltered, sealed.length, consumingRows].map(
        String,
      ),
  );
  return [
    textTable(['partition', 'read', 'kept', 'rejected', 'filtered', 'sealed', 'consuming'], rows),
  ];
}

/** What was rejected and left unread, and where to look. */
function talk({ say, settings }: VerbContext, result: IngestResult): void {
  for (const {
    partition,
    rowsRejected,
    firstRejects,
    rejectFile,
    unread,
    ignoredFields,
  } of result.partitions) {
    if (rowsRejected > 0) {
      say(
        `partition ${partition}: ${rowsRejected} rows rejected, kept in ${join(settings.dataDir, rejectFile ?? '')}:`,
      );
      for (const { source, position, reason } of firstRejects.slice(0, rejectsShownMax))
        say(`  ${source} at ${position}: ${reason}`);
    }
    if (ignoredFields > 0)
      say(
        `partition ${partition}: ${ignoredFields} fields are not in the schema and were left out`,
      );
    for (const { source, start, byteLength } of unread)
      say(
        `${source}: the last ${byteLength} bytes from ${start} are no whole row yet and were left unread`,
      );
  }
}
