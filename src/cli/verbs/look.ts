// `status`, `segments`, `inspect`, `export`, `import`, `verify`, `doctor`.
import { SegmillError } from '../../errors.ts';
import { doctor as examine } from '../../engine/doctor.ts';
import type { TableStatus } from '../../engine/status.ts';
import { hasCatalog } from '../../engine/open.ts';
import { inspectFile, inspectFileRows } from '../../engine/segments.ts';
import type { Inspection } from '../../engine/segments.ts';
import type { ColumnLayout } from '../../segment/open.ts';
import {
  counted,
  bytesText,
  cellText,
  instantText,
  printObject,
  printRows,
  textTable,
} from '../output.ts';
import { countOf } from '../settings.ts';
import { heldLines, lateLines } from '../standing.ts';
import { requiredText, word } from '../verb.ts';
import type { Verb } from '../verb.ts';

export const status: Verb = {
  usage: 'status [TABLE]',
  summary: 'watermark, boundary, segments, partitions, due and held windows, late rows, runs',
  flags: {},
  examples: ['status', 'status orders --format json'],
  words: [0, 1],
  run: async ({ io, settings, positionals, engine }) => {
    const open = await engine();
    const [table] = positionals;
    const tables =
      table === undefined ? open.listTables().map((summary) => summary.table) : [table];
    const found: TableStatus[] = [];
    for (const name of tables) found.push(await open.status(name));
    if (settings.format !== 'table')
      printObject(io, settings.format, table === undefined ? found : found[0], () => []);
    else for (const one of found) io.out(statusLines(one).join('\n'));
    return 0;
  },
};

function statusLines(state: TableStatus): string[] {
  const side = (name: string, found: TableStatus['realtime']): string[] =>
    found === null
      ? []
      : [
          `  ${name}: ${counted(found.segments, 'segment')}, ${counted(found.rows, 'row')}, ${bytesText(found.bytes)}, ${instantText(found.startMs)} to ${instantText(found.endMs)}`,
        ];
  return [
    state.table,
    `  watermark: ${instantText(state.watermarkMs)}`,
    `  time boundary: ${instantText(state.timeBoundaryMs)}${state.boundaryMode === null ? '' : ` (${state.boundaryMode})`}`,
    ...side('realtime', state.realtime),
    ...side('offline', state.offline),
    ...state.partitions.map(
      ({ partition, consumingRows, nextSequence, readToEndMs, rejectedRows }) =>
        `  partition ${partition}: ${consumingRows} CONSUMING rows, next sequence ${nextSequence}, read to its end at ${instantText(readToEndMs)}, ${rejectedRows} rows rejected`,
    ),
    ...(state.mover === null
      ? []
      : [
          `  being moved by pid ${state.mover.pid} on ${state.mover.host} since ${instantText(state.mover.takenMs)}`,
        ]),
    ...(state.due.length === 0
      ? []
      : [`  due: ${state.due.length} windows from ${instantText(state.due[0]!.startMs)}`]),
    ...heldLines(state.held).map((line) => `  ${line}`),
    ...lateLines(state.table, state.late).map((line) => `  ${line}`),
    ...state.runs.map(
      ({ runId, kind, state: result, startMs, rows, segments, error }) =>
        `  ${kind} ${runId} ${result}${startMs === null ? '' : ` ${instantText(startMs)}`}: ${counted(rows ?? 0, 'row')} into ${counted(segments, 'segment')}${error === null ? '' : ` (${error})`}`,
    ),
  ];
}

export const segments: Verb = {
  usage: 'segments TABLE [--type OFFLINE|REALTIME]',
  summary: 'the segments of a table, CONSUMING ones too',
  flags: { type: { type: 'string', value: 'TYPE', help: 'OFFLINE or REALTIME' } },
  examples: ['segments orders', 'segments orders --type OFFLINE --format json'],
  words: [1, 1],
  run: async (context) => {
    const { io, settings, parsed } = context;
    const type = parsed.text('type');
    if (type !== undefined && type !== 'OFFLINE' && type !== 'REALTIME')
      throw new SegmillError('USAGE', `--type: found ${type}, allowed: OFFLINE, REALTIME`);
    const rows = (await context.engine()).segments(word(context, 0), type);
    const columns = [
      'name',
      'type',
      'state',
      'partition',
      'rows',
      'bytes',
      'startMs',
      'endMs',
      'format',
      'crc',
      'partitions',
      'timePartition',
    ];
    if (settings.format === 'table') {
      const shown = rows.map((row) => ({
        ...row,
        bytes: bytesText(row.bytes),
        first: instantText(row.startMs),
        last: instantText(row.endMs),
      }));
      printRows(io, 'table', shown, [
        'name',
        'type',
        'state',
        'rows',
        'bytes',
        'first',
        'last',
        'format',
        'partitions',
      ]);
    } else
      printRows(
        io,
        settings.format,
        rows.map((row) => ({ ...row })),
        columns,
      );
    return 0;
  },
};

