// Every step of an ingestion fails, or kills the process, once: the next call ends with the same rows and rejects.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { faultPlan } from '../../src/store/fault.ts';
import { crashTable, lines, openDesk, range } from './fixtures.ts';
import type { Desk } from './fixtures.ts';

const seams = [
  'store.create',
  'store.write',
  'store.sync',
  'store.rename',
  'store.remove',
  'catalog.write',
] as const;
const content = `${lines(0, 7)}broken\n${lines(7, 14)}[]\n`;

async function expectWhole(desk: Desk): Promise<void> {
  expect(await desk.ids()).toEqual(range(0, 14));
  const segments = desk.segments().sort((a, b) => a.sequence! - b.sequence!);
  expect(segments.map(({ rowCount, sequence }) => [sequence, rowCount])).toEqual([
    [0, 5],
    [1, 5],
    [2, 4],
  ]);
  let end = 0;
  for (const { ranges } of segments) {
    expect(ranges[0]!.start).toBe(end);
    end = ranges.at(-1)!.end;
  }
  expect((await desk.rejects()).map(({ row }) => row)).toEqual(['broken', '[]']);
  expect(desk.partition()).toMatchObject({ rejectedRows: 2, consuming: null });
  const files = (await desk.store.list('segments')).map(({ path }) => path);
  expect(files).toEqual(expect.arrayContaining(segments.map(({ file }) => file)));
}

test.each(seams)(
  'a failure at any passage of %s loses nothing and adds nothing twice',
  async (seam) => {
    let failures = 0;
    // A segment's file is many writes, alike but for the first ones.
    for (let nth = 1; ; nth += nth < 10 ? 1 : 7) {
      let desk = await openDesk(crashTable);
      const path = desk.write('a.ndjson', content);
      desk = await desk.reopen({ fault: faultPlan(seam, nth) });
      const failed = await desk.ingest(path, { seal: true }).then(
        () => false,
        (error: { code?: string }) => {
          expect(error.code).toBe('STORE_FULL');
          return true;
        },
      );
      desk = await desk.reopen();
      if (failed) await desk.ingest(path, { seal: true });
      await expectWhole(desk);
      await desk.close();
      if (!failed) break;
      failures++;
    }
    expect(failures).toBeGreaterThan(0);
  },
);

test.each([
  ['store.write', 3],
  ['store.sync', 4],
  ['store.rename', 2],
  ['store.remove', 1],
  ['catalog.write', 3],
  ['catalog.write', 5],
] as const)('a process killed at %s, passage %i, loses nothing', async (seam, nth) => {
  let desk = await openDesk(crashTable);
  const path = desk.write('a.ndjson', content);
  await desk.close();
  const script = fileURLToPath(new URL('crash-child.ts', import.meta.url));
  const args = ['--import', 'tsx', script, desk.dataDir, path, seam, String(nth)];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  desk = await desk.reopen();
  await desk.ingest(path, { seal: true });
  await expectWhole(desk);
});
