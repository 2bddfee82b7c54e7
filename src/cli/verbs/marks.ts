// `watermark` and `boundary`.
import type { BoundaryReport } from '../../engine/watermark.ts';
import { instantText, printObject } from '../output.ts';
import { instantOf } from '../settings.ts';
import { word } from '../verb.ts';
import type { Verb, VerbContext } from '../verb.ts';

export const watermarkGet: Verb = {
  usage: 'watermark get TABLE',
  summary: 'the start of the next window',
  flags: {},
  examples: ['watermark get orders'],
  words: [1, 1],
  run: async (context) => {
    const report = (await context.engine()).watermark(word(context, 0));
    printObject(context.io, context.settings.format, report, () => [
      `${report.table}: ${instantText(report.watermarkMs)}`,
    ]);
    return 0;
  },
};

export const watermarkSet: Verb = {
  usage: 'watermark set TABLE TIME',
  summary: 'put the watermark to a time; says how many rows that leaves behind',
  flags: {},
  examples: ['watermark set orders 2021-09-24T06:00:00Z'],
  words: [2, 2],
  run: (context) => changeWatermark(context, instantOf('TIME', word(context, 1))),
};

export const watermarkReset: Verb = {
  usage: 'watermark reset TABLE',
  summary: 'forget the watermark: the next run starts cold, at the oldest row',
  flags: {},
  examples: ['watermark reset orders'],
  words: [1, 1],
  run: (context) => changeWatermark(context, null),
};

async function changeWatermark(context: VerbContext, ms: number | null): Promise<number> {
  const report = await (await context.engine()).setWatermark(word(context, 0), ms);
  const { table, watermarkMs, previousMs, late } = report;
  printObject(context.io, context.settings.format, report, () => [
    `${table}: ${instantText(watermarkMs)} (was ${instantText(previousMs)})`,
    ...(late.rows === 0
      ? []
      : [`${late.rows} rows lie below it and are in no window; segmill rerun moves them`]),
  ]);
  return 0;
}

export const boundaryGet: Verb = {
  usage: 'boundary get TABLE',
  summary: 'the time boundary: offline answers up to it, realtime after',
  flags: {},
  examples: ['boundary get orders'],
  words: [1, 1],
  run: async (context) =>
    printBoundary(context, (await context.engine()).boundary(word(context, 0))),
};

export const boundarySet: Verb = {
  usage: 'boundary set TABLE [TIME]',
  summary: 'set the boundary by hand; without TIME to the newest offline end',
  flags: {},
  examples: ['boundary set orders', 'boundary set orders 2021-09-24T06:00:00Z'],
  words: [1, 2],
  run: async (context) => {
    const text = context.positionals[1];
    const boundary = text === undefined ? 'newest' : instantOf('TIME', text);
    return printBoundary(
      context,
      await (await context.engine()).setBoundary(word(context, 0), boundary),
    );
  },
};

export const boundaryReset: Verb = {
  usage: 'boundary reset TABLE',
  summary: 'go back to the boundary that commits keep',
  flags: {},
  examples: ['boundary reset orders'],
  words: [1, 1],
  run: async (context) =>
    printBoundary(context, await (await context.engine()).setBoundary(word(context, 0), null)),
};

function printBoundary({ io, settings, say }: VerbContext, report: BoundaryReport): number {
  for (const warning of report.warnings ?? []) say(`warning: ${warning}`);
  const { table, timeBoundaryMs, timeColumn, timeValue, mode } = report;
  printObject(io, settings.format, report, () => [
    timeBoundaryMs === null
      ? `${table}: none, realtime answers alone`
      : `${table}: ${instantText(timeBoundaryMs)} (${timeColumn} <= ${timeValue} is offline; ${mode})`,
  ]);
  return 0;
}
