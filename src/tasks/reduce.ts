// Stage d: one shard's rows of all segments, sorted, merged by ROLLUP or DEDUP, and gathered once at the end.
import { allRows } from '../kernels/gather.ts';
import { findGroups, firstRows, groupOfRows } from '../kernels/groups.ts';
import { listRanks, packKeys } from '../kernels/keys.ts';
import { sortRows } from '../kernels/sort.ts';
import type { PackedKeys } from '../kernels/sort.ts';
import { aggregateFrame } from './aggregate-frame.ts';
import type { WordRoom } from '../kernels/words.ts';
import type { ReduceInput, ReduceOutput, TaskContext } from './contract.ts';
import { columnOf, gatherFrame, joinSlices } from './frame.ts';
import type { Frame } from './frame.ts';
import { planRows } from './plan.ts';
import type { RowPlan } from './plan.ts';
import { keyWords } from './prefix.ts';

export function runReduce(
  { job, slices, dictionaries }: ReduceInput,
  { scratch }: Pick<TaskContext, 'scratch'>,
): ReduceOutput {
  const plan = planRows(job);
  const room: WordRoom = (slot, length) => scratch.words(slot, length);
  const frame = joinSlices(slices, scratch);
  const keys = packedKeys(plan, frame, room);
  const order = sortRows(keys, room);
  switch (job.move.mergeType) {
    case 'CONCAT':
      return { frame: gatherFrame(frame, order), overflow: null };
    case 'DEDUP': {
      const groups = findGroups(keys.words, order);
      return { frame: gatherFrame(frame, firstRows(order, groups)), overflow: null };
    }
    case 'ROLLUP': {
      const groups = findGroups(keys.words, order);
      const grouped = {
        groupOf: groupOfRows(order, groups),
        first: firstRows(order, groups),
        slices: startsOf(slices),
      };
      const { frame: merged, overflow } = aggregateFrame(job, plan, frame, grouped, dictionaries);
      return { frame: overflow === null ? shared(merged) : { rowCount: 0, columns: [] }, overflow };
    }
  }
}

/** O-7; with nulls that count (design 5.8), a null stands beside its default, not-null first. */
function packedKeys(plan: RowPlan, frame: Frame, room: WordRoom): PackedKeys {
  const words: Uint32Array[] = [];
  for (const { name } of plan.fields.slice(0, plan.keyCount)) {
    const column = columnOf(frame, name);
    const own = keyWords(column, room);
    if (column.offsets === null) words.push(...own);
    else words.push(listRanks(own, column.offsets));
    if (plan.nullsCount && column.nulls !== null) words.push(Uint32Array.from(column.nulls));
  }
  return packKeys(words, frame.rowCount, room);
}

function startsOf(slices: ReduceInput['slices']): Uint32Array {
  const starts = new Uint32Array(slices.length + 1);
  slices.forEach(({ start, end }, i) => (starts[i + 1] = starts[i]! + end - start));
  return starts;
}

function shared(frame: Frame): Frame {
  return gatherFrame(frame, allRows(frame.rowCount));
}
