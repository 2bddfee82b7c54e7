// The machine under the bench: what it is, how much of it others take, what a plain copy costs on it.
import { cpus, totalmem } from 'node:os';
import { open, readFile, rm } from 'node:fs/promises';
import type { BenchReport } from './report.ts';

export function machineFacts(): BenchReport['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Starts a watch; the call gives the share of the machine that all but `ownCpuSeconds` took since, 0 to 1. */
export function watchOthers(): (ownCpuSeconds: number) => number {
  const started = machineCpu();
  return (ownCpuSeconds) => {
    const ended = machineCpu();
    const total = ended.total - started.total;
    const others = ended.busy - started.busy - ownCpuSeconds * 1000;
    return total <= 0 ? 0 : Math.min(1, Math.max(0, others / total));
  };
}

/** Milliseconds over all cores since the machine started. */
function machineCpu(): { readonly busy: number; readonly total: number } {
  let [busy, total] = [0, 0];
  for (const { times } of cpus()) {
    const own = times.user + times.nice + times.sys + times.irq;
    busy += own;
    total += own + times.idle;
  }
  return { busy, total };
}

/** Seconds of reading the files and writing `bytes` bytes, flushed to the device. */
export async function plainCopy(
  files: readonly string[],
  bytes: number,
  target: string,
): Promise<number> {
  const started = performance.now();
  let piece: Uint8Array = new Uint8Array(1 << 20);
  for (const file of files) piece = await readFile(file);
  const out = await open(target, 'w');
  try {
    for (let at = 0; at < bytes; at += piece.byteLength)
      await out.write(piece, 0, Math.min(piece.byteLength, bytes - at));
    await out.sync();
  } finally {
    await out.close();
  }
  const seconds = (performance.now() - started) / 1000;
  await rm(target);
  return seconds;
}
