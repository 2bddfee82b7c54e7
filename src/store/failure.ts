// System errors as segmill's own.
import { SegmillError } from '../errors.ts';

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

export function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

export function isSystemError(error: unknown, code: string): boolean {
  return systemCodeOf(error) === code;
}

/** STORE_FULL, FILE_NOT_FOUND or STORE_FAILED with path, step and system code; `bytes` is what was to be written. */
export function storeFailure(error: unknown, step: string, path: string, bytes = 0): SegmillError {
  if (error instanceof SegmillError) return error;
  const systemCode = systemCodeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  const details = { path, step, bytes, systemCode };
  if (systemCode !== null && fullCodes.has(systemCode)) {
    return new SegmillError(
      'STORE_FULL',
      `no space left to ${step} ${path} (${bytes} bytes, ${systemCode}): free space on that disk or raise the quota`,
      details,
      { cause: error },
    );
  }
  if (systemCode === 'ENOENT') {
    return new SegmillError('FILE_NOT_FOUND', `cannot ${step} ${path}: it is not there`, details, {
      cause: error,
    });
  }
  return new SegmillError('STORE_FAILED', `cannot ${step} ${path}: ${reason}`, details, {
    cause: error,
  });
}

export function alreadyThere(step: string, path: string): SegmillError {
  return new SegmillError('STORE_FAILED', `cannot ${step} ${path}: it is there already`, {
    path,
    step,
    systemCode: 'EEXIST',
  });
}

export function rangeFailure(path: string, start: number, end: number, size: number): SegmillError {
  return new SegmillError(
    'STORE_FAILED',
    `cannot read ${path} from ${start} to ${end}: it has ${size} bytes`,
    { path, start, end, byteLength: size },
  );
}

export function shorterThanAppend(path: string, byteLength: number, size: number): SegmillError {
  return new SegmillError(
    'STORE_FAILED',
    `cannot append to ${path} after byte ${byteLength}: it has only ${size} bytes`,
    { path, expectedBytes: byteLength, byteLength: size },
  );
}
