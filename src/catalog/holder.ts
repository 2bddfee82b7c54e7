// Which process holds a lease, and whether it still lives.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { leaseStaleMs } from '../limits.ts';
import { isSystemError } from '../store/failure.ts';
import type { LeaseRecord } from './types.ts';

export type Holder = Pick<LeaseRecord, 'pid' | 'host' | 'machine' | 'processStart'>;

/** Owners whose lease this process holds; one that was not released (a full disk) is not among them. */
const heldHere = new Set<string>();

let self: Holder | null = null;

export function thisProcess(): Holder {
  self ??= {
    pid: process.pid,
    host: hostname(),
    machine: machineOf(),
    processStart: processStartOf('self'),
  };
  return self;
}

export function markHeld(owner: string): void {
  heldHere.add(owner);
}

export function markReleased(owner: string): void {
  heldHere.delete(owner);
}

/**
 * A holder on this machine lives as long as its process does, however late its renewals are. Of another machine, or
 * where the system does not tell which, only the renewals speak.
 */
export function isAlive(lease: LeaseRecord, realNowMs: number): boolean {
  const here = thisProcess();
  if (lease.host !== here.host || lease.machine !== here.machine) {
    return realNowMs - lease.renewedMs < leaseStaleMs;
  }
  if (lease.pid === here.pid && lease.processStart === here.processStart) {
    return heldHere.has(lease.owner);
  }
  if (!processExists(lease.pid)) return false;
  const start = processStartOf(lease.pid);
  if (start !== null && lease.processStart !== null) return start === lease.processStart;
  return lease.pid !== here.pid;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and another user's.
    return !isSystemError(error, 'ESRCH');
  }
}

function machineOf(): string | null {
  const boot = textOf('/proc/sys/kernel/random/boot_id');
  if (boot === null) return null;
  return `${boot.trim()} ${readlinkSync('/proc/self/ns/pid')}`;
}

/** Field 22 of `/proc/<pid>/stat`; the second field may hold blanks and brackets, so it is cut off first. */
function processStartOf(pid: number | 'self'): string | null {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // No /proc on this system, or the process went between two looks.
    if (isSystemError(error, 'ENOENT') || isSystemError(error, 'ESRCH')) return null;
    throw error;
  }
}
