// The other process of the tests: `child.ts ROLE ROOT ARGUMENT`.
import { openCatalog } from '../../src/catalog/lmdb.ts';
import { withLease } from '../../src/catalog/lease.ts';
import { recover } from '../../src/catalog/recovery.ts';
import { faultPlanFrom } from '../../src/store/fault.ts';
import { openLocalStore } from '../../src/store/local.ts';
import { moveOneWindow } from './move.ts';

const [role, root, argument] = process.argv.slice(2) as [string, string, string];
const fault = faultPlanFrom(process.env['SEGMILL_FAULT']);
const catalog = openCatalog(root, { fault });

if (role === 'count') {
  for (let i = 0; i < Number(argument); i += 1) {
    await catalog.write((transaction) => {
      const next = String(Number(transaction.get('meta', 'left')?.value ?? '0') + 1);
      transaction.put('meta', 'left', { value: next });
      transaction.put('meta', 'right', { value: next });
    });
  }
}
if (role === 'hold') {
  await withLease(catalog, argument, { owner: 'child' }, async () => {
    process.stdout.write('held\n');
    await new Promise((resume) => setTimeout(resume, 600_000));
  });
}
if (role === 'move') await moveOneWindow(openLocalStore(root, fault), catalog, argument);
if (role === 'recover') await recover(openLocalStore(root, fault), catalog);
await catalog.close();
