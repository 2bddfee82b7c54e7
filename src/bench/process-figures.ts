// What a process says of itself.
import { readFileSync } from 'node:fs';

/** The most memory that was ever resident (VmHWM), in bytes. */
export function peakRssBytes(): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kibibytes !== undefined) return Number(kibibytes) * 1024;
  } catch {
    // No /proc on this system: the C library's own count follows.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** CPU seconds of all its threads since it began. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Whether the code runs as compiled JavaScript; a loader of TypeScript in between makes figures worthless. */
export function runsCompiled(): boolean {
  return !import.meta.url.endsWith('.ts');
}
