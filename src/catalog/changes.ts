// The rules of a commit: each function changes one transaction or refuses by throwing, which undoes all of it.
import { invariant, SegmillError } from '../errors.ts';
import type { TableType } from '../config/types.ts';
import { findRun } from './history.ts';
import { checkLedger } from './ledger.ts';
import { replacedKey, runKey, segmentKey, stateOf, tableOf } from './keys.ts';
import type {
  BoundaryRecord,
  CatalogTransaction,
  Ledger,
  RunInput,
  RunKind,
  RunRecord,
  SegmentRecord,
  TableState,
} from './types.ts';

/**
 * Makes a segment live.
 * @throws SegmillError SEGMENT_NAME_TAKEN when a live segment of that table and type holds the name (A-7 would let one
 * overwrite the other); TABLE_NOT_FOUND
 */
export function addSegment(transaction: CatalogTransaction, record: SegmentRecord): void {
  tableOf(transaction, record.table);
  const key = segmentKey(record.table, record.type, record.name);
  const holder = transaction.get('segments', key);
  if (holder !== undefined) {
    throw new SegmillError(
      'SEGMENT_NAME_TAKEN',
      `segment ${record.name} of ${record.table}_${record.type} is there already (${holder.rowCount} rows, crc ${holder.crc}): another name is needed, or that one must be replaced in the same commit`,
      { table: record.table, type: record.type, segment: record.name, crc: holder.crc },
    );
  }
  transaction.put('segments', key, record);
}

export interface Replacement {
  readonly table: string;
  readonly type: TableType;
  /** Names that go out of sight; their files stay until `gc`. */
  readonly remove: readonly string[];
  readonly add: readonly SegmentRecord[];
  readonly runId: string;
  readonly nowMs: number;
  readonly realNowMs: number;
}

/**
 * Takes segments out and others in. A name that goes out may come in again, with another file.
 * @throws SegmillError PLAN_STALE when one to be removed is not live any more; as `addSegment`
 */
export function replaceSegments(transaction: CatalogTransaction, change: Replacement): void {
  const { table, type, runId, nowMs, realNowMs } = change;
  const files = new Set<string>();
  for (const name of change.remove) {
    const key = segmentKey(table, type, name);
    const segment = transaction.get('segments', key);
    if (segment === undefined) {
      throw stale(table, `segment ${name} of type ${type}, which it replaces, is gone`, {
        segment: name,
      });
    }
    files.add(segment.file);
    transaction.remove('segments', key);
    const replaced = { segment, replacedMs: nowMs, replacedRealMs: realNowMs, runId };
    transaction.put('replaced', replacedKey(table, name, runId), replaced);
  }
  for (const record of change.add) {
    invariant(
      record.table === table && record.type === type,
      () => `segment ${record.name} is of ${record.table}_${record.type}, not of ${table}_${type}`,
    );
    invariant(!files.has(record.file), () => `${record.file} would be changed in place`);
    addSegment(transaction, record);
  }
}

/** What the mover knows of a window; the rest of a `RunRecord` follows from the commit itself. */
export interface FinishedRun {
  readonly runId: string;
  readonly table: string;
  readonly kind: RunKind;
  readonly windowStartMs: number | null;
  readonly windowEndMs: number | null;
  readonly negateWindowFilter: boolean;
  readonly inputs: readonly RunInput[];
  readonly ledger: Ledger | null;
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly stages: RunRecord['stages'];
  readonly memory: RunRecord['memory'];
}

export interface WindowCommit {
  readonly run: FinishedRun;
  /** OFFLINE segments. */
  readonly add: readonly SegmentRecord[];
  /** Live OFFLINE segments that the new ones stand for. */
  readonly removeNames: readonly string[];
  /** Where the watermark moves; null: it stays (rerun, backfill, import). */
  readonly watermarkMs: number | null;
  /** What the plan was made on; looked at only when the watermark moves. */
  readonly expectedWatermark: number | null;
  /** Null: it stays. An exact boundary never moves back (design 5.12). */
  readonly boundary: BoundaryRecord | null;
  /** Runs whose windows this one does again. */
  readonly supersededRuns: readonly string[];
  readonly nowMs: number;
  readonly realNowMs: number;
}

/**
 * One window's result becomes visible: segments in and out, watermark, boundary and run record together (instead of
 * where they follow each other). EMPTY when nothing was written.
 * @throws SegmillError LEDGER_UNBALANCED, PLAN_STALE, SEGMENT_NAME_TAKEN, TABLE_NOT_FOUND
 */
