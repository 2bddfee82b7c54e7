// The other process of the tests: `child.ts DATA_DIR SQL` prints the rows of a query.
import { openCatalog } from '../../src/catalog/lmdb.ts';
import { runQuery } from '../../src/query/query.ts';
import { openLocalStore } from '../../src/store/local.ts';

const [dataDir, sql] = process.argv.slice(2) as [string, string];
const catalog = openCatalog(dataDir);
const deps = { catalog, store: openLocalStore(dataDir) };
const { rows } = await runQuery(deps, sql, {
  nullHandling: false,
  timeoutMs: null,
  memoryBytes: 256 * 2 ** 20,
  threads: 1,
  signal: null,
});
process.stdout.write(JSON.stringify(rows));
await catalog.close();
