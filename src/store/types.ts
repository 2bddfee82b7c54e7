// Where files live. Paths are relative to the store's root, `/` separated, and can never leave it.

/** Plain data from which any thread opens the same store again. */
export interface StoreDescriptor {
  readonly kind: 'local';
  readonly root: string;
  /** Fault injection for tests: shared between all threads that hold this descriptor. */
  readonly fault?: FaultPlan;
}

/** `seam` fails at its nth call (1-based), once; calls are counted in `counter[0]` across threads. */
export interface FaultPlan {
  readonly seam: string;
  readonly nth: number;
  readonly counter: Int32Array<SharedArrayBuffer>;
  /** `fail`: STORE_FULL is thrown; `exit`: the process kills itself (crash tests). */
  readonly effect: 'fail' | 'exit';
}

export interface StoreWriter {
  /** Bytes written so far, the truncated start of an append included. */
  readonly byteLength: number;
  /** The chunk may be reused by the caller once the promise is done. */
  write(chunk: Uint8Array): Promise<void>;
  /** Flushes to the device and closes. */
  finish(): Promise<void>;
  /** Flushes without closing (CONSUMING files). */
  sync(): Promise<void>;
  /** Closes and removes what a `create` has written; an `append` is cut back to where it began. */
  abandon(): Promise<void>;
}

export interface StoreEntry {
  /** Relative to the store's root. */
  readonly path: string;
  readonly byteLength: number;
  readonly modifiedMs: number;
}

/** Every call throws SegmillError: STORE_FULL (no space or quota), FILE_NOT_FOUND, STORE_FAILED with path and system code. */
export interface Store {
  readonly descriptor: StoreDescriptor | null;
  /** @param into gives the memory to read into, of the length asked for; else it is new */
  read(
    path: string,
    range?: { readonly start: number; readonly end: number },
    into?: (byteLength: number) => Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** A new file; fails when it is there. Parent folders are made. */
  create(path: string): Promise<StoreWriter>;
  /** An existing file cut to `byteLength` (0 makes a new one), then written at its end. */
  append(path: string, byteLength: number): Promise<StoreWriter>;
  /** Atomic; the folder is flushed too. The target must not exist. */
  rename(from: string, to: string): Promise<void>;
  /** Absent is fine. */
  remove(path: string): Promise<void>;
  /** A folder with all it holds; absent is fine. */
  removeFolder(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  size(path: string): Promise<number>;
  /** All files below a folder, sorted by path; an absent folder is empty. */
  list(folder: string): Promise<StoreEntry[]>;
  freeBytes(): Promise<number>;
  /** The absolute path, for parts that open files themselves (DuckDB, workers). */
  localPath(path: string): string;
}
