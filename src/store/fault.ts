// Fault injection for tests: one step of the store or the catalog fails once, or kills the process (crash tests).
import { SegmillError } from '../errors.ts';
import type { FaultPlan } from './types.ts';

const faultSeams = [
  'store.create',
  'store.write',
  'store.sync',
  'store.rename',
  'store.remove',
  'catalog.write',
] as const;

export type FaultSeam = (typeof faultSeams)[number];

/**
 * Reads `SEGMILL_FAULT=seam:n[:exit]`; undefined when it is not set.
 * @throws SegmillError USAGE when the text is none of that form
 */
export function faultPlanFrom(text: string | undefined): FaultPlan | undefined {
  if (text === undefined || text === '') return undefined;
  const match = /^([a-z.]+):([1-9]\d{0,8})(:exit)?$/.exec(text);
  const seam = match?.[1];
  if (match === null || !faultSeams.some((known) => known === seam)) {
    throw new SegmillError(
      'USAGE',
      `SEGMILL_FAULT is "${text}", expected seam:n or seam:n:exit with a seam of ${faultSeams.join(', ')}`,
      { value: text },
    );
  }
  return faultPlan(
    match[1] as FaultSeam,
    Number(match[2]),
    match[3] === undefined ? 'fail' : 'exit',
  );
}

export function faultPlan(
  seam: FaultSeam,
  nth: number,
  effect: FaultPlan['effect'] = 'fail',
): FaultPlan {
  return { seam, nth, effect, counter: new Int32Array(new SharedArrayBuffer(4)) };
}

/**
 * Counts one passage of a seam, over all threads that share the plan, and strikes at the nth.
 * @throws SegmillError STORE_FULL, as a full disk would
 */
export function countFault(plan: FaultPlan | undefined, seam: FaultSeam, where: string): void {
  if (plan === undefined || plan.seam !== seam) return;
  if (Atomics.add(plan.counter, 0, 1) + 1 !== plan.nth) return;
  if (plan.effect === 'exit') process.kill(process.pid, 'SIGKILL');
  throw new SegmillError('STORE_FULL', `${where}: no space left (fault ${seam}:${plan.nth})`, {
    path: where,
    seam,
    nth: plan.nth,
  });
}
