// Every rule of the flow has a test that names it, or a reason why it is none of ours. Rules are numbered by series:
// C config, W windows, X execution, P partitions, O outputs, R merging, A atomicity, B time boundary, E worked examples,
// J batch jobs, and `design 5.N` for where segmill differs on purpose.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** How many rules a series has; each of them is in exactly one of the two lists below. */
const counts = { C: 39, W: 21, X: 41, P: 16, O: 19, R: 17, A: 27, B: 13, E: 33, J: 12 } as const;
const designCount = 21;
/** Numbered between two others. */
const between: readonly string[] = ['P-9b'];

/** Where a rule is shown: numbers after their series, `5.N` for points of the design. */
const shown: Readonly<Record<string, string>> = {
  'config/aggregation.test.ts': 'C-28',
  'config/decimal.test.ts': 'X-18',
  'config/job-spec.test.ts': 'J-1 J-2 J-4 J-5 J-9',
  'config/move-config.test.ts': 'C-13 C-14 C-32 C-36',
  'config/period.test.ts': 'C-34 C-35 E-33',
  'config/schema.test.ts': 'X-19',
  'config/table-config.test.ts': 'C-3 P-13 O-10 O-12 B-2',
  'config/table.test.ts': 'C-1 C-4 C-21 C-26 C-33 O-4 O-6 O-13',
  'config/task-rules.test.ts':
    'C-2 C-5 C-6 C-7 C-8 C-9 C-10 C-11 C-12 C-15 C-16 C-18 C-19 C-20 C-22 C-23 C-24 C-25 C-27 C-29 C-30 C-31 X-40 ' +
    'P-5 P-9 P-16 R-11 R-12 R-13 R-14 R-15 R-17 E-8 5.5 5.17',
  'config/time-format.test.ts': 'X-29 X-30 X-31',
  'config/time-pattern.test.ts': 'X-32',
  'config/timestamp.test.ts': 'B-4',
  'transform/batch-pipeline.test.ts': 'X-15 X-16 X-24',
  'transform/convert.test.ts': 'X-17',
  'transform/golden.test.ts': 'X-21',
  'transform/row-pipeline.test.ts': 'X-13 X-20 X-23 X-26 E-24 5.20',
  'kernels/move-rows.test.ts': 'X-27',
  'kernels/partition-hash.test.ts': 'P-6 P-7 P-8 P-10 P-12 P-14 P-15 E-27',
  'kernels/sort.test.ts': 'O-7',
  'columns/builder.test.ts': 'O-3',
  'planner/batch-names.test.ts': 'O-14 E-26 J-6',
  'planner/boundary.test.ts': 'B-3 B-5 B-7 B-8 E-31 5.12',
  'planner/flow-rules.test.ts': 'W-1 W-2 W-4 W-6 W-9 W-10 W-18 X-2 A-1 B-1 B-6 B-10 B-11 B-12',
  'planner/llc-name.test.ts': 'W-7 O-15',
  'planner/names.test.ts': 'O-11 O-16 O-19 E-16 5.14',
  'planner/recorded-cases.test.ts': 'W-8 W-13 W-15 X-33 A-3',
  'planner/rerun.test.ts': '5.10 5.19',
  'planner/retention.test.ts': 'A-26',
  'planner/split.test.ts': '5.13',
  'planner/windows.test.ts':
    'W-3 W-5 W-11 W-12 W-14 W-16 W-17 W-19 E-1 E-2 E-3 E-4 E-5 E-6 5.3 5.4 5.9',
  'catalog/changes.test.ts': 'A-2 A-4 A-6 A-7 A-8',
  'tasks/partitions.test.ts': 'P-1 P-2 P-3',
  'coordinator/oracle.test.ts': '5.1',
  'coordinator/rules.test.ts':
    'X-11 X-12 X-14 X-22 X-28 X-34 X-35 X-36 X-37 X-38 X-39 X-41 P-4 P-9b P-11 O-2 O-5 O-8 O-9 R-1 R-3 R-4 R-5 R-6 ' +
    'R-7 R-8 R-9 A-15 E-22 E-23 E-29 E-32 5.2 5.6 5.7 5.8 5.11 5.15 5.21',
  'coordinator/window.test.ts':
    'R-2 R-10 R-16 E-9 E-10 E-11 E-12 E-13 E-14 E-15 E-17 E-18 E-19 E-20 E-21 E-25',
  'engine/backfill.test.ts': 'J-3 J-7 J-12',
  'engine/flow-rules.test.ts':
    'W-20 X-1 X-3 X-7 X-10 A-5 A-9 A-16 A-20 A-24 A-25 E-7 E-30 J-8 J-10 J-11 5.16 5.18',
};