export const inspect: Verb = {
  usage: 'inspect SEGMENT|FILE [--rows] [--limit N]',
  summary: 'what a segment or file holds: header, columns, layout; with --rows its rows in order',
  flags: {
    rows: { type: 'boolean', help: 'the rows, with "$nulls" naming null columns' },
    limit: { type: 'string', value: 'N', help: 'at most N rows' },
  },
  examples: [
    'inspect orders_1632463351000_1632467070000_0',
    'inspect part.parquet --rows --format ndjson',
  ],
  words: [1, 1],
  run: async (context) => {
    const { io, settings, parsed } = context;
    const subject = word(context, 0);
    const limit = countOf('--limit', parsed.text('limit'), 0) ?? Infinity;
    const engine = hasCatalog(settings.dataDir) ? await context.engine() : null;
    if (parsed.flag('rows') === true) {
      const { columns, rows } = await (engine?.inspectRows(subject) ?? inspectFileRows(subject));
      const taken: Readonly<Record<string, unknown>>[] = [];
      for (const row of rows) {
        if (taken.length >= limit) break;
        taken.push(row);
      }
      printRows(io, settings.format, taken, [...columns, '$nulls']);
      return 0;
    }
    const found = await (engine?.inspect(subject) ?? inspectFile(subject));
    printObject(io, settings.format, found, () => inspectLines(found));
    return 0;
  },
};

function inspectLines({ subject, record, file }: Inspection): string[] {
  const rows = (file.stats ?? []).map(
    ({ name, dataType, multiValue, cardinality, min, max, sorted, nullCount }) => [
      name,
      multiValue ? `${dataType}[]` : dataType,
      cardinality === null ? 'many' : String(cardinality),
      cellText(min).slice(0, 40),
      cellText(max).slice(0, 40),
      sorted ? 'yes' : '',
      String(nullCount),
    ],
  );
  return [
    `${subject}: ${file.format}, ${file.rowCount} rows, ${bytesText(file.byteLength)}`,
    ...(file.header === null
      ? ['not written by segmill']
      : [
          `segment ${file.header.segmentName} of ${file.header.table}_${file.header.tableType}, made ${instantText(file.header.creationMs)}`,
        ]),
    ...(record === null
      ? []
      : [
          `crc ${record.crc}, ${instantText(record.minTimeMs)} to ${instantText(record.maxTimeMs)}, file ${record.file}, from ${record.origin.kind}`,
        ]),
    textTable(['column', 'type', 'cardinality', 'min', 'max', 'sorted', 'nulls'], rows),
    ...layoutTable(file.columns),
  ];
}

function layoutTable(columns: readonly ColumnLayout[]): string[] {
  if (columns.length === 0) return [];
  const rows = columns.map(
    ({ name, optional, encodings, compression, storedBytes, plainBytes }) => [
      name,
      optional ? 'yes' : '',
      encodings.join(', '),
      compression.join(', '),
      bytesText(storedBytes),
      bytesText(plainBytes),
    ],
  );
  return [
    '',
    textTable(['column', 'nullable', 'encodings', 'compression', 'stored', 'plain'], rows),
  ];
}

export const exportSegment: Verb = {
  usage: 'export SEGMENT --to FILE',
  summary: 'a segment as a file of its own; .parquet and .arrow choose the format',
  flags: { to: { type: 'string', value: 'FILE', help: 'a new file' } },
  examples: ['export orders_1632463351000_1632467070000_0 --to orders.parquet'],
  words: [1, 1],
  run: async (context) => {
    const to = requiredText(context, 'to', exportSegment.usage);
    const report = await (await context.engine()).exportSegment(word(context, 0), to);
    printObject(context.io, context.settings.format, report, () => [
      `${report.path}: ${report.rows} rows, ${bytesText(report.bytes)}, ${report.format}`,
    ]);
    return 0;
  },
};

export const importSegments: Verb = {
  usage: 'import TABLE FILE...',
  summary: 'bring Arrow or Parquet segment files into a table, as one commit',
  flags: {},
  examples: ['import orders_OFFLINE orders.parquet'],
  words: [2, Infinity],
  run: async (context) => {
    const [table = '', ...files] = context.positionals;
    const reports = await (await context.engine()).importSegments(table, files);
    printObject(context.io, context.settings.format, reports, () =>
      reports.flatMap(({ type, segments: found }) =>
        found.map(
          ({ name, rows, bytes }) => `${name}: ${rows} rows, ${bytesText(bytes)} into ${type}`,
        ),
      ),
    );
    return 0;
  },
};

export const verify: Verb = {
  usage: 'verify [TABLE]',
  summary: 'ledgers balance, checksums hold, files and catalog agree, no offline overlap or hole',
  flags: {},
  examples: ['verify', 'verify orders'],
  words: [0, 1],
  run: async ({ io, settings, positionals, engine }) => {
    const report = await (await engine()).verify(positionals[0]);
    printObject(io, settings.format, report, () => [
      ...report.findings.map(
        ({ table, check, subject, message }) => `${table} ${check} ${subject}: ${message}`,
      ),
      `${counted(report.tables.length, 'table')}, ${counted(report.segments, 'segment')}, ${counted(report.runs, 'run')}, ${bytesText(report.bytes)}: ${report.findings.length === 0 ? 'all well' : counted(report.findings.length, 'finding')}`,
    ]);
    return report.findings.length === 0 ? 0 : 4;
  },
};

export const doctor: Verb = {
  usage: 'doctor',
  summary: 'the machine, versions, limits, what is off',
  flags: {},
  examples: ['doctor'],
  words: [0, 0],
  run: async ({ io, settings }) => {
    const checks = await examine(settings);
    printRows(
      io,
      settings.format,
      checks.map((check) => ({ ...check })),
      ['check', 'state', 'found', 'advice'],
    );
    return checks.some(({ state }) => state === 'fail') ? 1 : 0;
  },
};
