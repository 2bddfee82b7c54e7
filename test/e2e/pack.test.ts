// The package as npm publishes it: packed, installed outside the repository, run and imported there.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const exec = promisify(execFile);

/** Without a registry there is nothing to install the dependencies from. */
async function registryMissing(): Promise<string | null> {
  try {
    await exec('npm', [
      'view',
      'msgpackr@2.1.3',
      'version',
      '--fetch-timeout=10000',
      '--fetch-retries=0',
    ]);
    return null;
  } catch (error) {
    return `the npm registry cannot be reached: ${String(error).slice(0, 200)}`;
  }
}

const missing = await registryMissing();
if (missing !== null) process.stderr.write(`pack.test.ts is skipped: ${missing}\n`);

describe.skipIf(missing !== null)('the packed package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'segmill-pack-'));
  const installed = join(folder, 'app');
  let files: readonly string[] = [];
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    const { stdout } = await exec('npm', [
      'pack',
      '--json',
      '--ignore-scripts',
      '--pack-destination',
      folder,
    ]);
    const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
    files = packed!.files.map(({ path }) => path);
    const tarball = join(folder, packed!.filename);
    await exec('npm', [
      'install',
      '--prefix',
      installed,
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      tarball,
    ]);
  }, 240_000);

  test('holds what it runs on, and nothing of the workshop', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'dist/src/cli/main.js',
        'dist/src/index.js',
        'dist/src/index.d.ts',
        'dist/workers/map.js',
      ]),
    );
    expect(files.filter((path) => /^(src|test|bench|workers)\/|\.map$/.test(path))).toEqual([]);
    expect(readdirSync(join(installed, 'node_modules/.bin'))).toContain('segmill');
  });

  test('runs the demo', async () => {
    const { stdout, stderr } = await exec(join(installed, 'node_modules/.bin/segmill'), ['demo'], {
      cwd: folder,
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/orders_1632463351000_1632467070000_0 +15\.948 /);
    expect(stdout).toContain('all well');
    expect(readdirSync(folder).filter((name) => name.startsWith('segmill-data'))).toEqual([]);
  });

  test('can be imported as a library', async () => {
    const script = [
      "import { openEngine, SegmillError } from 'segmill';",
      "const engine = await openEngine({ dataDir: 'library-data' });",
      'console.log(JSON.stringify(engine.listTables()));',
      "try { await engine.plan('nope'); } catch (error) { console.log(error instanceof SegmillError, error.code); }",
      'await engine.close();',
    ];
    writeFileSync(join(installed, 'use.mjs'), script.join('\n'));
    const { stdout } = await exec(process.execPath, ['use.mjs'], { cwd: installed });
    expect(stdout).toBe('[]\ntrue TABLE_NOT_FOUND\n');
  });
});
