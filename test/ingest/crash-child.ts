// Ingests a file and is killed on the way: run by crash.test.ts.
import { openCatalog } from '../../src/catalog/lmdb.ts';
import { ingestFiles } from '../../src/ingest/ingest.ts';
import { faultPlan } from '../../src/store/fault.ts';
import { openLocalStore } from '../../src/store/local.ts';
import { crashTable, emptyInput, t0 } from './rows.ts';

const [dataDir, path, seam, nth] = process.argv.slice(2) as [
  string,
  string,
  Parameters<typeof faultPlan>[0],
  string,
];
const fault = faultPlan(seam, Number(nth), 'exit');
const catalog = openCatalog(dataDir, { fault });
await ingestFiles({
  catalog,
  store: openLocalStore(dataDir, fault),
  table: crashTable,
  from: [path],
  source: null,
  partitions: [],
  seal: true,
  follow: false,
  again: false,
  clock: () => t0,
  signal: new AbortController().signal,
  input: emptyInput(),
  owner: 'child',
});
await catalog.close();
