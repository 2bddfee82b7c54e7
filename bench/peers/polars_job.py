"""polars: its streaming engine, from Parquet to one Parquet file (snappy)."""
import polars as pl

from job import answer


def prepare(job):
    start, end = job.window
    rows = pl.scan_parquet(job.sources).filter((pl.col("ts") >= start) & (pl.col("ts") < end))
    if job.merge == "ROLLUP":
        bucket = pl.col("ts") // job.round_ms * job.round_ms
        sums = [pl.col("clicks").sum(), pl.col("cost").max(), pl.col("score").sum()]
        rows = rows.with_columns(bucket).group_by("ts", *job.keys).agg(sums)
    elif job.merge == "DEDUP":
        rows = rows.unique(maintain_order=False)
    order = [pl.col(name) for name in job.order]
    if job.partition:
        order.insert(0, pl.col(job.partition["column"]) % job.partition["count"])
    if order:
        rows = rows.sort(order)
    return lambda: rows.sink_parquet(job.target, compression="snappy", engine="streaming")


answer(prepare)
