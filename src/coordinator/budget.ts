/** What memory is used for. */
export const memoryOwners = ['runs', 'dictionaries', 'output', 'io'] as const;
export type MemoryOwner = (typeof memoryOwners)[number];

/** Counts the bytes of large buffers by owner: `resourceLimits` of a worker do not see typed arrays. */
export interface MemoryBudget {
  readonly capBytes: number;
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** Takes bytes; the returned function gives them back, once. */
  reserve(owner: MemoryOwner, bytes: number): () => void;
  usedBy(owner: MemoryOwner): number;
}

export function createMemoryBudget(capBytes: number): MemoryBudget {
  return new Budget(capBytes);
}

class Budget implements MemoryBudget {
  readonly capBytes: number;
  readonly #used: Record<MemoryOwner, number> = { runs: 0, dictionaries: 0, output: 0, io: 0 };
  #total = 0;
  #peak = 0;

  constructor(capBytes: number) {
    this.capBytes = capBytes;
  }

  get usedBytes(): number {
    return this.#total;
  }

  get peakBytes(): number {
    return this.#peak;
  }

  usedBy(owner: MemoryOwner): number {
    return this.#used[owner];
  }

  reserve(owner: MemoryOwner, bytes: number): () => void {
    this.#add(owner, bytes);
    let held = true;
    return () => {
      if (held) this.#add(owner, -bytes);
      held = false;
    };
  }

  #add(owner: MemoryOwner, bytes: number): void {
    this.#used[owner] += bytes;
    this.#total += bytes;
    this.#peak = Math.max(this.#peak, this.#total);
  }
}
