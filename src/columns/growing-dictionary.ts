// A dictionary that only ever grows: a value keeps the code that it got first, so codes written earlier stay valid.
import type { VarValues } from './column.ts';
import { gatherVar, varBytes, varCount } from './var-values.ts';
import { Buffer } from 'node:buffer';

export class GrowingDictionary {
  readonly #codeOf = new Map<string, number>();

  get size(): number {
    return this.#codeOf.size;
  }

  /**
   * Codes for all values, and those of them that are new, in the order of their codes.
   */
  add(values: VarValues): { readonly remap: Uint32Array; readonly added: VarValues } {
    const remap = new Uint32Array(varCount(values));
    const fresh: number[] = [];
    for (let i = 0; i < remap.length; i++) {
      const key = keyOf(varBytes(values, i));
      let code = this.#codeOf.get(key);
      if (code === undefined) {
        code = this.#codeOf.size;
        this.#codeOf.set(key, code);
        fresh.push(i);
      }
      remap[i] = code;
    }
    return { remap, added: gatherVar(values, Uint32Array.from(fresh)) };
  }

  clear(): void {
    this.#codeOf.clear();
  }
}

function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
