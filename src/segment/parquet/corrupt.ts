import { SegmillError } from '../../errors.ts';

/** Where in a file something is: for messages. */
export interface Place {
  /** File or segment. */
  readonly where: string;
  readonly column: string | null;
}

/** @throws SegmillError SEGMENT_CORRUPT, always */
export function corrupt({ where, column }: Place, what: string, cause?: unknown): never {
  const inColumn = column === null ? '' : `, column ${column}`;
  throw new SegmillError(
    'SEGMENT_CORRUPT',
    `${where}${inColumn}: ${what}; the file was damaged or cut off: restore it from its source`,
    { file: where, column },
    cause === undefined ? undefined : { cause },
  );
}

/** @throws SegmillError UNSUPPORTED, always */
export function unsupported({ where, column }: Place, what: string): never {
  const inColumn = column === null ? '' : `, column ${column}`;
  throw new SegmillError('UNSUPPORTED', `${where}${inColumn}: ${what}`, { file: where, column });
}
