// What a crash leaves behind: files that no record of the catalog names. Removed at open, beside other living processes.
//
// Safe beside others because of the order: files are listed first, then one snapshot gives owners and leases. A file of
// the list was begun before the snapshot, by a process that held a lease then. If no living process holds one that could
// have written it, and no record names it, nobody will ever ask for it. Files that begin later are not in the list.
// CONSUMING files keep their names, so theirs are removed only under the partition's own lease.
import { isSegmillError } from '../errors.ts';
import { leaseStaleMs } from '../limits.ts';
import type { Store, StoreEntry } from '../store/types.ts';
import { consumingPartOf, folders, runOfRejects, runRejectFile, segmentTableOf } from './layout.ts';
import { leaseKey } from './keys.ts';
import { isAlive } from './holder.ts';
import { livingLeases, withLease } from './lease.ts';
import type { Catalog, CatalogView, LeaseRecord } from './types.ts';

export interface RecoveryOptions {
  /** Real clock in ms. */
  readonly clock?: () => number;
}

export interface Recovery {
  /** Store paths, sorted. */
  readonly removed: readonly string[];
}

/**
 * Removes dead leases, and files below `segments/`, `consuming/` and `tmp/` and rejected rows of runs that nobody owns;
 * those that a living process may be writing stay. When another process is at it already, nothing is done.
 * @throws SegmillError STORE_FAILED, STORE_FULL (the lease could not be written)
 */
export async function recover(
  store: Store,
  catalog: Catalog,
  options: RecoveryOptions = {},
): Promise<Recovery> {
  const { clock = Date.now } = options;
  await removeDeadLeases(catalog, clock);
  // Most often there is nothing to do: then opening costs no durable write.
  if ((await findOrphans(store, catalog, clock)).length === 0) return { removed: [] };
  try {
    return await withLease(catalog, 'recover', { owner: 'recovery', clock }, async () => {
      const orphans = await findOrphans(store, catalog, clock);
      const removed: string[] = [];
      for (const path of orphans) {
        if (await removeOrphan(store, catalog, path, clock)) removed.push(path);
      }
      return { removed };
    });
  } catch (error) {
    if (isSegmillError(error, 'RUNNING_ELSEWHERE')) return { removed: [] };
    throw error;
  }
}

/** Those of movers would be taken over; those of readers have keys of their own and would stay for ever. */
async function removeDeadLeases(catalog: Catalog, clock: () => number): Promise<void> {
  const isDead = (lease: LeaseRecord): boolean => !isAlive(lease, clock());
  if (!catalog.read((view) => view.list('leases').some(isDead))) return;
  await catalog.write((transaction) => {
    for (const lease of transaction.list('leases').filter(isDead)) {
      transaction.remove('leases', lease.key);
    }
  });
}

async function findOrphans(store: Store, catalog: Catalog, clock: () => number): Promise<string[]> {
  const listed = [
    ...(await store.list(folders.segments)),
    ...(await store.list(folders.consuming)),
    ...(await store.list(folders.temporary)),
    ...(await store.list(folders.rejects)).filter(({ path }) => runOfRejects(path) !== null),
  ];
  if (listed.length === 0) return [];
  const { owned, leases } = catalog.read((view) => ({
    owned: ownedFiles(view),
    leases: livingLeases(view, '', clock()),
  }));
  const candidates = listed.filter((entry) => !owned.has(entry.path));
  return candidates.filter((entry) => !mayBeInUse(entry, leases)).map((entry) => entry.path);
}

function ownedFiles(view: CatalogView): Set<string> {
  const files = [
    ...view.list('segments').map((segment) => segment.file),
    ...view.list('replaced').map(({ segment }) => segment.file),
    ...view.list('partitions').map(({ consuming }) => consuming?.file),
    ...view.list('runs').map(({ table, runId }) => runRejectFile(table, runId)),
  ];
  return new Set(files.filter((file) => file !== undefined));
}

function mayBeInUse(entry: StoreEntry, leases: readonly LeaseRecord[]): boolean {
  const writers = leases.filter(({ key }) => key.startsWith('move/') || key.startsWith('ingest/'));
  const [folder, name = ''] = entry.path.split('/');
  if (folder === folders.temporary) {
    // Writers take their lease first: what is clearly older than the lease is not theirs.
    return writers.some((lease) => entry.modifiedMs >= lease.takenMs - leaseStaleMs);
  }
  if (folder === folders.consuming) {
    const isRead = leases.some(({ key }) => key.startsWith('read/'));
    return isRead || writers.some(({ key }) => key.startsWith(`ingest/${name}/`));
  }
  if (folder === folders.rejects) return writers.some(({ key }) => key === leaseKey('move', name));
  const table = segmentTableOf(name);
  // A folder that is none of ours stays as it is.
  if (table === null) return true;
  return writers.some(
    ({ key }) => key === leaseKey('move', table) || key.startsWith(`ingest/${table}/`),
  );
}

/** @returns whether the file was removed */
async function removeOrphan(
  store: Store,
  catalog: Catalog,
  path: string,
  clock: () => number,
): Promise<boolean> {
  const place = consumingPartOf(path);
  if (place === null) {
    await store.remove(path);
    return true;
  }
  const key = leaseKey('ingest', place.table, place.partition);
  try {
    return await withLease(catalog, key, { owner: 'recovery', clock }, async () => {
      if (catalog.read(ownedFiles).has(path)) return false;
      await store.remove(path);
      return true;
    });
  } catch (error) {
    if (isSegmillError(error, 'RUNNING_ELSEWHERE')) return false;
    throw error;
  }
}
