// The import direction, checked on every file: a room may import from lower floors only.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const floors = [
  ['errors', 'limits'],
  ['json'],
  ['kernels', 'config'],
  ['columns'],
  ['segment', 'store', 'transform'],
  ['catalog'],
  ['tasks', 'planner'],
  ['coordinator', 'ingest', 'query'],
  ['scheduler', 'engine'],
  ['bench'],
  ['http'],
  ['cli', 'index'],
];
const floorOf = new Map(
  floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)),
);

function room(path: string): string {
  return path.split('/')[1]!.replace(/\.ts$/, '');
}

export function violations(path: string, text: string): string[] {
  const found: string[] = [];
  for (const [, specifier] of text.matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
    const target = normalize(join(dirname(path), specifier!));
    if (target.startsWith('workers/')) found.push(`${path} imports worker entry ${target}`);
    const [from, to] = [room(path), room(target)];
    if (from === to) continue;
    if ((floorOf.get(to) ?? Infinity) >= (floorOf.get(from) ?? -1))
      found.push(`${path} imports ${target}`);
  }
  return found;
}

test('no file in src imports sideways or upwards', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((f) =>
    f.endsWith('.ts'),
  );
  expect(files.flatMap((f) => violations(`src/${f}`, readFileSync(`src/${f}`, 'utf8')))).toEqual(
    [],
  );
});

test('the check itself finds a violation', () => {
  expect(violations('src/kernels/sort.ts', "import { x } from '../coordinator/pool.ts'")).toEqual([
    'src/kernels/sort.ts imports src/coordinator/pool.ts',
  ]);
});
