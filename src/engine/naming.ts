import { replacedOf, segmentsOf } from '../catalog/keys.ts';
import type { TableRecord } from '../config/types.ts';
import { checkMovable } from '../config/table.ts';
import { segmentBaseName, takenNames, uniqueNames } from '../planner/names.ts';
import type { WindowDecision } from '../planner/snapshot.ts';
import type { WindowOutput } from '../tasks/types.ts';
import type { EngineContext } from './context.ts';

/**
 * Final names of one window's outputs (O-10 to O-16, design 5.14).
 * @throws SegmillError NAME_INVALID, FIXED_NAME_SEVERAL_OUTPUTS
 */
export function nameOutputs(
  ctx: EngineContext,
  record: TableRecord,
  outputs: readonly WindowOutput[],
  { window, replacesSegments }: WindowDecision,
): string[] {
  const { offline, move } = checkMovable(record);
  const bases = outputs.map((output) => segmentBaseName(offline, move, record.schema, output));
  const taken = ctx.catalog.read((view) =>
    takenNames(
      segmentsOf(view, record.name, 'OFFLINE'),
      replacedOf(view, record.name),
      window,
      replacesSegments,
    ),
  );
  return uniqueNames(bases, taken, window.startMs);
}
