// `backfill`: Pinot's batch ingestion job into the data directory (Annex J).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BackfillReport } from '../../src/engine/backfill.ts';
import { d0, dayMs, lines, openDesk, row, rowsOf } from './desk.ts';
import type { Desk } from './desk.ts';

interface Job {
  readonly [key: string]: unknown;
}

function job(desk: Desk, more: Job = {}): string {
  return JSON.stringify({
    jobType: 'SegmentCreationAndTarPush',
    inputDirURI: join(desk.root, 'input', 'job'),
    recordReaderSpec: { dataFormat: 'json' },
    tableSpec: { tableName: 't' },
    ...more,
  });
}

function push(
  desk: Desk,
  more: Job = {},
  options: Parameters<Desk['engine']['backfill']>[1] = {},
): Promise<BackfillReport> {
  return desk.engine.backfill({ where: 'job.yml', text: job(desk, more) }, options);
}

function names(type: string, configs: Job = {}): Job {
  return { segmentNameGeneratorSpec: { type, configs } };
}

test('J-12 a moved segment is replaced under its name, as one commit that can be rolled back', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0), row('b', 2, d0 + 5)]);
  await desk.run();
  const [name] = Object.keys(await desk.offline());
  desk.write('job/a.json', lines([row('a', 10, d0), row('b', 20, d0 + 5)]));
  const report = await push(desk, names('fixed', { 'segment.name': '${name}' }), {
    values: { name: name! },
  });
  expect(report).toMatchObject({
    table: 't',
    files: [{ segment: name, rows: 2, rowsRejected: 0 }],
    replaced: [name],
    added: [name],
    outputDir: null,
    pushed: true,
  });
  expect(await desk.offlineRows()).toEqual(['a 10 0', 'b 20 5']);
  expect(desk.engine.watermark('t').watermarkMs).toBe(d0 + dayMs);
  expect((await desk.engine.verify()).findings).toEqual([]);
  await desk.engine.rollback('t', { execute: true });
  expect(await desk.offlineRows()).toEqual(['a 1 0', 'b 2 5']);
});

test('J-3, J-4, J-5, J-6 names of every kind; sequences count per directory or over all', async () => {
  const desk = await openDesk();
  desk.write('job/x/a.json', lines([row('a', 1, d0)]));
  desk.write('job/x/b.json', lines([row('b', 2, d0 + 1)]));
  desk.write('job/y/c.json', lines([row('c', 3, d0 + 2)]));
  const segmentsOf = async (more: Job): Promise<string[]> =>
    (await push(desk, more)).files.map(({ segment }) => segment);
  expect(await segmentsOf({})).toEqual([
    `t_OFFLINE_${d0}_${d0}_0`,
    `t_OFFLINE_${d0 + 1}_${d0 + 1}_1`,
    `t_OFFLINE_${d0 + 2}_${d0 + 2}_0`,
  ]);
  const global = { 'use.global.directory.sequence.id': 'true' };
  expect(await segmentsOf(names('normalizedDate', global))).toEqual([
    't_OFFLINE_2023-11-15_2023-11-15_0',
    't_OFFLINE_2023-11-15_2023-11-15_1',
    't_OFFLINE_2023-11-15_2023-11-15_2',
  ]);
  const byFile = names('inputFile', {
    'file.path.pattern': String.raw`.+/(.)/(.)\.json`,
    'segment.name.template': String.raw`${'${'}filePathPattern:\1}-${'${'}filePathPattern:\2}`,
  });
  const text = job(desk, byFile);
  // The template's places are the generator's, not the job's own values.
  expect(text).toContain('filePathPattern');
  expect(await segmentsOf(byFile)).toEqual(['x-a', 'x-b', 'y-c']);
  const untimed = names('simple', { 'exclude.time.in.segment.name': 'true', ...global });
  expect(await segmentsOf(untimed)).toEqual(['t_OFFLINE_0', 't_OFFLINE_1', 't_OFFLINE_2']);
});

