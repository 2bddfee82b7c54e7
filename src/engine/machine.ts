// What the machine allows this process.
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** Bytes of memory that the machine, or the cgroup where it is less, allows this process. */
export function machineMemoryBytes(): number {
  const caps = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'].map(
    cgroupCap,
  );
  return Math.min(totalmem(), ...caps);
}

function cgroupCap(path: string): number {
  try {
    const bytes = Number(readFileSync(path, 'utf8').trim());
    return Number.isFinite(bytes) && bytes > 0 ? bytes : Infinity;
  } catch {
    // No such cgroup file: this machine sets no cap there.
    return Infinity;
  }
}
