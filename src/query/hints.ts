// Pinot functions that DuckDB lacks, and what to write instead.
const instead: Readonly<Record<string, string>> = {
  distinctcount: 'count(distinct x)',
  distinctcountbitmap: 'count(distinct x)',
  distinctcounthll: 'approx_count_distinct(x)',
  percentile: 'quantile_disc(x, 0.95)',
  percentileest: 'approx_quantile(x, 0.95)',
  percentiletdigest: 'approx_quantile(x, 0.95)',
  minmaxrange: 'max(x) - min(x)',
  lastwithtime: 'arg_max(value, time)',
  firstwithtime: 'arg_min(value, time)',
  fromepochseconds: 'x * 1000',
  toepochseconds: 'x // 1000',
  toepochminutes: 'x // 60000',
  toepochhours: 'x // 3600000',
  toepochdays: 'x // 86400000',
  datetimeconvert: 'date_trunc(unit, epoch_ms(x))',
  todatetime: 'strftime(epoch_ms(x), format)',
  fromdatetime: 'epoch_ms(strptime(x, format))',
  jsonextractscalar: 'json_extract_string(x, path)',
  json_extract_scalar: 'json_extract_string(x, path)',
  json_match: 'json_extract(x, path) = value',
  text_match: "x ILIKE '%word%' or regexp_matches(x, pattern)",
  regexplike: 'regexp_matches(x, pattern)',
  regexp_like: 'regexp_matches(x, pattern)',
  arraylength: 'len(x)',
  valuein: 'list_filter(x, lambda v: v IN (...))',
  ago: 'epoch_ms(now() - INTERVAL ...)',
  strpos: 'strpos(x, y)',
};

/** What to write instead of a Pinot function, null when there is nothing better than DuckDB's own suggestion. */
export function functionHint(name: string): string | null {
  return instead[name.toLowerCase()] ?? null;
}
