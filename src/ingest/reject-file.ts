// Rejected rows with their reasons: `rejects/<table>/<partition>.ndjson` in the data directory, a JSON object a line.
import { stringifyJson } from '../json/stringify.ts';
import { rejectedTextMax } from '../limits.ts';
import type { RawRow, RawValue } from '../config/cell.ts';
import type { Store } from '../store/types.ts';

export interface Reject {
  readonly source: string;
  /** In the source's own positions. */
  readonly position: number;
  readonly reason: string;
  /** Null: the row could not be decoded, or no single column is at fault. */
  readonly column: string | null;
  /** The row as it came, or as JSON when it came in a binary format; cut at 4 KiB. */
  readonly row: string;
}

/** Relative to the data directory. */
export function rejectFile(table: string, partition: number): string {
  return `rejects/${table}/${partition}.ndjson`;
}

/**
 * Appends behind the valid part of the file and flushes to the device: what stands there from an ingestion that
 * crashed before its positions moved is cut off.
 * @returns the new valid length
 */
export async function appendRejects(
  store: Store,
  path: string,
  validBytes: number,
  rejects: readonly Reject[],
): Promise<number> {
  const lines = rejects.map((reject) => `${stringifyJson(reject)}\n`).join('');
  const known = (await store.exists(path)) ? Math.min(validBytes, await store.size(path)) : 0;
  const writer = await store.append(path, known);
  try {
    await writer.write(Buffer.from(lines));
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  return writer.byteLength;
}

/** A decoded row as JSON text. */
export function rowText(row: RawRow): string {
  const members = Object.fromEntries([...row].map(([name, value]) => [name, shown(value)]));
  return stringifyJson(members).slice(0, rejectedTextMax);
}

function shown(value: RawValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return Array.isArray(value) ? value.map(shown) : value;
}
