"""What every peer's script shares: it is told its work by one JSON file and answers with another.

    python <peer>_job.py JOB_FILE RESULT_FILE

The fields of the job are those of `PeerJob` in src/bench/peer-job.ts.
"""
import json
import pathlib
import resource
import sys
import time


class Job:
    def __init__(self, fields):
        self.sources = fields["sources"]
        self.out = pathlib.Path(fields["out"])
        self.threads = fields["threads"]
        self.merge = fields["merge"]
        self.window = (fields["windowStartMs"], fields["windowEndMs"])
        self.round_ms = fields["roundMs"] or 1
        self.keys = fields["keys"]
        self.columns = fields["columns"]
        self.order = fields["order"]
        self.partition = fields["partition"]

    @property
    def target(self):
        return str(self.out / "data.parquet")

    def order_by(self, quote='"'):
        terms = [f"{quote}{name}{quote}" for name in self.order]
        if self.partition:
            terms.insert(0, f"{quote}{self.partition['column']}{quote} % {self.partition['count']}")
        return f" order by {', '.join(terms)}" if terms else ""


def peak_rss_bytes():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM line")


def answer(prepare):
    """`prepare(job)` opens the engine and gives the function that is timed."""
    started = time.perf_counter()
    job = Job(json.loads(pathlib.Path(sys.argv[1]).read_text()))
    work = prepare(job)
    begun = time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    usage = resource.getrusage(resource.RUSAGE_SELF)
    result = {
        "seconds": seconds,
        "startSeconds": begun - started,
        "peakRssBytes": peak_rss_bytes(),
        "cpuSeconds": usage.ru_utime + usage.ru_stime,
    }
    pathlib.Path(sys.argv[2]).write_text(json.dumps(result))
