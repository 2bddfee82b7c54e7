// Every verb, in the order in which a newcomer needs them.
import type { Verb } from './verb.ts';
import { backfill } from './verbs/backfill.ts';
import { bench } from './verbs/bench.ts';
import { demo } from './verbs/demo.ts';
import { ingest } from './verbs/ingest.ts';
import {
  doctor,
  exportSegment,
  importSegments,
  inspect,
  segments,
  status,
  verify,
} from './verbs/look.ts';
import {
  boundaryGet,
  boundaryReset,
  boundarySet,
  watermarkGet,
  watermarkReset,
  watermarkSet,
} from './verbs/marks.ts';
import { plan, rerun, run } from './verbs/move.ts';
import { query } from './verbs/query.ts';
import { gc, rollback } from './verbs/undo.ts';
import { tableAdd, tableDrop, tableList, tableShow, tableValidate } from './verbs/table.ts';

export const verbs: Readonly<Record<string, Verb>> = {
  demo,
  'table add': tableAdd,
  'table validate': tableValidate,
  'table list': tableList,
  'table show': tableShow,
  'table drop': tableDrop,
  ingest,
  plan,
  run,
  rerun,
  backfill,
  status,
  segments,
  inspect,
  export: exportSegment,
  import: importSegments,
  verify,
  'watermark get': watermarkGet,
  'watermark set': watermarkSet,
  'watermark reset': watermarkReset,
  'boundary get': boundaryGet,
  'boundary set': boundarySet,
  'boundary reset': boundaryReset,
  rollback,
  gc,
  query,
  bench,
  doctor,
};
