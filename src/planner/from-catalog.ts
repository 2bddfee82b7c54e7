import { partitionsOf, runsOf, segmentsOf, tableOf } from '../catalog/keys.ts';
import type { CatalogView, LeaseRecord } from '../catalog/types.ts';
import type { TableSnapshot } from './snapshot.ts';

/** What a snapshot needs to know beside the catalog. */
export interface OutsideFacts {
  readonly missingFiles: readonly string[];
  readonly removedSources: readonly string[];
  readonly runningElsewhere: LeaseRecord | null;
}

export const noOutsideFacts: OutsideFacts = {
  missingFiles: [],
  removedSources: [],
  runningElsewhere: null,
};

/**
 * The planner's view of one table, all from one catalog state.
 * @throws SegmillError TABLE_NOT_FOUND
 */
export function snapshotOf(view: CatalogView, table: string, facts: OutsideFacts): TableSnapshot {
  return {
    table: tableOf(view, table),
    state: view.get('states', table) ?? null,
    realtime: segmentsOf(view, table, 'REALTIME'),
    offline: segmentsOf(view, table, 'OFFLINE'),
    partitions: partitionsOf(view, table),
    runs: runsOf(view, table),
    ...facts,
  };
}
