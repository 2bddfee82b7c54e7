// Files that segmill writes, read by pyarrow: realtime Arrow and offline Parquet hold the same rows for another reader.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { demoFiles, demoNow } from '../../src/cli/demo/orders.ts';

const main = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;
const python = process.env['SEGMILL_PYTHON'] ?? 'python3';
const hasPyarrow =
  spawnSync(python, ['-c', 'import pyarrow.parquet, pyarrow.feather']).status === 0;

const readRows = `
import json, sys
import pyarrow.parquet as pq, pyarrow.ipc as ipc
path = sys.argv[1]
if path.endswith('.parquet'):
    table = pq.read_table(path)
else:
    with ipc.open_file(path) as reader:
        table = reader.read_all()
print(json.dumps(table.to_pylist()))
`;

function segmill(folder: string, ...argv: string[]): string {
  const all = [main, ...argv, '--data-dir', join(folder, 'data'), '--now', String(demoNow)];
  return execFileSync(process.execPath, all, { encoding: 'utf8', cwd: folder });
}

test.skipIf(!hasPyarrow)(
  'pyarrow reads realtime Arrow and offline Parquet segments (skipped without pyarrow: pip install pyarrow)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'segmill-pyarrow-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(demoFiles)) writeFileSync(join(folder, name), text);
    segmill(folder, 'table', 'add', 'schema.json', 'realtime.json', 'offline.json');
    segmill(folder, 'ingest', 'orders', '--from', 'orders.ndjson', '--seal');
    segmill(folder, 'run', 'orders');
    const segments = JSON.parse(segmill(folder, 'segments', 'orders')) as {
      name: string;
      format: string;
    }[];
    const formats = segments.map(({ format }) => format);
    expect(new Set(formats)).toEqual(new Set(['arrow', 'parquet']));
    for (const { name, format } of segments) {
      const path = join(folder, `${name}.${format}`);
      segmill(folder, 'export', name, '--to', path);
      const theirs = JSON.parse(
        execFileSync(python, ['-c', readRows, path], { encoding: 'utf8' }),
      ) as Record<string, unknown>[];
      const ours = segmill(folder, 'inspect', path, '--rows', '--format', 'ndjson')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .map((row) => {
          const { $nulls, amount, ...rest } = row;
          expect($nulls).toEqual([]);
          return { ...rest, amount: Math.fround(amount as number) };
        });
      expect(theirs).toEqual(ours);
    }
  },
);
