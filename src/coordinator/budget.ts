import { SegmillError } from '../errors.ts';

/** What memory is used for. */
type MemoryOwner = 'runs' | 'dictionaries' | 'output';

/** Counts the bytes of large shared buffers by owner: `resourceLimits` of a worker do not see typed arrays. */
export interface MemoryBudget {
  readonly capBytes: number;
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** @throws SegmillError MEMORY_CAP: they do not fit beside what is taken */
  reserve(owner: MemoryOwner, bytes: number): void;
  /** Gives back all that `owner` took. */
  release(owner: MemoryOwner): void;
}

export function createMemoryBudget(capBytes: number): MemoryBudget {
  return new Budget(capBytes);
}

class Budget implements MemoryBudget {
  readonly capBytes: number;
  readonly #used: Record<MemoryOwner, number> = { runs: 0, dictionaries: 0, output: 0 };
  #peak = 0;

  constructor(capBytes: number) {
    this.capBytes = capBytes;
  }

  get usedBytes(): number {
    return this.#used.runs + this.#used.dictionaries + this.#used.output;
  }

  get peakBytes(): number {
    return this.#peak;
  }

  reserve(owner: MemoryOwner, bytes: number): void {
    const wanted = this.usedBytes + bytes;
    if (wanted > this.capBytes) {
      throw new SegmillError(
        'MEMORY_CAP',
        `the columns of the window take at least ${wanted} bytes, the memory cap is ${this.capBytes}; raise --memory, or make bucketTimePeriod shorter`,
        { wantedBytes: wanted, capBytes: this.capBytes },
      );
    }
    this.#used[owner] += bytes;
    this.#peak = Math.max(this.#peak, wanted);
  }

  release(owner: MemoryOwner): void {
    this.#used[owner] = 0;
  }
}
