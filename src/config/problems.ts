import { SegmillError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';

/** Collects all that is wrong with a document, so that a user sees it at once and not one mistake a call. */
export class Problems {
  readonly warnings: string[] = [];
  readonly #found: { readonly text: string; readonly unsupported: boolean }[] = [];

  /** `where` names file or table and key path; `text` says found, allowed and what to do. */
  error(where: string, text: string): void {
    this.#found.push({ text: `${where}: ${text}`, unsupported: false });
  }

  /** Valid for Pinot, refused here by name. */
  unsupported(where: string, text: string): void {
    this.#found.push({ text: `${where}: ${text}`, unsupported: true });
  }

  warn(where: string, text: string): void {
    this.warnings.push(`${where}: ${text}`);
  }

  /** @throws SegmillError with the first problem in full and all of them in `details.problems`, one a line. */
  throwIfAny(code: ErrorCode = 'CONFIG_INVALID'): void {
    const [first, ...rest] = this.#found;
    if (first === undefined) return;
    const count = rest.length;
    const more = count === 0 ? '' : ` (and ${count} more ${count === 1 ? 'problem' : 'problems'})`;
    throw new SegmillError(
      this.#found.every((problem) => problem.unsupported) ? 'UNSUPPORTED' : code,
      first.text + more,
      { count: this.#found.length, problems: this.#found.map((p) => p.text).join('\n') },
    );
  }
}
