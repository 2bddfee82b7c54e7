import { readFile } from 'node:fs/promises';
import { SegmillError, unreadableFile } from '../../errors.ts';
import { counted, bytesText, printObject, textTable } from '../output.ts';
import { requiredText } from '../verb.ts';
import type { Verb, VerbContext } from '../verb.ts';

export const backfill: Verb = {
  usage: 'backfill -f JOB.yaml [--values KEY=VALUE]... [--allow-time-change]',
  summary:
    "build segments from files by Pinot's ingestion job spec and push them under their names, as one commit",
  flags: {
    file: {
      type: 'string',
      short: 'f',
      value: 'JOB',
      help: 'the job spec, YAML or JSON (- for standard input)',
    },
    values: {
      type: 'string',
      multiple: true,
      value: 'K=V',
      help: 'a value for ${K} in the spec; repeatable',
    },
    'allow-time-change': {
      type: 'boolean',
      help: 'let new rows lie outside the times of the segment they replace',
    },
  },
  examples: [
    'backfill -f job.yml',
    'backfill -f job.yml --values inputDir=/data --values segmentName=orders_1632463351000_1632467070000_0',
  ],
  words: [0, 0],
  run: async (context) => {
    const { io, settings, parsed, say } = context;
    const where = requiredText(context, 'file', backfill.usage);
    const text = await specText(context, where);
    const values = Object.fromEntries(parsed.texts('values').map(pair));
    const report = await (
      await context.engine()
    ).backfill(
      { text, where },
      { values, allowTimeChange: parsed.flag('allow-time-change') ?? false },
    );
    for (const warning of report.warnings) say(`warning: ${warning}`);
    printObject(io, settings.format, report, () => [
      textTable(
        ['file', 'segment', 'rows', 'bytes'],
        report.files.map(({ path, segment, rows, bytes }) => [
          path,
          segment,
          String(rows),
          bytesText(bytes),
        ]),
      ),
      report.pushed
        ? `${report.table}: ${counted(report.added.length, 'segment')} pushed, ${report.replaced.length} of them replaced one of the same name`
        : `${report.table}: built, not pushed (jobType)`,
    ]);
    return 0;
  },
};

async function specText({ io }: VerbContext, where: string): Promise<string> {
  try {
    if (where !== '-') return await readFile(where, 'utf8');
    const chunks: Uint8Array[] = [];
    for await (const chunk of io.stdin) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw unreadableFile(where, error);
  }
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1)];
  throw new SegmillError('USAGE', `--values: found ${text}, allowed: KEY=VALUE`);
}