test('J-1 patterns choose among the files, by glob or regex over the whole path', async () => {
  const desk = await openDesk();
  desk.write('job/a.json', lines([row('a', 1, d0)]));
  desk.write('job/b.json', lines([row('b', 1, d0)]));
  desk.write('job/sub/c.json', lines([row('c', 1, d0)]));
  desk.write('job/notes.txt', 'nothing of this is a row');
  const files = async (more: Job): Promise<string[]> => {
    const configs = {
      'file.path.pattern': String.raw`.+/(.+)\.json`,
      'segment.name.template': String.raw`${'${'}filePathPattern:\1}`,
    };
    return (await push(desk, { ...names('inputFile', configs), ...more })).added.toSorted();
  };
  expect(await files({ includeFileNamePattern: 'glob:**/*.json' })).toEqual(['a', 'b', 'c']);
  expect(
    await files({ includeFileNamePattern: 'glob:**/*.json', searchRecursively: false }),
  ).toEqual(['a', 'b']);
  expect(
    await files({
      includeFileNamePattern: 'glob:**/*.json',
      excludeFileNamePattern: 'glob:**/{a,c}.json',
    }),
  ).toEqual(['b']);
  expect(await files({ includeFileNamePattern: String.raw`regex:.*/[ac]\.json` })).toEqual([
    'a',
    'c',
  ]);
  await expect(files({ includeFileNamePattern: 'glob:*.json' })).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    details: { files: 4 },
  });
  await expect(files({ inputDirURI: '/nope' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  await expect(files({ inputDirURI: 's3://bucket/x' })).rejects.toThrow(/scheme s3/);
  await expect(files({ inputDirURI: 'file://host/x' })).rejects.toMatchObject({
    code: 'JOB_INVALID',
  });
});

test('TIME_CHANGED new rows outside the times of the replaced segment need leave', async () => {
  const desk = await openDesk();
  await desk.ingest([row('a', 1, d0 + 5)]);
  await desk.run();
  const [name] = Object.keys(await desk.offline());
  desk.write('job/a.json', lines([row('a', 1, d0 + 4)]));
  const fixed = names('fixed', { 'segment.name': name });
  const files = desk.files();
  await expect(push(desk, fixed)).rejects.toMatchObject({
    code: 'TIME_CHANGED',
    details: { segment: name, minTimeMs: d0 + 4 },
  });
  expect(desk.files()).toEqual(files);
  await push(desk, fixed, { allowTimeChange: true });
  expect(await desk.offlineRows()).toEqual(['a 1 4']);
});

test('nothing is changed when a row is bad, two files make one name, or a file cannot be read', async () => {
  const desk = await openDesk();
  desk.write('job/a.json', lines([row('a', 1, d0)]));
  desk.write('job/b.json', '{"k":"b","v":1,"ts":"never"}\n');
  await expect(push(desk)).rejects.toMatchObject({
    code: 'ROW_REJECTED',
    details: { position: 0 },
  });
  desk.write('job/b.json', `${lines([row('b', 1, d0)])}{"k":`);
  await expect(push(desk)).rejects.toMatchObject({ code: 'ROW_REJECTED' });
  desk.write('job/b.json', lines([row('b', 1, d0)]));
  await expect(push(desk, names('fixed', { 'segment.name': 'one' }))).rejects.toThrow(
    /b\.json: makes segment one, and so does .*a\.json/,
  );
  await expect(push(desk, { recordReaderSpec: { dataFormat: 'thrift' } })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  });
  await expect(push(desk, { tableSpec: { tableName: 'nope' } })).rejects.toMatchObject({
    code: 'TABLE_NOT_FOUND',
  });
  await expect(
    desk.engine.backfill({ where: 'job.yml', text: 'jobType: Nope' }),
  ).rejects.toMatchObject({ code: 'JOB_INVALID' });
  expect(desk.files()).toEqual([]);
  expect((await desk.engine.status('t')).runs).toEqual([]);
});

test('X-24 under continueOnError bad rows are left out, counted and said', async () => {
  const desk = await openDesk({ offline: { ingestionConfig: { continueOnError: true } } });
  desk.write('job/a.json', `${lines([row('a', 1, d0)])}{"k":"b","ts":"never"}\nnot json\n`);
  const report = await push(desk);
  expect(report.files).toMatchObject([{ rows: 1, rowsRejected: 2 }]);
  expect(report.warnings.join('\n')).toMatch(/a\.json: 2 rows left out/);
});

test('J-2, J-7 a job that only creates leaves its segments in outputDirURI; one that only pushes takes them', async () => {
  const desk = await openDesk();
  desk.write('job/a.json', lines([row('a', 1, d0)]));
  const outputDirURI = join(desk.root, 'out');
  const create = { jobType: 'SegmentCreation', outputDirURI };
  await expect(push(desk, { jobType: 'SegmentCreation' })).rejects.toMatchObject({
    code: 'JOB_INVALID',
  });
  const created = await push(desk, create);
  expect(created).toMatchObject({
    pushed: false,
    added: [],
    replaced: [],
    outputDir: outputDirURI,
  });
  const [file] = readdirSync(outputDirURI);
  expect(file).toBe(`t_OFFLINE_${d0}_${d0}_0.parquet`);
  expect(desk.files()).toEqual([]);
  await expect(push(desk, create)).rejects.toMatchObject({ code: 'SEGMENT_NAME_TAKEN' });
  desk.write('job/a.json', lines([row('again', 1, d0)]));
  await push(desk, { ...create, overwriteOutput: true });
  const pushed = await push(desk, { jobType: 'SegmentMetadataPush', outputDirURI });
  expect(pushed).toMatchObject({ pushed: true, added: [`t_OFFLINE_${d0}_${d0}_0`] });
  expect(await rowsOf(desk.engine, pushed.added[0]!)).toEqual(['again 1 0']);
  const kept = await push(desk, { outputDirURI: join(desk.root, 'o2'), cleanUpOutputDir: true });
  expect(kept.outputDir).toBeNull();
});

test('CSV, its delimiter and file:// URIs; failOnEmptySegment; clusters reported as not used', async () => {
  const desk = await openDesk();
  desk.write('job/a.csv', `k;v;ts\na;1;${d0}\n`);
  const report = await push(desk, {
    inputDirURI: `file://${join(desk.root, 'input', 'job')}`,
    recordReaderSpec: { dataFormat: 'csv', configs: { delimiter: ';' } },
    pinotClusterSpecs: [{ controllerURI: 'http://localhost:9000' }],
  });
  expect(await rowsOf(desk.engine, report.added[0]!)).toEqual(['a 1 0']);
  expect(report.warnings.join('\n')).toMatch(/pinotClusterSpecs/);
  desk.write('job/a.csv', 'k;v;ts\n');
  const empty = {
    recordReaderSpec: { dataFormat: 'csv', configs: { delimiter: ';' } },
    failOnEmptySegment: true,
  };
  await expect(push(desk, empty)).rejects.toThrow(/failOnEmptySegment/);
});

test('a table without OFFLINE config takes no backfill', async () => {
  const desk = await openDesk({ offline: null, realtime: { task: undefined } });
  desk.write('job/a.json', lines([row('a', 1, d0)]));
  await expect(push(desk)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
