"""What breaks while requests flow: which of them that costs, and how long replicas take to agree again."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from open_loop import Asked, OpenLoop, Prompt, words
from processes import Processes
from replica_pool import ReplicaPool

REPLICAS, SERVERS = 3, 3
RATE = 40
BROKEN_SECONDS = float(os.environ.get("SECONDS", 30))
LAG_SECONDS = 4  # from the first question about a topic to the second
LAG = 2 * (RATE * LAG_SECONDS // 2)
TOPIC = 2_560
AFTER_SECONDS = LAG_SECONDS + 4
WITHIN = 10


def prompt(series: str, number: int) -> Prompt:
    """An even request is the first about its topic, the odd one after it the second about an earlier one."""
    topic = number - 1 - LAG if is_second(number) else number
    return Prompt(words((series, topic), TOPIC), "What of it?", 20)


def is_second(number: int) -> bool:
    return number % 2 == 1 and number > LAG


def is_miss(asked: Asked) -> bool:
    """Whoever decided it did not know where the first question had gone."""
    return is_second(asked.number) and not asked.has_failed and asked.cached_tokens < TOPIC / 8


@dataclass
class Scenario:
    name: str
    run: Callable[[ReplicaPool], None]  # breaks it, waits, and mends it


def away() -> None:
    time.sleep(BROKEN_SECONDS)


def kill_replica(pool: ReplicaPool) -> None:
    pool.kill("epp-1")
    away()
    pool.restart(1)


def drain_replica(pool: ReplicaPool) -> None:
    pool.drain(1)
    away()
    pool.restart(1)


def kill_redis(pool: ReplicaPool) -> None:
    pool.kill("redis")
    away()
    pool.start_redis()


def hold_redis(pool: ReplicaPool) -> None:
    pool.hold("redis")
    away()
    pool.resume("redis")


def empty_redis(pool: ReplicaPool) -> None:
    pool.kill("redis")
    pool.start_redis()


def restart_all(pool: ReplicaPool) -> None:
    for index in range(REPLICAS):
        pool.drain(index)
        pool.restart(index)


REPLICA = [
    Scenario("a replica is killed", kill_replica),
    Scenario("a replica is drained", drain_replica),
    Scenario("every replica is restarted in turn", restart_all),
]
STORE = [
    Scenario("Redis is killed, comes back empty", kill_redis),
    Scenario("Redis hangs and goes on", hold_redis),
    Scenario("Redis is restarted empty", empty_redis),
]


def play(pool: ReplicaPool, scenario: Scenario) -> None:
    load = OpenLoop(pool.gateway_port, RATE, lambda number: prompt(scenario.name, number)).start()
    try:
        time.sleep(LAG_SECONDS + 1)
        broken = time.monotonic()
        scenario.run(pool)
        mended = time.monotonic()
        sharing = pool.seconds_until_sharing(WITHIN)
        time.sleep(AFTER_SECONDS)
    finally:
        answered = load.stop()
    failed = [asked for asked in answered if asked.has_failed]
    elsewhere = sum(pool.has_decided(asked.id) for asked in failed)
    late = [asked.sent - mended for asked in answered if is_miss(asked) and asked.sent > mended]
    settled = [asked for asked in answered if is_second(asked.number) and asked.sent > mended + 5]
    meanwhile = [asked for asked in answered if is_second(asked.number) and broken < asked.sent < mended]
    row(f"{pool.mode}, {pool.store}: {scenario.name}", len(answered), len(failed), elsewhere, f"{sharing:.1f}", f"{max(late, default=0):.1f}",
        f"{sum(map(is_miss, meanwhile))} of {len(meanwhile)}", f"{sum(map(is_miss, settled))} of {len(settled)}")


def row(*cells: object) -> None:
    print("".join(f"{str(cell):<{54 if i == 0 else 14}}" for i, cell in enumerate(cells)).rstrip(), flush=True)


def main(processes: Processes, folder: Path) -> None:
    row(f"{REPLICAS} replicas, {RATE} requests/s", "requests", "failed", "not its own", "s to sharing", "s to agree", "unknown then",
        "5 s after")
    for mode, store, scenarios in (
        ("resilient", "redis", REPLICA + STORE), ("resilient", "hazelcast", REPLICA), ("full", "redis", REPLICA),
        ("full", "hazelcast", REPLICA),
    ):
        with ReplicaPool(processes, folder, store, REPLICAS, SERVERS, 65_536, "5ms", mode) as pool:
            for scenario in scenarios:
                play(pool, scenario)
    print(f"load average {os.getloadavg()[0]:.1f}")
