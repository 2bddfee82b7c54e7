// `plan`: what would run and why the rest would not, with a fingerprint that a later `run --plan` checks.
import { createHash } from 'node:crypto';
import { tableOf } from '../catalog/keys.ts';
import { checkMovable } from '../config/table.ts';
import type { TableRecord } from '../config/types.ts';
import { SegmillError } from '../errors.ts';
import type { Plan, PlannedWindow } from '../planner/types.ts';
import { planTable } from '../planner/windows.ts';
import type { TableSnapshot } from '../planner/snapshot.ts';
import type { EngineContext } from './context.ts';
import { planOptions, snapshotWithFacts } from './facts.ts';
import { rawName } from './tables.ts';

export interface PlanReport extends Plan {
  /** Of schema, both configs and the checksums of the segments it names. */
  readonly fingerprint: string;
}

type PlannedPart = Pick<PlannedWindow, 'startMs' | 'endMs' | 'segments'>;

/** What `run --plan` needs of a plan file. */
export interface SavedPlan {
  readonly table: string;
  readonly watermarkMs: number | null;
  readonly windows: readonly PlannedPart[];
  readonly fingerprint: string;
}

/** @throws SegmillError TABLE_NOT_FOUND, CONFIG_INVALID (no offline table, no task) */
export async function planTableReport(
  ctx: EngineContext,
  table: string,
  windows: number | 'all',
): Promise<PlanReport> {
  const name = rawName(table);
  checkMovable(ctx.catalog.read((view) => tableOf(view, name)));
  const snapshot = await snapshotWithFacts(ctx, name, { holdsLease: false });
  const { plan } = planTable(snapshot, ctx.now(), planOptions(ctx, windows));
  return { ...plan, fingerprint: fingerprintOf(snapshot, plan) };
}

/** @throws SegmillError USAGE when the text is no plan */
export async function parseSavedPlan(text: string, where: string): Promise<SavedPlan> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SegmillError(
      'USAGE',
      `${where}: not JSON; give a file made by segmill plan --out`,
      { where },
      { cause: error },
    );
  }
  // Loaded where it is needed: most calls have no plan file, and start faster without it.
  const { z } = await import('zod');
  const window = z.object({
    startMs: z.number(),
    endMs: z.number(),
    segments: z.array(z.string()),
  });
  const shape = z.object({
    table: z.string(),
    watermarkMs: z.number().nullable(),
    windows: z.array(window),
    fingerprint: z.string(),
  });
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SegmillError(
    'USAGE',
    `${where}: not a plan (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}); give a file made by segmill plan --out`,
    { where },
  );
}

/**
 * Plans again and compares.
 * @throws SegmillError PLAN_STALE naming what changed
 */
export async function checkFresh(
  ctx: EngineContext,
  name: string,
  saved: SavedPlan,
): Promise<void> {
  if (rawName(saved.table) !== name) throw stale(name, `it is for table ${saved.table}`);
  const snapshot = await snapshotWithFacts(ctx, name, { holdsLease: true });
  const windows = Math.max(1, saved.windows.length);
  const { plan } = planTable(snapshot, ctx.now(), planOptions(ctx, windows));
  if (plan.watermarkMs !== saved.watermarkMs)
    throw stale(name, `watermark ${plan.watermarkMs}, planned on ${saved.watermarkMs}`);
  if (saved.windows.length === 0 && plan.windows.length > 0)
    throw stale(name, 'it has no window, and one is due now');
  for (const [i, window] of saved.windows.entries()) checkWindow(name, window, plan.windows[i]);
  if (
    fingerprintOf(snapshot, { ...plan, windows: plan.windows.slice(0, saved.windows.length) }) !==
    saved.fingerprint
  ) {
    throw stale(name, 'schema, table config or the content of a segment changed');
  }
}

/**
 * A window of a saved plan against the one that would run in its place.
 * @throws SegmillError PLAN_STALE
 */
export function checkWindow(
  name: string,
  saved: PlannedPart | undefined,
  found: PlannedPart | undefined,
): void {
  const same =
    saved?.startMs === found?.startMs &&
    saved?.endMs === found?.endMs &&
    saved?.segments.join('\n') === found?.segments.join('\n');
  if (!same)
    throw stale(
      name,
      `window ${saved?.startMs} to ${saved?.endMs} has other segments or is not due now`,
    );
}

function stale(name: string, what: string): SegmillError {
  return new SegmillError(
    'PLAN_STALE',
    `the plan for ${name} no longer holds: ${what}; make a new one with segmill plan`,
    { table: name },
  );
}

function fingerprintOf({ table, realtime }: TableSnapshot, plan: Plan): string {
  const crcs = new Map(realtime.map(({ name, crc }) => [name, crc]));
  const segments = plan.windows
    .flatMap((window) => window.segments)
    .map((name) => `${name}:${crcs.get(name)}`);
  return createHash('sha256')
    .update([...documentsOf(table), ...segments].join('\0'))
    .digest('hex')
    .slice(0, 32);
}

function documentsOf({ schemaDocument, realtime, offline }: TableRecord): string[] {
  return [schemaDocument, realtime?.document ?? '', offline?.document ?? ''];
}
