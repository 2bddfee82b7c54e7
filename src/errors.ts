/**
 * Every failure that segmill can report, with the HTTP status it takes, whether the same call may succeed when tried
 * again, and the exit code of the command line (`cli.md`). Operating errors only: a broken invariant throws a plain Error.
 */
export const errorTable = {
  USAGE: { http: 400, retry: false, exit: 2 },
  CONFIG_INVALID: { http: 400, retry: false, exit: 2 },
  JOB_INVALID: { http: 400, retry: false, exit: 2 },
  TABLE_NOT_FOUND: { http: 404, retry: false, exit: 2 },
  TABLE_IN_USE: { http: 409, retry: false, exit: 1 },
  FILE_NOT_FOUND: { http: 404, retry: false, exit: 2 },
  FILE_UNREADABLE: { http: 400, retry: false, exit: 1 },
  FILE_CHANGED: { http: 409, retry: false, exit: 1 },
  FILE_SEEN: { http: 409, retry: false, exit: 1 },
  ROW_REJECTED: { http: 400, retry: false, exit: 1 },
  VALUE_INVALID: { http: 400, retry: false, exit: 1 },
  COLUMN_TYPE_CHANGED: { http: 409, retry: false, exit: 1 },
  SUM_OVERFLOW: { http: 409, retry: false, exit: 1 },
  NAME_INVALID: { http: 400, retry: false, exit: 1 },
  FIXED_NAME_SEVERAL_OUTPUTS: { http: 409, retry: false, exit: 1 },
  SEGMENT_NAME_TAKEN: { http: 409, retry: false, exit: 1 },
  SEGMENT_NOT_FOUND: { http: 404, retry: false, exit: 2 },
  SEGMENT_CORRUPT: { http: 500, retry: false, exit: 1 },
  SEGMENT_TOO_LARGE: { http: 413, retry: false, exit: 1 },
  SEGMENT_TIME_INVALID: { http: 403, retry: false, exit: 1 },
  TIME_CHANGED: { http: 409, retry: false, exit: 1 },
  POSITION_CONFLICT: { http: 409, retry: true, exit: 1 },
  LEDGER_UNBALANCED: { http: 500, retry: false, exit: 1 },
  PLAN_STALE: { http: 409, retry: false, exit: 1 },
  RUNNING_ELSEWHERE: { http: 409, retry: true, exit: 1 },
  OVERLAPS_DONE_WINDOW: { http: 409, retry: false, exit: 1 },
  MISSING_INPUT: { http: 409, retry: false, exit: 1 },
  BACKFILLED_SEGMENTS: { http: 409, retry: false, exit: 1 },
  ROLLBACK_REFUSED: { http: 409, retry: false, exit: 1 },
  BOUNDARY_UNAVAILABLE: { http: 503, retry: false, exit: 1 },
  VERIFY_FAILED: { http: 500, retry: false, exit: 4 },
  STORE_FULL: { http: 507, retry: true, exit: 1 },
  STORE_FAILED: { http: 500, retry: true, exit: 1 },
  DATA_DIR_VERSION: { http: 500, retry: false, exit: 1 },
  DATA_DIR_UNUSABLE: { http: 500, retry: false, exit: 1 },
  CATALOG_CORRUPT: { http: 500, retry: false, exit: 1 },
  MEMORY_CAP: { http: 507, retry: false, exit: 1 },
  TEMP_DISK_CAP: { http: 507, retry: false, exit: 1 },
  TASK_FAILED: { http: 500, retry: true, exit: 1 },
  WORKER_DIED: { http: 500, retry: true, exit: 1 },
  CANCELLED: { http: 499, retry: true, exit: 130 },
  QUERY_INVALID: { http: 400, retry: false, exit: 2 },
  QUERY_FAILED: { http: 500, retry: false, exit: 1 },
  QUERY_TIMEOUT: { http: 408, retry: true, exit: 1 },
  UNSUPPORTED: { http: 400, retry: false, exit: 2 },
} as const;

export type ErrorCode = keyof typeof errorTable;
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** An operating error: `message` says what, where, found against allowed, and what to do; `details` holds the same as data. */
export class SegmillError extends Error {
  override readonly name: string = 'SegmillError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

export function isSegmillError(error: unknown, code?: ErrorCode): error is SegmillError {
  return error instanceof SegmillError && (code === undefined || error.code === code);
}

export function exitCodeOf(code: ErrorCode): number {
  return errorTable[code].exit;
}

export function httpStatusOf(code: ErrorCode): number {
  return errorTable[code].http;
}

export function isRetriable(code: ErrorCode): boolean {
  return errorTable[code].retry;
}

/** The form an error takes between threads: structured clone keeps only message, stack and cause of a custom error. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly stack?: string;
}

export function toWire(error: unknown): WireError {
  const cause = error instanceof Error ? error : new Error(String(error));
  const [code, details] =
    cause instanceof SegmillError ? [cause.code, cause.details] : (['TASK_FAILED', {}] as const);
  const wire = { code, message: cause.message, details };
  return cause.stack === undefined ? wire : { ...wire, stack: cause.stack };
}

export function fromWire(wire: WireError): SegmillError {
  const error = new SegmillError(wire.code, wire.message, wire.details);
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

/**
 * A file or folder of the user that can't be read, from the system's error; `advice` says where the path is to be put right.
 */
export function unreadableFile(
  path: string,
  cause: unknown,
  { what = 'file', advice = 'check the path' }: { what?: string; advice?: string } = {},
): SegmillError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  const failed = (error: ErrorCode, message: string): SegmillError =>
    new SegmillError(error, message, { path }, { cause });
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return failed('FILE_NOT_FOUND', `there is no ${what} ${path}; ${advice}`);
  if (code === 'EISDIR')
    return failed('FILE_NOT_FOUND', `${path} is a directory; name the files in it`);
  if (code === 'EACCES' || code === 'EPERM')
    return failed(
      'FILE_UNREADABLE',
      `${path} may not be read by this user; change its permissions`,
    );
  const reason = cause instanceof Error ? cause.message : String(cause);
  return failed('FILE_UNREADABLE', `${path} can't be read: ${reason}`);
}

/** Throws a plain Error (a bug in segmill) when `condition` is false; the text is built only then. */
export function invariant(condition: boolean, text: () => string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${text()}`);
}
