"""What it costs and what it buys that pickers share: hit rates, how soon the others know, and pick latency."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
from pathlib import Path

from open_loop import OpenLoop, Prompt, percent_cached, words
from processes import Processes
from replica_pool import GRPC, ROOT, STEP, ReplicaPool, SideBySide, quantile

BENCHMARKS = ROOT / "benchmarks/target/dist/bin/benchmarks"
STORES = ("memory", "redis", "hazelcast")
SERVERS, CACHED_BLOCKS = 8, 6000
GROUPS, SHARED, OWN, RATE, SECONDS = 64, 24_000, 1_000, 20, 30
LAG_RATE, LAG_LOADS, LAG_WARM_UP, LAG_SECONDS = 500, 2, 30, 20
PICK_WARM_UP = 270  # of four pickers together: before it, they compile what they have not learned by then
PICK_MINUTES = 4
SHARES = ("p50", "p90", "p99")
LAG = "llm_d_epp_state_lag_seconds"


def hit_rates(processes: Processes, folder: Path, counts: list[int]) -> None:
    row("prefix hit rate", *(f"{count} replica{'s' * (count > 1)}" for count in counts), "failed")
    order = random.Random(1)
    groups = [order.randrange(GROUPS) for _ in range(RATE * SECONDS)]
    prefixes = [words(("shared", group), SHARED) for group in range(GROUPS)]
    prompts = [Prompt(prefixes[group], words(("own", number), OWN), 8) for number, group in enumerate(groups)]
    for store in STORES:
        rates, failed = [], 0
        for count in counts:
            with ReplicaPool(processes, folder, store, count, SERVERS, CACHED_BLOCKS) as pool:
                answered = OpenLoop(pool.gateway_port, RATE, prompts.__getitem__, len(prompts)).start().finish()
                failed += sum(asked.has_failed for asked in answered)
                rates.append(f"{percent_cached(answered):.2f} %")
        row(store, *rates, failed)


def lag(processes: Processes, folder: Path) -> None:
    row(f"3 replicas, {LAG_RATE} requests/s", "lag P50 ms", "lag P99 ms", "pick P50 ms", "pick P99 ms", "errors", "load average")
    for store in STORES:
        with ReplicaPool(processes, folder, store, 3, 4, 65_536) as pool:
            before: dict[float, float] = {}
            targets = [f"127.0.0.1:{GRPC + STEP * index}" for index in range(LAG_LOADS)]
            loads = [_load(target, LAG_RATE / LAG_LOADS, LAG_WARM_UP, LAG_SECONDS) for target in targets]
            figures = []
            for load in loads:
                for line in load.stdout:
                    said = json.loads(line)
                    if "measuring" not in said:
                        figures.append(said)
                    elif not before:
                        before = pool.buckets(LAG)
            for load in loads:
                load.wait()
            lags = ["", ""]
            if store != "memory":
                after = pool.buckets(LAG)
                lags = [f"{1000 * quantile(share, before, after):.1f}" for share in (0.5, 0.99)]
            picks = [f"{max(said[share] for said in figures) / 1000:.2f}" for share in ("p50", "p99")]
            row(store, *lags, *picks, sum(said["errors"] for said in figures), f"{os.getloadavg()[0]:.1f}")


def picks(processes: Processes, folder: Path) -> None:
    """One picker for each store, side by side, asked in turns of a second, so that what the machine does meanwhile meets all
    alike. Two have memory; they differ by chance only, and their mean is what the stores are compared with."""
    row(f"1 replica each, {LAG_RATE} requests/s", *(f"pick P{share[1:]} ms" for share in SHARES), "requests", "errors")
    stores = ["memory", "redis", "hazelcast", "memory"]
    minutes: list[list[dict]] = [[] for _ in stores]
    with SideBySide(processes, folder, stores, 4) as targets:
        load = _load(",".join(targets), LAG_RATE, PICK_WARM_UP, 60, "--intervals", str(PICK_MINUTES))
        for number, line in enumerate(line for line in load.stdout if "measuring" not in line):
            minutes[number % len(stores)].append(json.loads(line))
        load.wait()
    medians = [[statistics.median(said[share] for said in seen) / 1000 for share in SHARES] for seen in minutes]
    for store, seen, ours in zip(stores, minutes, medians):
        row(store, *(f"{one:.3f}" for one in ours), sum(said["requests"] for said in seen), sum(said["errors"] for said in seen))
    memory, redis, hazelcast, again = medians
    mean = [statistics.mean(both) for both in zip(memory, again)]
    for name, ours, base in (("redis", redis, mean), ("hazelcast", hazelcast, mean), ("the second memory", again, memory)):
        row(name + " over memory", *(f"{one / other - 1:+.1%}" for one, other in zip(ours, base)))


def _load(targets: str, rate: float, warm_up: float, seconds: float, *flags: str) -> subprocess.Popen:
    argv = [str(BENCHMARKS), "extproc-load", "--target", targets, "--rate", str(rate),
            "--concurrency", "64", "--warm-up", str(warm_up), "--measure", str(seconds), *flags]
    # who measures must not compile meanwhile: its second compiler alone makes the tail ten times as long
    calm = dict(os.environ, JAVA_OPTS="-XX:TieredStopAtLevel=1")
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=calm)


def row(*cells: object) -> None:
    print("".join(f"{str(cell):<{34 if i == 0 else 14}}" for i, cell in enumerate(cells)).rstrip(), flush=True)


def main(processes: Processes, folder: Path, arguments: list[str]) -> None:
    what = arguments or ["hits", "lag", "picks"]
    if "hits" in what:
        hit_rates(processes, folder, [1, 3, 8])
    if "lag" in what:
        lag(processes, folder)
    if "picks" in what:
        picks(processes, folder)
