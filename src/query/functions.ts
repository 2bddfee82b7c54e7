// Functions that queries may not call, and what to write instead of Pinot functions that DuckDB lacks.

/**
 * Table functions that reach beyond the tables: files (locked as well), SQL in strings, and the engine's own switches,
 * of which `enable_logging` with a file ends the process under the lock (DuckDB 1.5.6).
 */
const refused: ReadonlySet<string> = new Set(
  `
  arrow_scan arrow_scan_dumb check_peg_parser checkpoint disable_logging disable_peg_parser
  disable_profiling duckdb_approx_database_count duckdb_columns duckdb_connection_count
  duckdb_constraints duckdb_coordinate_systems duckdb_databases duckdb_dependencies
  duckdb_extensions duckdb_external_file_cache duckdb_functions duckdb_indexes duckdb_keywords
  duckdb_log_contexts duckdb_logs duckdb_logs_parsed duckdb_memory duckdb_optimizers
  duckdb_prepared_statements duckdb_profiling_settings duckdb_schemas duckdb_secret_types
  duckdb_secrets duckdb_sequences duckdb_settings duckdb_table_sample duckdb_tables
  duckdb_temporary_files duckdb_types duckdb_variables duckdb_views enable_logging
  enable_peg_parser enable_profiling force_checkpoint glob icu_calendar_names
  json_execute_serialized_sql parquet_bloom_probe parquet_file_metadata parquet_full_metadata
  parquet_kv_metadata parquet_metadata parquet_scan parquet_schema pg_timezone_names
  pragma_collations pragma_database_size pragma_metadata_info pragma_platform pragma_show
  pragma_storage_info pragma_table_info pragma_user_agent pragma_version query query_table
  read_blob read_csv read_csv_auto read_duckdb read_json read_json_auto read_json_objects
  read_json_objects_auto read_ndjson read_ndjson_auto read_ndjson_objects read_parquet read_text
  seq_scan sniff_csv sql_auto_complete summary test_all_types test_vector_types
  truncate_duckdb_logs which_secret write_log
  `.match(/\w+/g),
);

export function isRefusedFunction(name: string): boolean {
  return refused.has(name.toLowerCase());
}

const instead: Readonly<Record<string, string>> = {
  arraylength: 'len(x)',
  datetimeconvert:
    'epoch_ms(date_trunc(unit, epoch_ms(x))), where x and the result are in MILLISECONDS (seconds: x * 1000, and the result // 1000)',
  distinctcount: 'count(distinct x)',
  distinctcountbitmap: 'count(distinct x)',
  distinctcounthll: 'approx_count_distinct(x)',
  distinctcounthllplus: 'approx_count_distinct(x)',
  firstwithtime: 'arg_min(value, time)',
  fromdatetime: 'epoch_ms(strptime(x, format))',
  fromepochdays: 'x * 86400000',
  fromepochhours: 'x * 3600000',
  fromepochminutes: 'x * 60000',
  fromepochseconds: 'x * 1000',
  json_extract_scalar: 'json_extract_string(x, path)',
  json_match: 'json_extract_string(x, path) = value',
  jsonextractscalar: 'json_extract_string(x, path)',
  lastwithtime: 'arg_max(value, time)',
  minmaxrange: 'max(x) - min(x)',
  percentile: 'quantile_disc(x, 0.95)',
  percentileest: 'approx_quantile(x, 0.95)',
  percentilekll: 'approx_quantile(x, 0.95)',
  percentiletdigest: 'approx_quantile(x, 0.95)',
  regexp_like: 'regexp_matches(x, pattern)',
  regexplike: 'regexp_matches(x, pattern)',
  sumprecision: 'sum(x)',
  text_match: 'regexp_matches(x, pattern)',
  timeconvert:
    'x // n for a coarser unit or x * n for a finer one, n finer units making one coarser (MILLISECONDS to SECONDS: x // 1000, DAYS to HOURS: x * 24)',
  todatetime: 'strftime(epoch_ms(x), format)',
  toepochdays: 'x // 86400000',
  toepochhours: 'x // 3600000',
  toepochminutes: 'x // 60000',
  toepochseconds: 'x // 1000',
  valuein: 'list_filter(x, lambda v: v IN (...))',
};

/** What to write instead of a Pinot function, null when there is nothing better than DuckDB's own suggestion. */
export function functionHint(name: string): string | null {
  // Pinot reads percentile95 and distinct_count as percentile(x, 95) and distinctcount.
  const plain = name.toLowerCase().replace(/[0-9]+$/, '');
  return instead[plain] ?? instead[plain.replaceAll('_', '')] ?? null;
}