export function commitWindow(transaction: CatalogTransaction, commit: WindowCommit): RunRecord {
  const { run, add, removeNames, watermarkMs } = commit;
  tableOf(transaction, run.table);
  const before = stateOf(transaction, run.table);
  checkLedger(run, add);
  checkExpectations(transaction, commit, before);
  replaceSegments(transaction, {
    table: run.table,
    type: 'OFFLINE',
    remove: removeNames,
    add,
    runId: run.runId,
    nowMs: commit.nowMs,
    realNowMs: commit.realNowMs,
  });
  for (const runId of commit.supersededRuns) supersede(transaction, run.table, runId);
  const after: TableState = {
    ...before,
    watermarkMs: watermarkMs ?? before.watermarkMs,
    watermarkOrigin: watermarkMs === null ? before.watermarkOrigin : 'commit',
    boundary: laterBoundary(before.boundary, commit.boundary),
    commitNumber: before.commitNumber + 1,
  };
  const record: RunRecord = {
    ...run,
    state: add.length === 0 ? 'EMPTY' : 'COMMITTED',
    outputs: add.map((segment) => segment.name),
    replaced: [...removeNames],
    supersededRuns: [...commit.supersededRuns],
    watermarkBefore: before.watermarkMs,
    watermarkAfter: after.watermarkMs,
    watermarkOriginBefore: before.watermarkOrigin,
    boundaryBefore: before.boundary,
    boundaryAfter: after.boundary,
    error: null,
    commitNumber: after.commitNumber,
  };
  transaction.put('states', run.table, after);
  transaction.put('runs', runKey(run.table, record.commitNumber, run.runId), record);
  return record;
}

/** A window that failed leaves its record and nothing else (A-8: Pinot keeps it as a COMPLETED job). */
export function recordFailedRun(
  transaction: CatalogTransaction,
  run: FinishedRun,
  error: NonNullable<RunRecord['error']>,
): RunRecord {
  const state = stateOf(transaction, run.table);
  const record: RunRecord = {
    ...run,
    state: 'FAILED',
    outputs: [],
    replaced: [],
    supersededRuns: [],
    watermarkBefore: state.watermarkMs,
    watermarkAfter: state.watermarkMs,
    watermarkOriginBefore: state.watermarkOrigin,
    boundaryBefore: state.boundary,
    boundaryAfter: state.boundary,
    error,
    commitNumber: state.commitNumber,
  };
  transaction.put('runs', runKey(run.table, record.commitNumber, run.runId), record);
  return record;
}

/** @param watermarkMs null takes it away, so that the next run starts cold */
export function setWatermark(
  transaction: CatalogTransaction,
  table: string,
  watermarkMs: number | null,
  origin: 'set' | 'cold',
): TableState {
  const watermarkOrigin = watermarkMs === null ? null : origin;
  return changeState(transaction, table, { watermarkMs, watermarkOrigin });
}

/** The explicit boundary wins over the one that commits keep, until it is reset (B-7, B-8). */
export function setBoundary(
  transaction: CatalogTransaction,
  table: string,
  ms: number,
): TableState {
  return changeState(transaction, table, { boundarySet: { ms, mode: 'set' } });
}

export function resetBoundary(transaction: CatalogTransaction, table: string): TableState {
  return changeState(transaction, table, { boundarySet: null });
}

function changeState(
  transaction: CatalogTransaction,
  table: string,
  change: Partial<Omit<TableState, 'table'>>,
): TableState {
  tableOf(transaction, table);
  const state = { ...stateOf(transaction, table), ...change };
  transaction.put('states', table, state);
  return state;
}

function checkExpectations(
  transaction: CatalogTransaction,
  commit: WindowCommit,
  state: TableState,
): void {
  const { run, watermarkMs, expectedWatermark } = commit;
  invariant(
    (findRun(transaction, run.table, run.runId)?.state ?? 'FAILED') === 'FAILED',
    () => `run ${run.runId} of ${run.table} is recorded already`,
  );
  if (watermarkMs !== null && state.watermarkMs !== expectedWatermark) {
    throw stale(
      run.table,
      `the watermark is ${state.watermarkMs}, planned on ${expectedWatermark}`,
      {
        watermarkMs: state.watermarkMs,
        expectedWatermark,
      },
    );
  }
  if (run.kind === 'backfill' || run.kind === 'import') return;
  for (const input of run.inputs) {
    const segment = transaction.get('segments', segmentKey(run.table, input.type, input.name));
    if (segment?.crc === input.crc) continue;
    const found =
      segment === undefined ? 'is gone' : `has crc ${segment.crc}, read with ${input.crc}`;
    throw stale(run.table, `input segment ${input.name} ${found}`, { segment: input.name });
  }
}

function supersede(transaction: CatalogTransaction, table: string, runId: string): void {
  const run = findRun(transaction, table, runId);
  if (run === undefined || (run.state !== 'COMMITTED' && run.state !== 'EMPTY')) {
    const found = run === undefined ? 'is not known' : `is ${run.state}`;
    throw stale(table, `run ${runId}, whose window it does again, ${found}`, { runId });
  }
  transaction.put('runs', runKey(table, run.commitNumber, runId), { ...run, state: 'SUPERSEDED' });
}

function laterBoundary(
  before: BoundaryRecord | null,
  next: BoundaryRecord | null,
): BoundaryRecord | null {
  if (next === null || before === null) return next ?? before;
  return next.mode === 'exact' && before.mode === 'exact' && next.ms < before.ms ? before : next;
}

function stale(
  table: string,
  reason: string,
  details: Readonly<Record<string, string | number | null>>,
): SegmillError {
  return new SegmillError(
    'PLAN_STALE',
    `table ${table} changed since this was planned: ${reason}; plan again`,
    { table, ...details },
  );
}
