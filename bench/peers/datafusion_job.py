"""DataFusion: one COPY of one query, a partition for each thread, to one Parquet file (snappy)."""
from datafusion import RuntimeEnvBuilder, SessionConfig, SessionContext

from job import answer


def query(job):
    start, end = job.window
    source = f"input where ts >= {start} and ts < {end}"
    columns = ", ".join(f'"{name}"' for name in job.columns)
    if job.merge == "CONCAT":
        return f"select {columns} from {source}"
    if job.merge == "DEDUP":
        return f"select distinct {columns} from {source}"
    bucket = f"(ts / {job.round_ms}) * {job.round_ms}"
    keys = "".join(f', "{key}"' for key in job.keys)
    sums = "sum(clicks) as clicks, max(cost) as cost, cast(sum(score) as float) as score"
    return f"select {bucket} as ts{keys}, {sums} from {source} group by {bucket}{keys}"


def prepare(job):
    config = SessionConfig().with_target_partitions(job.threads)
    context = SessionContext(config, RuntimeEnvBuilder().with_disk_manager_os())
    copy = f"copy ({query(job)}{job.order_by()}) to '{job.target}' stored as parquet options (compression 'snappy')"

    def work():
        paths = {path.rsplit("/", 1)[0] for path in job.sources}
        assert len(paths) == 1, "the sources lie in one folder"
        context.register_parquet("input", paths.pop())
        context.sql(copy).collect()

    return work


answer(prepare)
