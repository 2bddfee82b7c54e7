/**
 * Memory that a task borrows for its own time, by name; the next task of the thread gets it again, so that large arrays
 * are not mapped, zeroed and collected once a task. What is in it is whatever was there before. Nothing that a task
 * returns may lie in it, and tasks that share one must not run at the same time.
 */
export class Scratch {
  readonly #slots = new Map<string, ArrayBuffer>();

  bytes(slot: string, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#slot(slot, length), 0, length);
  }

  words(slot: string, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#slot(slot, 4 * length), 0, length);
  }

  numbers(slot: string, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#slot(slot, 8 * length), 0, length);
  }

  longs(slot: string, length: number): BigInt64Array<ArrayBuffer> {
    return new BigInt64Array(this.#slot(slot, 8 * length), 0, length);
  }

  #slot(slot: string, byteLength: number): ArrayBuffer {
    const held = this.#slots.get(slot);
    if (held !== undefined && held.byteLength >= byteLength) return held;
    // An eighth more: segments of about one size then fit without growing again.
    const made = new ArrayBuffer(8 * Math.ceil((byteLength * 9) / 64));
    this.#slots.set(slot, made);
    return made;
  }
}
