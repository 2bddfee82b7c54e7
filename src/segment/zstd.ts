import { createRequire } from 'node:module';
import type * as ZstdPackage from '@toondepauw/node-zstd';
import { SegmillError } from '../errors.ts';

type Zstd = typeof ZstdPackage;

const load = createRequire(import.meta.url);
let loaded: Zstd | null = null;

/**
 * The native zstd package, loaded at its first use: it has no build for some platforms, which still do all else.
 * @throws SegmillError UNSUPPORTED
 */
export function zstd(): Zstd {
  if (loaded !== null) return loaded;
  try {
    loaded = load('@toondepauw/node-zstd') as Zstd;
    return loaded;
  } catch (error) {
    throw new SegmillError(
      'UNSUPPORTED',
      `zstd: no native build for ${process.platform}-${process.arch}; choose segmill.compression snappy, lz4_raw or none`,
      { platform: process.platform, arch: process.arch },
      { cause: error },
    );
  }
}
