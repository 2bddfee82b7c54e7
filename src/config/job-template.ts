import { SegmillError } from '../errors.ts';
import { nearestName } from './names.ts';

const placeholder = /\\\$|\$\{([^}]*)\}|\$([A-Za-z_]\w*)|<%/g;

/**
 * Fills `${name}` and `$name` of a job spec (J-1: Groovy template text) from a map; `\$` is a plain dollar, and
 * `${filePathPattern:\N}` of the inputFile name generator stays as it is.
 * @throws SegmillError JOB_INVALID for a value that is not given and for Groovy code
 */
export function renderTemplate(
  text: string,
  values: Readonly<Record<string, string>>,
  where: string,
): string {
  return text.replace(
    placeholder,
    (whole, braced: string | undefined, bare: string | undefined) => {
      if (whole === '\\$') return '$';
      const name = (braced ?? bare ?? '').trim();
      if (name.startsWith('filePathPattern:')) return whole;
      if (!/^\w+$/.test(name)) {
        throw new SegmillError(
          'JOB_INVALID',
          `${where}: found ${whole}, allowed are \${name} and $name; write the value itself, or \\$ for a dollar`,
          { found: whole },
        );
      }
      if (Object.hasOwn(values, name)) return values[name]!;
      const nearest = nearestName(name, Object.keys(values));
      const given = nearest === null ? '' : ` (given: "${nearest}")`;
      throw new SegmillError(
        'JOB_INVALID',
        `${where}: no value for \${${name}}${given}; add --values ${name}=...`,
        { name },
      );
    },
  );
}
