"""Model servers, a store, and several pickers: that share through it behind Envoy, or each with a store of its own."""

from __future__ import annotations

import json
import os
import signal
import time
from http.client import HTTPException
from pathlib import Path
from string import Template

from addresses import model_servers, pickers
from find_envoy import find_envoy
from find_redis import find_redis
from loopback import call
from processes import Failed, Processes

ROOT = Path(__file__).resolve().parent.parent
EPP = Path(os.environ.get("EPP", ROOT / "bootstrap/target/dist/bin/epp"))
SIMULATOR = ROOT / "simulator/target/dist/bin/simulator"
STEP = 10  # between the ports of one picker and those of the next
GRPC, HEALTH, METRICS, SERVERS, GATEWAY, ADMIN, STATE = 19002, 19003, 19300, 22001, 19080, 19901, 19700
READY_SECONDS = 240  # eight JVMs that start at once on two cores


def start_servers(processes: Processes, servers: int, cached_blocks: int, token_every: str) -> str:
    processes.start("simulator", [
        str(SIMULATOR), "--port", str(SERVERS), "--servers", str(servers), "--model", "m", "--max-num-seqs", "64",
        "--max-model-len", "1000000", "--kv-cache-size", str(cached_blocks), "--time-to-first-token", "2ms",
        "--inter-token-latency", token_every,
    ])
    processes.wait_until_ready(SERVERS + servers - 1, "/health", READY_SECONDS)
    return "simulator"


def start_redis(processes: Processes, folder: Path) -> str:
    processes.start("redis", [
        find_redis(ROOT / ".tools"), "--port", str(STATE), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
        "--dir", str(folder),
    ])
    processes.wait_until_listening(STATE, READY_SECONDS)
    return "redis"


def write_configuration(folder: Path, name: str, servers: int, store: str, members: list[int]) -> Path:
    """members: ports of the Hazelcast members, for that store."""
    listed = [{"name": f"s{p}", "address": "127.0.0.1", "port": str(p)} for p in range(SERVERS, SERVERS + servers)]
    endpoints = folder / "endpoints.json"
    endpoints.write_text(json.dumps({"endpoints": listed}))
    text = Template((ROOT / "deploy/epp/config.yaml").read_text()).substitute(ENDPOINTS_FILE=endpoints)
    if store == "redis":
        text += f'stateStore:\n  type: redis\n  redis: {{uri: "redis://127.0.0.1:{STATE}"}}\n'
    elif store == "hazelcast":
        addresses = json.dumps([f"127.0.0.1:{port}" for port in members])
        text += f"stateStore:\n  type: hazelcast\n  hazelcast: {{members: {addresses}}}\n"
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def start_picker(processes: Processes, index: int, pool: str, configuration: Path) -> str:
    processes.start(f"epp-{index}", [
        str(EPP), "--pool-name", pool, "--config-file", str(configuration), "--secure-serving=false", "--tracing=false",
        "--grpc-max-recv-msg-size", "33Mi", "--drain-timeout", "10s",
        *(f"--{flag}={port + STEP * index}" for flag, port in
          (("grpc-port", GRPC), ("grpc-health-port", HEALTH), ("metrics-port", METRICS))),
    ])
    return f"epp-{index}"


class SideBySide:
    """A picker for each store, which share nothing. A context manager: what it started has ended when the block is left."""

    def __init__(self, processes: Processes, folder: Path, stores: list[str], servers: int):
        self._processes, self._folder, self._stores, self._servers = processes, folder, stores, servers
        self._started: list[str] = []

    def __enter__(self) -> list[str]:
        """Where each takes requests."""
        self._started.append(start_servers(self._processes, self._servers, 65_536, "2ms"))
        if "redis" in self._stores:
            self._started.append(start_redis(self._processes, self._folder))
        for index, store in enumerate(self._stores):
            configuration = write_configuration(self._folder, f"epp-{index}", self._servers, store, [STATE + 1 + index])
            self._started.append(start_picker(self._processes, index, f"benchmark-{index}", configuration))
        for index in range(len(self._stores)):
            self._processes.wait_until_ready(METRICS + STEP * index, "/readyz", READY_SECONDS)
        return [f"127.0.0.1:{GRPC + STEP * index}" for index in range(len(self._stores))]

    def __exit__(self, *_) -> None:
        for name in reversed(self._started):
            self._processes.kill(name)


