/** The outside of one call: everything the command line reads and writes, so that tests can stand in for a terminal. */
export interface CliIo {
  /** Results. */
  readonly out: (text: string) => void;
  /** Talk, progress and errors. */
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Aborted by SIGINT or SIGTERM; the reason is the signal's name. */
  readonly signal: AbortSignal;
}
