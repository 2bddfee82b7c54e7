// Opens the store that a descriptor names: how worker threads get theirs.
import { openLocalStore } from './local.ts';
import type { Store, StoreDescriptor } from './types.ts';

export function openStore(descriptor: StoreDescriptor): Store {
  return openLocalStore(descriptor.root, descriptor.fault);
}
