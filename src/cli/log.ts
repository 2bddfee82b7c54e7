import pino from 'pino';
import type { LogEntry } from '../engine/context.ts';
import type { CliIo } from './io.ts';
import type { Settings } from './settings.ts';

/** JSON lines on stderr. */
export function createLog(settings: Settings, io: CliIo): (entry: LogEntry) => void {
  const level = settings.quiet ? 'silent' : settings.logLevel;
  const logger = pino({ level, base: null }, { write: (line: string) => io.err(line.trimEnd()) });
  return ({ level: at, event, ...fields }) => logger[at](fields, event);
}
