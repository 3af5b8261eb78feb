"""What it costs and what it buys that pickers share: hit rates, how soon the others know, and pick latency."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path

from open_loop import OpenLoop, Prompt, percent_cached, words
from processes import Processes
from replica_pool import GRPC, ROOT, STEP, ReplicaPool, quantile

BENCHMARKS = ROOT / "benchmarks/target/dist/bin/benchmarks"
STORES = ("memory", "redis", "hazelcast")
SERVERS, CACHED_BLOCKS = 8, 6000
GROUPS, SHARED, OWN, RATE, SECONDS = 64, 24_000, 1_000, 20, 30
LAG_RATE, LAG_LOADS, LAG_WARM_UP, LAG_SECONDS = 500, 2, 20, 20
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
            loads = [_load(GRPC + STEP * index) for index in range(LAG_LOADS)]
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


def _load(port: int) -> subprocess.Popen:
    argv = [str(BENCHMARKS), "extproc-load", "--target", f"127.0.0.1:{port}", "--rate", str(LAG_RATE / LAG_LOADS),
            "--concurrency", "64", "--warm-up", str(LAG_WARM_UP), "--measure", str(LAG_SECONDS)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def row(*cells: object) -> None:
    print("".join(f"{str(cell):<{34 if i == 0 else 14}}" for i, cell in enumerate(cells)).rstrip(), flush=True)


def main(processes: Processes, folder: Path, arguments: list[str]) -> None:
    what = arguments or ["hits", "lag"]
    if "hits" in what:
        hit_rates(processes, folder, [1, 3, 8])
    if "lag" in what:
        lag(processes, folder)