class ReplicaPool:
    """A context manager: what it started has ended when the block is left."""

    def __init__(self, processes: Processes, folder: Path, store: str, replicas: int, servers: int, cached_blocks: int,
                 token_every: str = "2ms", mode: str = "full"):
        self.store, self.replicas, self.servers, self.mode = store, replicas, servers, mode
        self._processes, self._folder = processes, folder
        self._cached_blocks, self._token_every = cached_blocks, token_every
        self._configuration = Path()
        self._started: list[str] = []

    @property
    def gateway_port(self) -> int:
        return GATEWAY

    def __enter__(self) -> ReplicaPool:
        ports = [SERVERS + i for i in range(self.servers)]
        self._started.append(start_servers(self._processes, self.servers, self._cached_blocks, self._token_every))
        if self.store == "redis":
            self.start_redis()
        members = [STATE + i for i in range(self.replicas)]
        self._configuration = write_configuration(self._folder, "epp", self.servers, self.store, members)
        for index in range(self.replicas):
            self._launch(index)
        for index in range(self.replicas):
            self._processes.wait_until_ready(METRICS + STEP * index, "/readyz", READY_SECONDS)
        gateway = self._folder / "envoy.yaml"
        gateway.write_text(Template((ROOT / f"deploy/envoy/{self.mode}.yaml").read_text()).substitute(
            GATEWAY_PORT=GATEWAY, ADMIN_PORT=ADMIN, MODEL_SERVERS=model_servers(ports),
            PICKERS=pickers([(GRPC + STEP * i, HEALTH + STEP * i) for i in range(self.replicas)])))
        self._start("envoy", [find_envoy(), "-c", str(gateway), "--disable-hot-restart", "--concurrency", "2", "-l", "error"])
        self._processes.wait_until_ready(ADMIN, "/ready", READY_SECONDS)
        if self.store != "memory":
            self.seconds_until_sharing(READY_SECONDS)
        return self

    def __exit__(self, *_) -> None:
        for name in reversed(self._started):
            self._processes.kill(name)

    def _start(self, name: str, argv: list[str]) -> None:
        self._processes.start(name, argv)
        self._started.append(name)

    def _launch(self, index: int) -> None:
        self._started.append(start_picker(self._processes, index, "benchmark", self._configuration))

    def start_redis(self) -> None:
        self._started.append(start_redis(self._processes, self._folder))

    def kill(self, name: str) -> None:
        self._processes.kill(name)
        self._started.remove(name)

    def hold(self, name: str) -> None:
        os.killpg(self._processes.pid(name), signal.SIGSTOP)

    def resume(self, name: str) -> None:
        os.killpg(self._processes.pid(name), signal.SIGCONT)

    def restart(self, index: int) -> None:
        """Starts a picker that has ended, and waits until it is ready."""
        self._launch(index)
        self._processes.wait_until_ready(METRICS + STEP * index, "/readyz", READY_SECONDS)

    def drain(self, index: int) -> None:
        """Asks a picker to end, and waits until it has."""
        self._processes.stop(f"epp-{index}", seconds=20)
        self._started.remove(f"epp-{index}")

    def seconds_until_sharing(self, within: float) -> float:
        """Until each picker says that it shares and knows of all others."""
        began = time.monotonic()
        while not all(map(self._is_sharing, range(self.replicas))):
            if time.monotonic() - began > within:
                raise Failed(f"the pickers do not share after {within:.0f} s")
            time.sleep(0.02)
        return time.monotonic() - began

    def _is_sharing(self, index: int) -> bool:
        try:
            said = call(METRICS + STEP * index, "/readyz").body
        except (OSError, HTTPException):
            return False
        return b"state store: sharing" in said and self.metric(index, "llm_d_epp_state_replicas{") == self.replicas - 1

    def metric(self, index: int, lines: str) -> float:
        """Sum over all lines that begin so."""
        text = call(METRICS + STEP * index, "/metrics").body.decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(lines))

    def buckets(self, histogram: str) -> dict[float, float]:
        """Cumulative counts by upper bound, over all pickers."""
        counts: dict[float, float] = {}
        for index in range(self.replicas):
            for line in call(METRICS + STEP * index, "/metrics").body.decode().splitlines():
                if line.startswith(histogram + "_bucket{"):
                    bound = float(line.split('le="')[1].split('"')[0])
                    counts[bound] = counts.get(bound, 0) + float(line.rsplit(" ", 1)[1])
        return counts

    def has_decided(self, request_id: str) -> bool:
        """Whether any picker that runs keeps a record of the decision."""
        return any(
            call(METRICS + STEP * i, "/debug/decisions?request_id=" + request_id).status == 200 for i in range(self.replicas))


def quantile(share: float, before: dict[float, float], after: dict[float, float]) -> float:
    """Of what was observed in between; within a bucket in proportion."""
    counts = sorted((bound, count - before.get(bound, 0)) for bound, count in after.items())
    if not counts or not counts[-1][1]:
        raise Failed("nothing was observed")
    wanted, low, seen = share * counts[-1][1], 0.0, 0.0
    for bound, count in counts:
        if count >= wanted:
            return low if bound == float("inf") else low + (bound - low) * (wanted - seen) / max(1e-9, count - seen)
        low, seen = bound, count
    return low
