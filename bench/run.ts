// All benches, one process each: kernels, then whole moves by the program itself.
//
//   node .bench/bench/run.js            small sizes: does everything still run, and do all answers agree
//   node .bench/bench/run.js --full     the sizes that figures are quoted of
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const full = process.argv.includes('--full');
const smoke = ['concat-sort', 'rollup-low', 'dedup', '--rows', '100000', '--runs', '1'];
const whole = ['--rows', '10000000', '--runs', '5'];

const benches = [
  ['./kernels.bench.js', ...(full ? ['--full'] : [])],
  ['../src/cli/main.js', 'bench', ...(full ? whole : smoke), '--peers', '--format', 'table'],
];
for (const [file, ...words] of benches) {
  const program = fileURLToPath(new URL(file!, import.meta.url));
  const { status, error } = spawnSync(process.execPath, [program, ...words], { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
