import { readFile } from 'node:fs/promises';
import { unreadableFile } from '../../errors.ts';
import type { TableDocument } from '../../engine/documents.ts';
import { hasCatalog } from '../../engine/open.ts';
import { checkNewTables } from '../../engine/tables.ts';
import type { TableReport } from '../../engine/tables.ts';
import { counted, bytesText, instantText, printObject, printRows } from '../output.ts';
import { word } from '../verb.ts';
import type { Verb, VerbContext } from '../verb.ts';

export const tableAdd: Verb = {
  usage: 'table add FILE...',
  summary: 'add or update tables from Pinot schemas and table configs, after full validation',
  flags: {},
  examples: ['table add schema.json realtime.json offline.json'],
  words: [1, Infinity],
  run: async (context) => {
    const given = await documents(context);
    // Documents that are refused leave no directory behind.
    if (!hasCatalog(context.settings.dataDir)) checkNewTables(given);
    return report(context, await (await context.engine({ create: true })).addTables(given), '');
  },
};

export const tableValidate: Verb = {
  usage: 'table validate FILE...',
  summary: 'the checks of table add, changing nothing',
  flags: {},
  examples: ['table validate schema.json realtime.json'],
  words: [1, Infinity],
  run: async (context) => {
    const given = await documents(context);
    const found = hasCatalog(context.settings.dataDir)
      ? await (await context.engine()).validateTables(given)
      : checkNewTables(given);
    return report(context, found, 'would be ');
  },
};

async function documents({ positionals, io }: VerbContext): Promise<TableDocument[]> {
  return Promise.all(
    positionals.map(async (path) => {
      try {
        return {
          where: path,
          text: path === '-' ? await readAll(io.stdin) : await readFile(path, 'utf8'),
        };
      } catch (error) {
        throw unreadableFile(path, error);
      }
    }),
  );
}

async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** `prefix` stands before what changes: a validation changes nothing. */
function report(
  { io, settings, say }: VerbContext,
  result: TableReport,
  prefix: '' | 'would be ',
): number {
  for (const warning of result.warnings) say(`warning: ${warning}`);
  printObject(io, settings.format, result, () =>
    result.tables.map(
      ({ table, change, parts }) =>
        `${table}: ${change === 'unchanged' ? '' : prefix}${change} (${parts.join(', ')})`,
    ),
  );
  return 0;
}

export const tableList: Verb = {
  usage: 'table list',
  summary: 'the tables with their segments, rows and watermarks',
  flags: {},
  examples: ['table list'],
  words: [0, 0],
  run: async ({ io, settings, engine }) => {
    const rows = (await engine()).listTables();
    const shown =
      settings.format === 'table'
        ? rows.map((row) => ({
            ...row,
            types: row.types.join('+'),
            watermark: instantText(row.watermarkMs),
          }))
        : rows.map((row) => ({ ...row }));
    const columns = [
      'table',
      'types',
      'realtimeSegments',
      'offlineSegments',
      'rows',
      settings.format === 'table' ? 'watermark' : 'watermarkMs',
    ];
    printRows(io, settings.format, shown, columns);
    return 0;
  },
};

export const tableShow: Verb = {
  usage: 'table show TABLE',
  summary: 'schema and table configs as they were given',
  flags: {},
  examples: ['table show orders'],
  words: [1, 1],
  run: async (context) => {
    const { name, schemaDocument, realtime, offline } = (await context.engine()).showTable(
      word(context, 0),
    );
    const member = (key: string, text: string | undefined): string[] =>
      text === undefined || text === '' ? [] : [`  "${key}": ${text.trim()}`];
    const members = [
      `  "tableName": ${JSON.stringify(name)}`,
      ...member('schema', schemaDocument),
      ...member('realtime', realtime?.document),
      ...member('offline', offline?.document),
    ];
    context.io.out(`{\n${members.join(',\n')}\n}`);
    return 0;
  },
};

export const tableDrop: Verb = {
  usage: 'table drop TABLE [--execute]',
  summary: 'take a table away with all its segments; previews unless --execute',
  flags: { execute: { type: 'boolean', help: 'do it' } },
  examples: ['table drop orders', 'table drop orders --execute'],
  words: [1, 1],
  run: async (context) => {
    const execute = context.parsed.flag('execute') ?? false;
    const dropped = await (await context.engine()).dropTable(word(context, 0), { execute });
    const { table, segments, rows, bytes } = dropped;
    printObject(context.io, context.settings.format, dropped, () => [
      `${execute ? 'dropped' : 'would drop'} ${table}: ${counted(segments, 'segment')}, ${counted(rows, 'row')}, ${bytesText(bytes)}${execute ? '' : '; --execute does it'}`,
    ]);
    return 0;
  },
};
