// What no window took, as lines of text: held windows with their reasons, late rows with the call that moves them.
import type { LateRows } from '../engine/late.ts';
import type { HeldWindow } from '../planner/types.ts';
import { counted, instantText } from './output.ts';

/** A detail that names the window's start is not given it twice. */
export function heldLines(held: readonly HeldWindow[]): string[] {
  return held.map(({ startMs, reason, detail }) => {
    const named = startMs === null || detail.includes(`(${startMs})`);
    return `held ${named ? '' : `${instantText(startMs)} `}${reason}: ${detail}`;
  });
}

export function lateLines(table: string, { rows, segments }: LateRows): string[] {
  if (rows === 0) return [];
  const from = segments.reduce((least, { minTimeMs }) => Math.min(least, minTimeMs), Infinity);
  const to = segments.reduce((most, { maxTimeMs }) => Math.max(most, maxTimeMs + 1), -Infinity);
  return [
    `late: ${counted(rows, 'row')} below the watermark that no window took; segmill rerun ${table} --from ${instantText(from)} --to ${instantText(to)} --execute moves them`,
  ];
}
