import { expect, test } from 'vitest';
import { contestOf, engineFigures, spreadOf, withRatio } from '../../src/bench/report.ts';
import type { Contest, Contestant, Run } from '../../src/bench/report.ts';
import type { CaseResult } from '../../src/bench/case-run.ts';

function contest(name: string, seconds: readonly number[], more: Partial<Contest> = {}): Contest {
  const contestant: Contestant = {
    name,
    version: '1',
    bytesIn: 1000,
    runs: seconds.map((value, i) => ({
      result: { seconds: value, startSeconds: 0.5, peakRssBytes: 10 + i, cpuSeconds: 1 },
      othersCpu: 0,
    })),
    failure: null,
  };
  return { ...contestOf(contestant, 100, { bytes: 7, files: 1, wrong: [] }), ...more };
}

test('median, least and greatest', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(spreadOf([5])).toEqual({ median: 5, min: 5, max: 5 });
});

test('rates follow from the median, the peak from the largest run', () => {
  const figures = contest('a', [2, 1, 4]);
  expect(figures).toMatchObject({
    seconds: { median: 2, min: 1, max: 4 },
    rowsPerSecond: 50,
    bytesPerSecond: 500,
    peakRssBytes: 12,
    bytesOut: 7,
  });
});

test('without a run there are no figures', () => {
  expect(contest('a', [])).toMatchObject({
    seconds: null,
    rowsPerSecond: null,
    peakRssBytes: null,
    othersCpu: null,
  });
});

test('the ratio is against the fastest peer whose answer is right', () => {
  const contests = [
    contest('segmill', [2]),
    contest('slow', [8]),
    contest('fast', [6]),
    contest('wrong', [1], { wrong: ['rows'] }),
    contest('failed', [1], { failure: 'gone' }),
  ];
  expect(withRatio(contests).map(({ timesFaster }) => timesFaster)).toEqual([
    3,
    null,
    null,
    null,
    null,
  ]);
  expect(withRatio([contest('segmill', [2])])[0]!.timesFaster).toBeNull();
});

test('stages are those of the run nearest to the median', () => {
  const run = (seconds: number, map: number): Run<CaseResult> => ({
    result: {
      seconds,
      startSeconds: 1,
      callSeconds: seconds,
      peakRssBytes: 1,
      startRssBytes: 1,
      cpuSeconds: 1,
      stages: { map, commit: 0 },
      ledger: null,
      memory: null,
      estimate: null,
      outputs: [{ path: 'x', rows: 5, bytes: 6 }],
    },
    othersCpu: 0,
  });
  const runs = [run(1, 100), run(3, 300), run(2, 200)];
  expect(engineFigures(runs, { rows: 1000, bytes: 4000 }, 0.1)).toMatchObject({
    stages: { map: 200, commit: 0 },
    stageRowsPerSecond: { map: 5000 },
    stageBytesPerSecond: { map: 20_000 },
    rowsOut: 5,
    segmentsOut: 1,
    plainCopySeconds: 0.1,
  });
  expect(engineFigures([], { rows: 1, bytes: 1 }, 0)).toBeNull();
});
