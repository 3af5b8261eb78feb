"""Model servers, a store, several pickers that share through it, and Envoy in front of them."""

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


class ReplicaPool:
    """A context manager: what it started has ended when the block is left."""

    def __init__(self, processes: Processes, folder: Path, store: str, replicas: int, servers: int, cached_blocks: int,
                 token_every: str = "2ms", mode: str = "full"):
        self.store, self.replicas, self.servers, self.mode = store, replicas, servers, mode
        self._processes, self._folder = processes, folder
        self._cached_blocks, self._token_every = cached_blocks, token_every
        self._started: list[str] = []

    @property
    def gateway_port(self) -> int:
        return GATEWAY

    def __enter__(self) -> ReplicaPool:
        ports = [SERVERS + i for i in range(self.servers)]
        self._start("simulator", [
            str(SIMULATOR), "--port", str(SERVERS), "--servers", str(self.servers), "--model", "m", "--max-num-seqs", "64",
            "--max-model-len", "1000000", "--kv-cache-size", str(self._cached_blocks), "--time-to-first-token", "2ms",
            "--inter-token-latency", self._token_every,
        ])
        self._processes.wait_until_ready(ports[-1], "/health", READY_SECONDS)
        if self.store == "redis":
            self.start_redis()
        self._configure(ports)
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

    def _configure(self, ports: list[int]) -> None:
        endpoints = self._folder / "endpoints.json"
        endpoints.write_text(json.dumps({"endpoints": [{"name": f"s{p}", "address": "127.0.0.1", "port": str(p)} for p in ports]}))
        text = Template((ROOT / "deploy/epp/config.yaml").read_text()).substitute(ENDPOINTS_FILE=endpoints)
        if self.store == "redis":
            text += f'stateStore:\n  type: redis\n  redis: {{uri: "redis://127.0.0.1:{STATE}"}}\n'
        elif self.store == "hazelcast":
            members = json.dumps([f"127.0.0.1:{STATE + i}" for i in range(self.replicas)])
            text += f"stateStore:\n  type: hazelcast\n  hazelcast: {{members: {members}}}\n"
        (self._folder / "epp.yaml").write_text(text)

    def _launch(self, index: int) -> None:
        self._start(f"epp-{index}", [
            str(EPP), "--pool-name", "benchmark", "--config-file", str(self._folder / "epp.yaml"), "--secure-serving=false",
            "--tracing=false", "--grpc-max-recv-msg-size", "33Mi", "--drain-timeout", "10s",
            *(f"--{flag}={port + STEP * index}" for flag, port in
              (("grpc-port", GRPC), ("grpc-health-port", HEALTH), ("metrics-port", METRICS))),
        ])

    def start_redis(self) -> None:
        self._start("redis", [
            find_redis(ROOT / ".tools"), "--port", str(STATE), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", str(self._folder),
        ])
        self._processes.wait_until_listening(STATE, READY_SECONDS)

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
