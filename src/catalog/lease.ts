// One mover at a time for a table, across processes: a record in the catalog that its holder renews.
import { randomUUID } from 'node:crypto';
import { SegmillError } from '../errors.ts';
import { leaseStaleMs } from '../limits.ts';
import { isAlive, markHeld, markReleased, thisProcess } from './holder.ts';
import type { Catalog, CatalogTransaction, CatalogView, LeaseRecord } from './types.ts';

export interface Lease {
  readonly key: string;
  /** Unique to this holder. */
  readonly owner: string;
  /** Aborted, with the reason, when another took the lease over or it could not be renewed in time. */
  readonly signal: AbortSignal;
}

export interface LeaseOptions {
  /** Who asks, for messages: a run id, `query-<pid>`. */
  readonly owner: string;
  /** Real clock in ms, never `--now`. */
  readonly clock?: () => number;
  /** A third of the time after which a lease counts as stale, unless a test is in a hurry. */
  readonly renewEveryMs?: number;
}

/**
 * Runs `body` while holding the lease `key`. A holder that is dead, or of another machine and silent for
 * `leaseStaleMs`, loses it. Commits made under a lease call `assertLease` in their transaction.
 * @throws SegmillError RUNNING_ELSEWHERE with pid, host and since when
 */
export async function withLease<T>(
  catalog: Catalog,
  key: string,
  options: LeaseOptions,
  body: (lease: Lease) => Promise<T>,
): Promise<T> {
  const { clock = Date.now, renewEveryMs = leaseStaleMs / 3 } = options;
  const owner = `${options.owner}/${randomUUID()}`;
  // Before it is written: another call of this process may look at the record before this one goes on.
  markHeld(owner);
  try {
    await catalog.write((transaction) => takeLease(transaction, key, owner, clock()));
  } catch (error) {
    markReleased(owner);
    throw error;
  }
  const control = new AbortController();
  const renewal = startRenewal(catalog, { key, owner, clock, renewEveryMs, control });
  let failed = true;
  try {
    const result = await body({ key, owner, signal: control.signal });
    failed = false;
    return result;
  } finally {
    await renewal.stop();
    markReleased(owner);
    await release(catalog, key, owner, failed);
  }
}

/**
 * To be called inside a commit: nothing is written by one who lost the lease meanwhile.
 * @throws SegmillError RUNNING_ELSEWHERE
 */
export function assertLease(view: CatalogView, lease: Pick<Lease, 'key' | 'owner'>): void {
  const record = view.get('leases', lease.key);
  if (record?.owner === lease.owner) return;
  throw lostLease(lease.key, record);
}

/** The leases below a key prefix whose holder lives. */
export function livingLeases(view: CatalogView, prefix: string, realNowMs: number): LeaseRecord[] {
  return view.list('leases', prefix).filter((lease) => isAlive(lease, realNowMs));
}

function takeLease(
  transaction: CatalogTransaction,
  key: string,
  owner: string,
  realNowMs: number,
): void {
  const holder = transaction.get('leases', key);
  if (holder !== undefined && isAlive(holder, realNowMs)) throw runningElsewhere(holder);
  const times = { takenMs: realNowMs, renewedMs: realNowMs };
  transaction.put('leases', key, { key, owner, ...thisProcess(), ...times });
}

interface Renewal extends Required<Pick<LeaseOptions, 'clock' | 'renewEveryMs'>> {
  readonly key: string;
  readonly owner: string;
  readonly control: AbortController;
}

function startRenewal(catalog: Catalog, renewal: Renewal): { stop(): Promise<void> } {
  const { key, owner, clock, renewEveryMs, control } = renewal;
  let renewedMs = clock();
  let running: Promise<void> = Promise.resolve();
  const renew = async (): Promise<void> => {
    try {
      const nowMs = clock();
      await catalog.write((transaction) => {
        assertLease(transaction, { key, owner });
        const record = transaction.get('leases', key)!;
        transaction.put('leases', key, { ...record, renewedMs: nowMs });
      });
      renewedMs = nowMs;
    } catch (error) {
      const lost = error instanceof SegmillError && error.code === 'RUNNING_ELSEWHERE';
      // A full disk may have room again at the next try; the body is told once others may take the lease.
      if (lost || clock() - renewedMs >= leaseStaleMs) control.abort(error);
    }
  };
  const timer = setInterval(() => {
    if (!control.signal.aborted) running = running.then(renew);
  }, renewEveryMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** The failure of the body is worth more than that of the release: what stays behind counts as not held. */
async function release(
  catalog: Catalog,
  key: string,
  owner: string,
  bodyFailed: boolean,
): Promise<void> {
  try {
    await catalog.write((transaction) => {
      if (transaction.get('leases', key)?.owner === owner) transaction.remove('leases', key);
    });
  } catch (error) {
    if (!bodyFailed) throw error;
  }
}

function runningElsewhere(holder: LeaseRecord): SegmillError {
  const since = new Date(holder.takenMs).toISOString();
  return new SegmillError(
    'RUNNING_ELSEWHERE',
    `${holder.key} is held by process ${holder.pid} on ${holder.host} since ${since} (${holder.owner}): wait for it, or end that process`,
    { key: holder.key, owner: holder.owner, pid: holder.pid, host: holder.host, since },
  );
}

function lostLease(key: string, holder: LeaseRecord | undefined): SegmillError {
  if (holder !== undefined) return runningElsewhere(holder);
  return new SegmillError(
    'RUNNING_ELSEWHERE',
    `the lease ${key} was taken over and released by another process meanwhile: nothing was committed, try again`,
    { key },
  );
}
