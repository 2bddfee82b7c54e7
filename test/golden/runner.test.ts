// The runner itself: a case whose expectation is changed must be reported as different.
import { expect, test } from 'vitest';
import type { Semantics } from './expectation.ts';
import { inProcess } from './program.ts';
import { readRecording } from './recording.ts';
import type { Recording } from './recording.ts';
import { playCase } from './run-case.ts';

const root = 'test/golden/r2o-cases';

function play(recording: Recording, semantics: Semantics = 'pinot'): Promise<string[]> {
  return playCase(recording, semantics, inProcess, []);
}

const changes: Readonly<Record<string, (recording: Recording) => Recording>> = {
  'a value of a row': (recording) => ({
    ...recording,
    segments: recording.segments.map((segment) => ({
      ...segment,
      rows: segment.rows.map((row, i) => (i === 0 ? { ...row, k: 'other' } : row)),
    })),
  }),
  'a null flag': (recording) => ({
    ...recording,
    segments: recording.segments.map((segment) => ({
      ...segment,
      rows: segment.rows.map((row, i) =>
        i === 0 ? { ...row, $nulls: ['k'] } : row,
      ) as typeof segment.rows,
    })),
  }),
  'the order of rows': (recording) => ({
    ...recording,
    segments: recording.segments.map((segment) => ({
      ...segment,
      rows: segment.rows.toReversed(),
    })),
  }),
  'the count of rows': (recording) => ({
    ...recording,
    segments: recording.segments.map((segment) => ({
      ...segment,
      totalDocs: segment.totalDocs + 1,
    })),
  }),
  'partition ids': (recording) => ({
    ...recording,
    segments: recording.segments.map((segment) => ({
      ...segment,
      columns: { k: { partitionFunction: 'Modulo', partitionValues: '1' } },
    })),
  }),
  'the name of a segment': (recording) => ({
    ...recording,
    runs: recording.runs.map((run) => ({
      ...run,
      offlineSegmentsAfter: run.offlineSegmentsAfter.map((name) => `${name}0`),
    })),
  }),
  'a watermark': (recording) => ({
    ...recording,
    runs: recording.runs.map((run) => ({ ...run, watermarkAfter: 0 })),
  }),
  'a boundary': (recording) => ({
    ...recording,
    runs: recording.runs.map((run) => ({
      ...run,
      timeBoundaryAfter: { timeColumn: 'ts', timeValue: '1' },
    })),
  }),
  'a reason': (recording) => ({
    ...recording,
    runs: recording.runs.map((run) => ({ ...run, generatorLog: ['not older than buffer'] })),
  }),
  'an answer of a query': (recording) => ({
    ...recording,
    queries: recording.queries.map((query) => ({ ...query, rows: [] })),
  }),
  'an ingested row': (recording) => ({
    ...recording,
    realtime: new Map([...recording.realtime].map(([name, rows]) => [name, rows.slice(1)])),
  }),
};

test('the unchanged case is as expected', async () => {
  expect(await play(readRecording(root, 'consuming-guard-end-on-edge'))).toEqual([]);
});

test.each(Object.keys(changes))('%s that differs is reported', async (what) => {
  const recording = changes[what]!(readRecording(root, 'consuming-guard-end-on-edge'));
  expect(await play(recording)).not.toEqual([]);
});

test('without its table of differences, a case that differs on purpose is reported', async () => {
  expect(await play(readRecording(root, 'iterations-split-rollup'))).not.toEqual([]);
  expect(await play(readRecording(root, 'dedup-nulls-both-orders'), 'exact')).not.toEqual([]);
});
