"""What a picker takes of a machine that is quiet: its start, its memory, its pauses, and how both grow with the pool."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from processes import Failed

STARTS = 5
SECONDS = float(os.environ.get("SECONDS", 300))  # of a measurement of memory or pauses
REHEARSED = (18002, 18003, 18090)
SMALL_AT_500 = ["--rate", "500", "--concurrency", "64"]
MIXED = ["--rate", "100", "--concurrency", "64", "--prefix", "1000", "--unique", "1000", "--unique-max", "1000000"]
CGROUPS = Path("/sys/fs/cgroup")


def cold(bench, table) -> None:
    """The client is warm: it has asked another picker, which ends before the one that is measured starts."""
    bench.pages(4, 4000)
    table("at 100 requests/s", "ready after s", "CPU s until then", "first pick ms", "P99 of 500 ms", "resident MiB", "errors")
    seen = []
    for start in range(STARTS):
        bench.picker(4, name="rehearsed", ports=REHEARSED)
        argv = bench.load_command(["--rate", "100", "--concurrency", "64", "--rehearse", f"127.0.0.1:{REHEARSED[0]}"], 0, 5)
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
            time.sleep(20)
            bench.processes.stop("rehearsed")
            ready = bench.picker(4)
            usage = bench.usage()
            load.stdin.write("\n")
            load.stdin.flush()
            said = [json.loads(line) for line in load.stdout][-1]
        seen.append((ready, usage.cpu_seconds, said["first"] / 1000, said["p99"] / 1000, usage.resident_mib))
        cold_row(table, f"start {start + 1}", seen[-1], said["errors"])
        bench.processes.stop("epp")
    cold_row(table, "median", [statistics.median(column) for column in zip(*seen)], "")


def cold_row(table, name: str, figures, errors) -> None:
    ready, cpu, first, p99, resident = figures
    table(name, f"{ready:.2f}", f"{cpu:.2f}", f"{first:.1f}", f"{p99:.1f}", f"{resident:.0f}", errors)


def footprint(bench, table, containers: list[str]) -> None:
    """With names of containers' sizes in MiB: mixed bodies within them. Without: default flags, and no bound."""
    bench.pages(4, 4000)
    if not containers:
        bench.picker(4)
        table("resident MiB, no bound", "at ready", f"after {SECONDS:.0f} s of small, 500/s", "errors")
        ready = bench.usage().resident_mib
        for said, _, after in bench.load(SMALL_AT_500, 0, SECONDS):
            table("", f"{ready:.0f}", f"{after.resident_mib:.0f}", said["errors"])
        return
    table("bodies of 2 KB to 1 MB, 100/s", "at ready MiB", "most MiB", "requests", "errors", "pick P99 ms")
    for mib in containers:
        with container(int(mib)) as (enter, most):
            bench.picker(4, within=enter)
            ready = bench.usage().resident_mib
            for said, _, _ in bench.load(MIXED, 0, SECONDS):
                bench.processes.check()  # killed for its memory
                table(f"{mib} MiB", f"{ready:.0f}", f"{most():.0f}", said["requests"], said["errors"], f"{said['p99'] / 1000:.1f}")
                if said["errors"]:
                    print(said["firstError"], file=sys.stderr, flush=True)
            bench.processes.stop("epp")


@contextmanager
def container(mib: int):
    """A control group of so much memory: the words that start a command within it, and how much it held at most in MiB."""
    is_second = (CGROUPS / "cgroup.controllers").exists()
    group = (CGROUPS if is_second else CGROUPS / "memory") / f"epp-benchmark-{os.getpid()}"
    limit, most = ("memory.max", "memory.peak") if is_second else ("memory.limit_in_bytes", "memory.max_usage_in_bytes")
    try:
        group.mkdir()
        (group / limit).write_text(str(mib << 20))
    except OSError as reason:
        raise Failed(f"no control group of {mib} MiB can be made here: {reason}") from reason
    try:
        yield ["sh", "-c", f"echo $$ > {group}/cgroup.procs && exec \"$@\"", "sh"], lambda: int((group / most).read_text()) / (1 << 20)
    finally:
        remove(group)


def remove(group: Path) -> None:
    for _ in range(100):
        try:
            group.rmdir()
            return
        except OSError:
            time.sleep(0.1)  # a process of it has not gone yet


def pauses(bench, table, metric) -> None:
    bench.pages(4, 4000)
    bench.picker(4)
    table("small at 500/s", "pick P50 ms", "P99", "P99.9", "longest GC pause ms", "pauses/min", "errors")
    for said, _, _ in bench.load(SMALL_AT_500, 60, SECONDS):
        longest, count = metric("jvm_gc_pause_seconds_max", max), metric("jvm_gc_pause_seconds_count")
        table("", *(f"{said[p] / 1000:.2f}" for p in ("p50", "p99", "p999")), f"{longest * 1000:.1f}",
              f"{count / (SECONDS + 60) * 60:.0f}", said["errors"])


def scale(bench, table) -> None:
    """Of one request as the pool grows; the pages of its servers are read meanwhile, which is a row of its own."""
    table("endpoints", "small CPU µs/request", "pick P99 ms", "idle, share of a core", "resident MiB", "errors")
    for endpoints in (10, 100, 1000, 2000):
        bench.pages(endpoints, 4000)
        bench.picker(endpoints)
        time.sleep(10)
        before, began = bench.usage(), time.monotonic()
        time.sleep(10)
        idle = (bench.usage().cpu_seconds - before.cpu_seconds) / (time.monotonic() - began)
        for said, before, after in bench.load(["--rate", "1000", "--concurrency", "64"], 30, 30):
            spent = after.cpu_seconds - before.cpu_seconds - idle * said["seconds"]
            table(endpoints, f"{spent * 1e6 / max(1, said['requests']):.0f}", f"{said['p99'] / 1000:.1f}", f"{idle:.1%}",
                  f"{after.resident_mib:.0f}", said["errors"])
        bench.processes.stop("epp")
        bench.processes.stop("pages")
