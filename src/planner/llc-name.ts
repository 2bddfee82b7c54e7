// Names of sealed stream segments (O-15): table__partition__sequence__yyyyMMdd'T'HHmm'Z', the time in UTC.

export interface LlcName {
  readonly table: string;
  readonly partition: number;
  readonly sequence: number;
  /** As written, not checked. */
  readonly time: string;
}

/** `myTable__0__1__20160609T2142Z` for 1465508537069 (O-15). */
export function llcName(
  table: string,
  partition: number,
  sequence: number,
  creationMs: number,
): string {
  // ISO text in basic form, minutes kept, seconds cut.
  const time = `${new Date(creationMs).toISOString().slice(0, 16).replace(/[-:]/g, '')}Z`;
  return `${table}__${partition}__${sequence}__${time}`;
}

/** Exactly four parts with integer partition and sequence, else null (W-7). */
export function parseLlcName(name: string): LlcName | null {
  const parts = name.split('__');
  if (parts.length !== 4) return null;
  const [table, partition, sequence, time] = parts as [string, string, string, string];
  if (!/^-?\d+$/.test(partition) || !/^-?\d+$/.test(sequence)) return null;
  return { table, partition: Number(partition), sequence: Number(sequence), time };
}
