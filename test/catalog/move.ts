// The steps that a mover takes on store and catalog, in small: what the crash tests interrupt.
import { commitWindow } from '../../src/catalog/changes.ts';
import { leaseKey, stateOf } from '../../src/catalog/keys.ts';
import { segmentFile, temporaryFolder } from '../../src/catalog/layout.ts';
import { assertLease, withLease } from '../../src/catalog/lease.ts';
import type { Catalog, SegmentRecord } from '../../src/catalog/types.ts';
import type { Store } from '../../src/store/types.ts';

/** Writes two output files and commits them as the window's result; runs after the first are one hour later each. */
export async function moveOneWindow(store: Store, catalog: Catalog, runId: string): Promise<void> {
  await withLease(catalog, leaseKey('move', 't'), { owner: runId }, async (lease) => {
    const state = catalog.read((view) => stateOf(view, 't'));
    const start = state.watermarkMs ?? 0;
    const add: SegmentRecord[] = [];
    for (const name of [`o${start}_0`, `o${start}_1`]) {
      const temporary = `${temporaryFolder(runId)}/${name}`;
      const file = segmentFile('t', 'OFFLINE', name, runId, 'parquet');
      const writer = await store.create(temporary);
      await writer.write(new TextEncoder().encode(`${name} of ${runId}`));
      await writer.finish();
      await store.rename(temporary, file);
      add.push({
        table: 't',
        type: 'OFFLINE',
        name,
        file,
        format: 'parquet',
        rowCount: 0,
        byteLength: 0,
        crc: 0,
        minTimeMs: null,
        maxTimeMs: null,
        minTimeValue: null,
        maxTimeValue: null,
        creationMs: 0,
        partition: null,
        sequence: null,
        ranges: [],
        partitions: null,
        timePartition: null,
        columns: [],
        origin: { kind: 'run', runId, windowStartMs: start, windowEndMs: start + 1 },
      });
    }
    await catalog.write((transaction) => {
      assertLease(transaction, lease);
      commitWindow(transaction, {
        run: {
          runId,
          table: 't',
          kind: 'run',
          windowStartMs: start,
          windowEndMs: start + 1,
          negateWindowFilter: false,
          inputs: [],
          ledger: {
            read: 0,
            outsideWindow: 0,
            filtered: 0,
            rejected: 0,
            mergedAway: 0,
            written: 0,
          },
          startedMs: 0,
          finishedMs: 0,
          stages: {},
          memory: null,
        },
        add,
        removeNames: [],
        watermarkMs: start + 1,
        expectedWatermark: start,
        boundary: { ms: start, mode: 'exact' },
        supersededRuns: [],
        nowMs: 0,
        realNowMs: 0,
      });
    });
    await store.removeFolder(temporaryFolder(runId));
  });
}
