// The catalog on LMDB: one environment in `catalog/`, all collections in one key space (`collection`, a zero byte, key).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase, type Transaction } from 'lmdb';
import { invariant, SegmillError } from '../errors.ts';
import { catalogBytesMax } from '../limits.ts';
import { countFault } from '../store/fault.ts';
import type { FaultPlan } from '../store/types.ts';
import { checkDataDirectory, checkVersion } from './directory.ts';
import { checkCatalogFile } from './file-check.ts';
import { catalogFailure } from './failure.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type {
  Catalog,
  CatalogTransaction,
  CatalogView,
  CollectionName,
  Collections,
} from './types.ts';

type Environment = RootDatabase<Uint8Array, Uint8Array>;

export interface CatalogOptions {
  readonly fault?: FaultPlan | undefined;
  /** Tests fill a small map; everyone else takes the limit. */
  readonly mapBytes?: number;
}

/**
 * Opens or makes the catalog of a data directory. Several processes may have it open at once.
 * @param root the data directory
 * @throws SegmillError DATA_DIR_UNUSABLE (not ours, or not writable), DATA_DIR_VERSION (made by a newer segmill),
 * CATALOG_CORRUPT (LMDB cannot read its own file)
 */
export function openCatalog(root: string, options: CatalogOptions = {}): Catalog {
  const { fault, mapBytes = catalogBytesMax } = options;
  checkDataDirectory(root);
  const path = join(root, 'catalog');
  let environment: Environment;
  try {
    mkdirSync(path, { recursive: true });
    checkCatalogFile(join(path, 'data.mdb'));
    environment = open<Uint8Array, Uint8Array>({
      path,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      mapSize: mapBytes,
      // A commit is flushed before it returns; the default returns first and flushes behind.
      overlappingSync: false,
      cache: false,
    });
  } catch (error) {
    throw catalogFailure(error, path);
  }
  const catalog = new LmdbCatalog(environment, path, mapBytes, fault);
  try {
    catalog.transact((transaction) => checkVersion(transaction, root));
  } catch (error) {
    void environment.close();
    throw error;
  }
  return catalog;
}

class LmdbCatalog implements Catalog {
  readonly #environment: Environment;
  readonly #path: string;
  readonly #fault: FaultPlan | undefined;
  readonly #mapBytes: number;
  #inside = false;

  constructor(
    environment: Environment,
    path: string,
    mapBytes: number,
    fault: FaultPlan | undefined,
  ) {
    this.#environment = environment;
    this.#mapBytes = mapBytes;
    this.#path = path;
    this.#fault = fault;
  }

  read<T>(body: (view: CatalogView) => T): T {
    return this.#enter(() => {
      // Otherwise a snapshot from earlier in this turn of the event loop is used again.
      this.#environment.resetReadTxn();
      const snapshot = this.#environment.useReadTransaction();
      try {
        return body(new LmdbView(this.#environment, snapshot));
      } finally {
        snapshot.done();
      }
    });
  }

  // oxlint-disable-next-line require-await -- LMDB commits synchronously; the promise also carries what it throws
  async write<T>(body: (transaction: CatalogTransaction) => T): Promise<T> {
    return this.transact((transaction) => {
      const bytesBefore = usedBytes(this.#environment);
      const result = body(transaction);
      checkRoom(this.#path, bytesBefore, usedBytes(this.#environment), this.#mapBytes);
      countFault(this.#fault, 'catalog.write', this.#path);
      return result;
    });
  }

  transact<T>(body: (transaction: CatalogTransaction) => T): T {
    return this.#enter(() =>
      this.#environment.transactionSync(() => body(new LmdbTransaction(this.#environment))),
    );
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }

  #enter<T>(body: () => T): T {
    invariant(!this.#inside, () => 'a catalog read or write was begun inside another');
    this.#inside = true;
    try {
      return body();
    } catch (error) {
      throw catalogFailure(error, this.#path);
    } finally {
      this.#inside = false;
    }
  }
}

class LmdbView implements CatalogView {
  readonly #environment: Environment;
  readonly #snapshot: Transaction | null;

  /** @param snapshot null inside a write transaction, which reads its own state */
  constructor(environment: Environment, snapshot: Transaction | null) {
    this.#environment = environment;
    this.#snapshot = snapshot;
  }

  get<K extends CollectionName>(collection: K, key: string): Collections[K] | undefined {
    const bytes = this.#environment.get(keyBytes(collection, key), this.#options());
    return bytes === undefined ? undefined : (decodeRecord(bytes) as Collections[K]);
  }

  list<K extends CollectionName>(collection: K, prefix = ''): Collections[K][] {
    const start = keyBytes(collection, prefix);
    const range = { start, end: afterPrefix(start), ...this.#options() };
    return [...this.#environment.getRange(range)].map(
      ({ value }) => decodeRecord(value) as Collections[K],
    );
  }

  #options(): { readonly transaction?: Transaction } {
    return this.#snapshot === null ? {} : { transaction: this.#snapshot };
  }
}

class LmdbTransaction extends LmdbView implements CatalogTransaction {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    super(environment, null);
    this.#environment = environment;
  }

  put<K extends CollectionName>(collection: K, key: string, record: Collections[K]): void {
    this.#environment.putSync(keyBytes(collection, key), encodeRecord(record));
  }

  remove(collection: CollectionName, key: string): void {
    this.#environment.removeSync(keyBytes(collection, key));
  }
}

/** Of all records, the open transaction's included. */
function usedBytes(environment: Environment): number {
  const stats = environment.getStats() as Readonly<Record<string, number>>;
  const pages =
    stats['treeBranchPageCount']! + stats['treeLeafPageCount']! + stats['overflowPages']!;
  return pages * stats['pageSize']!;
}

/** LMDB grows a full map by itself. A catalog over its limit takes only what makes it smaller. */
function checkRoom(path: string, before: number, after: number, limit: number): void {
  if (after <= limit || after <= before) return;
  throw new SegmillError(
    'STORE_FULL',
    `the catalog at ${path} would hold ${after} bytes, the limit is ${limit}: remove old runs and replaced segments with gc`,
    { path, bytes: after, limit },
  );
}

function keyBytes(collection: CollectionName, key: string): Uint8Array {
  return Buffer.from(`${collection}\0${key}`);
}

/** The first key after all that start with `prefix`. UTF-8 has no 0xff byte, so one at the end is behind them all. */
function afterPrefix(prefix: Uint8Array): Uint8Array {
  return Buffer.concat([prefix, Uint8Array.of(0xff)]);
}
