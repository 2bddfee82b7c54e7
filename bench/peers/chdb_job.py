"""ClickHouse, embedded (chdb): one INSERT of one query into one Parquet file (snappy)."""
import chdb

from job import answer


def query(job):
    start, end = job.window
    folder = job.sources[0].rsplit("/", 1)[0]
    source = f"file('{folder}/*.parquet', Parquet)"
    window = f"ts >= {start} and ts < {end}"
    columns = ", ".join(f"`{name}`" for name in job.columns)
    if job.merge == "CONCAT":
        return f"select {columns} from {source} where {window}"
    if job.merge == "DEDUP":
        return f"select distinct {columns} from {source} where {window}"
    # The names of the results are those of the columns: the input is named apart, so that none is taken for the other.
    bucket = f"intDiv(r.ts, {job.round_ms}) * {job.round_ms}"
    keys = "".join(f", r.`{key}` as `{key}`" for key in job.keys)
    groups = "".join(f", r.`{key}`" for key in job.keys)
    sums = "sum(r.clicks) as clicks, max(r.cost) as cost, toFloat32(sum(r.score)) as score"
    return f"select {bucket} as ts{keys}, {sums} from (select * from {source} where {window}) as r group by {bucket}{groups}"


def prepare(job):
    settings = {
        "max_threads": job.threads,
        "output_format_parquet_compression_method": "'snappy'",
        "engine_file_truncate_on_insert": 1,
    }
    listed = ", ".join(f"{name} = {value}" for name, value in settings.items())
    target = f"insert into function file('{job.target}', Parquet)"
    text = f"{target} {query(job)}{job.order_by('`')} settings {listed}"
    return lambda: chdb.query(text)


answer(prepare)
