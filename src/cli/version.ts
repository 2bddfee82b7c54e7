import { readFileSync } from 'node:fs';

/** The version of the package this file belongs to: the nearest package.json above, in the source tree and in `dist/`. */
export function programVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (name === 'segmill' && version !== undefined) return version;
    } catch {
      // Not at this height: the other one is looked at next.
    }
  }
  return 'unknown';
}
