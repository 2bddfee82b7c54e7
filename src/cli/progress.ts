import type { CliIo } from './io.ts';
import type { Settings } from './settings.ts';

export interface Progress {
  /** Replaces the line before it on a terminal; says nothing elsewhere. */
  readonly show: (line: string) => void;
  readonly clear: () => void;
}

const redrawMs = 100;

/** A line that is drawn again and again on a terminal's stderr; silent when stderr is none, or quiet. */
export function createProgress(io: CliIo, settings: Settings): Progress {
  if (!io.errIsTerminal || settings.quiet) return { show: () => {}, clear: () => {} };
  let drawnMs = 0;
  let drawn = false;
  const clear = (): void => {
    if (drawn) io.err('\u001b[1A\u001b[2K\u001b[1A');
    drawn = false;
  };
  return {
    show: (line) => {
      const nowMs = Date.now();
      if (nowMs - drawnMs < redrawMs) return;
      clear();
      io.err(line);
      drawn = true;
      drawnMs = nowMs;
    },
    clear,
  };
}