/** Rules of a part that segmill does not have. The series H (REST paths) and M (merging small segments) are such parts whole; L lists limitations, not rules. */
const notHere: Readonly<Record<string, string>> = {
  'C-17': 'inputs go to a worker as a list of records, not as joined text',
  'C-37': 'task limits of a cluster: there is no cluster, a run is one process',
  'C-38': 'task limits of a cluster: memory and disk are capped by --memory and the disk cap',
  'C-39': 'controller properties: there is no controller',
  'W-21': 'ad hoc execution is a REST call',
  'X-4': 'inputs lie in the data directory and are read where they lie, nothing is fetched',
  'X-5': 'names a step whose parts are X-11 to X-41',
  'X-6': 'outputs are not packed: a segment is one file',
  'X-8': 'lineage is part of the commit, there is no step that starts it',
  'X-9': 'outputs are not sent anywhere: the commit makes them visible (A-4, A-6)',
  'X-25':
    'a segment is checked whole by its checksum before a row is read, so no single row fails to be fetched',
  'O-1': 'the layout of intermediate row files: rows travel as columns',
  'O-17': 'how often a build reads its rows shows in nothing that is put out',
  'O-18': 'a header of an upload',
  'A-10': 'an upload over HTTP',
  'A-11': 'an upload over HTTP',
  'A-12': 'retries of an upload over HTTP',
  'A-13': 'an upload over HTTP',
  'A-14':
    "locks and steps of the controller's side of an upload; one transaction is in their place (A-4, A-6)",
  'A-17': 'triggers by time: a run is asked for',
  'A-18': 'triggers by time: a run is asked for',
  'A-19': 'task queues of a cluster',
  'A-21': 'names of cluster jobs: a run has an id of its own',
  'A-22': 'the lineage protocol is made of REST calls',
  'A-23': 'the lineage protocol is made of REST calls',
  'A-27': "the stored form of a cluster's lineage",
  'B-9': 'a REST path of the broker',
  'B-13': 'logical tables over several physical ones',
  'E-28': 'a partitioner that no table config can ask for (P-16)',
};

const series = Object.entries(counts).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, i) => `${letter}-${i + 1}`),
);
const points = Array.from({ length: designCount }, (_, i) => `5.${i + 1}`);
const all = [...series, ...between, ...points];
const places = Object.entries(shown).flatMap(([file, ids]) =>
  ids.split(' ').map((id) => ({ id, file })),
);

test('every rule is in one of the lists, and in one place', () => {
  const listed = [...places.map(({ id }) => id), ...Object.keys(notHere)];
  expect(listed.toSorted()).toEqual(all.toSorted());
});

test.each(places)('$id is named by a test of $file', ({ id, file }) => {
  const number = id.replaceAll('.', String.raw`\.`);
  const pattern = id.startsWith('5.')
    ? new RegExp(String.raw`\bdesign (?:5\.\d+, )*${number}(?!\d)`)
    : new RegExp(String.raw`(?<![\w.-])${number}(?!\w)`);
  expect(namesIn(file).some((text) => pattern.test(text))).toBe(true);
});

test('a range of ids names none but its ends, and those only when they are named apart', () => {
  expect(idsOf("test('C-5 to C-9, C-11 and P-1..P-4 hold')")).toEqual([', C-11 and  hold']);
  expect(idsOf("// 'C-5' in a comment\ntest.each([['C-6']])('%s', run)")).toEqual(['C-6', '%s']);
});

const known = new Map<string, readonly string[]>();

function namesIn(file: string): readonly string[] {
  let names = known.get(file);
  if (names === undefined) {
    names = idsOf(readFileSync(new URL(file, import.meta.url), 'utf8'));
    known.set(file, names);
  }
  return names;
}

/** The texts of a test file: titles and the rows of `test.each`, without comments, ranges of ids cut out. */
function idsOf(source: string): string[] {
  const code = source.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const texts = code.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g);
  return [...texts].map((match) =>
    (match[1] ?? match[2] ?? '').replaceAll(/[A-Z]-\d+b?(?: to |\.\.)[A-Z]-\d+b?/g, ''),
  );
}
