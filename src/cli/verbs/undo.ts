// `rollback`, `gc`.
import type { RolledSegment } from '../../engine/rollback.ts';
import { bytesText, counted, instantText, printObject } from '../output.ts';
import { word } from '../verb.ts';
import type { Verb } from '../verb.ts';

export const rollback: Verb = {
  usage: 'rollback TABLE [--run ID] [--execute]',
  summary:
    'take a run back: its segments, and the watermark and boundary it moved; previews unless --execute',
  flags: {
    run: {
      type: 'string',
      value: 'ID',
      help: 'the run (default: the newest in force; segmill status lists them)',
    },
    execute: { type: 'boolean', help: 'do it' },
  },
  examples: ['rollback orders', 'rollback orders --execute'],
  words: [1, 1],
  run: async (context) => {
    const { io, settings, parsed } = context;
    const execute = parsed.flag('execute') ?? false;
    const report = await (
      await context.engine()
    ).rollback(word(context, 0), { runId: parsed.text('run'), execute });
    printObject(io, settings.format, report, () => [
      `${execute ? 'rolled back' : 'would roll back'} ${report.kind} ${report.runId} of ${report.table}`,
      `  out: ${rolledText(report.removed)}`,
      `  back: ${rolledText(report.restored)}`,
      `  watermark: ${instantText(report.watermarkMs)}${execute ? '' : '; --execute does it'}`,
    ]);
    return 0;
  },
};

function rolledText(segments: readonly RolledSegment[]): string {
  if (segments.length === 0) return 'nothing';
  return segments
    .map(
      ({ name, rows, runId }) =>
        `${name} (${counted(rows, 'row')}${runId === null ? '' : `, run ${runId}`})`,
    )
    .join(', ');
}

export const gc: Verb = {
  usage: 'gc [TABLE] [--execute]',
  summary: 'what retention, replaced segments and stale renditions free; previews unless --execute',
  flags: { execute: { type: 'boolean', help: 'do it' } },
  examples: ['gc', 'gc orders --execute'],
  words: [0, 1],
  run: async (context) => {
    const { io, settings, parsed, positionals } = context;
    const execute = parsed.flag('execute') ?? false;
    const report = await (await context.engine()).gc(positionals[0], { execute });
    printObject(io, settings.format, report, () => [
      ...report.files.map(({ path, bytes, reason }) => `${reason} ${path} ${bytesText(bytes)}`),
      `${report.files.length} files, ${bytesText(report.bytes)} ${execute ? 'freed' : 'would be freed'}${execute || report.files.length === 0 ? '' : '; --execute does it'}`,
    ]);
    return 0;
  },
};
