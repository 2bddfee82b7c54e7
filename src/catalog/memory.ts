// The catalog's twin in memory, for tests: the same answers. Records are cloned on the way in and out, so that a test
// sees a caller that goes on changing what it stored.
import { invariant } from '../errors.ts';
import { countFault } from '../store/fault.ts';
import type { FaultPlan } from '../store/types.ts';
import { dataDirectoryVersion } from './directory.ts';
import type {
  Catalog,
  CatalogTransaction,
  CatalogView,
  CollectionName,
  Collections,
} from './types.ts';

type State = Map<string, unknown>;

export class MemoryCatalog implements Catalog {
  readonly #fault: FaultPlan | undefined;
  #state: State = new Map();
  #inside = false;

  constructor(options: { readonly fault?: FaultPlan } = {}) {
    this.#fault = options.fault;
    new MemoryTransaction(this.#state).put('meta', 'version', {
      value: String(dataDirectoryVersion),
    });
  }

  read<T>(body: (view: CatalogView) => T): T {
    return this.#enter(() => body(new MemoryView(this.#state)));
  }

  // oxlint-disable-next-line require-await -- the promise also carries what the body throws
  async write<T>(body: (transaction: CatalogTransaction) => T): Promise<T> {
    return this.#enter(() => {
      const next = new Map(this.#state);
      const result = body(new MemoryTransaction(next));
      countFault(this.#fault, 'catalog.write', 'memory');
      this.#state = next;
      return result;
    });
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }

  #enter<T>(body: () => T): T {
    invariant(!this.#inside, () => 'a catalog read or write was begun inside another');
    this.#inside = true;
    try {
      return body();
    } finally {
      this.#inside = false;
    }
  }
}

class MemoryView implements CatalogView {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  get<K extends CollectionName>(collection: K, key: string): Collections[K] | undefined {
    return structuredClone(this.#state.get(`${collection}\0${key}`)) as Collections[K] | undefined;
  }

  list<K extends CollectionName>(collection: K, prefix = ''): Collections[K][] {
    const start = `${collection}\0${prefix}`;
    const keys = [...this.#state.keys()].filter((key) => key.startsWith(start));
    // Byte order, as on disk; the order of strings differs beyond U+FFFF.
    keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return keys.map((key) => structuredClone(this.#state.get(key)) as Collections[K]);
  }
}

class MemoryTransaction extends MemoryView implements CatalogTransaction {
  readonly #state: State;

  constructor(state: State) {
    super(state);
    this.#state = state;
  }

  put<K extends CollectionName>(collection: K, key: string, record: Collections[K]): void {
    this.#state.set(`${collection}\0${key}`, structuredClone(record));
  }

  remove(collection: CollectionName, key: string): void {
    this.#state.delete(`${collection}\0${key}`);
  }
}
