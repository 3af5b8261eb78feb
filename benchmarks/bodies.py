"""How long small requests wait while bodies of every shape come by the same event loop, and whether the picker survives them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import nullcontext
from pathlib import Path

from light import container
from processes import Failed

MESSAGE = 64 << 20  # most bytes of one, so that a body may come whole
SECONDS = os.environ.get("SECONDS", "2")  # of each row
BYTES = os.environ.get("BYTES", str(57 << 20))
MESSAGES = os.environ.get("MESSAGES", f"{MESSAGE},65536,4096")
PARSERS = "requestHandler: {parsers: [%s]}\n" % ", ".join(f"{{pluginRef: {one}-parser}}" for one in (
    "openai", "anthropic", "vllmhttp", "vllmgrpc", "sglanghttp", "vertexai"))
LOOPS = os.cpu_count()
# The client shares the cores with the picker, and its stops would count as waits: it compiles little and has its memory at once.
CLIENT = "-XX:TieredStopAtLevel=1 -Xms1g -Xmn768m -XX:+AlwaysPreTouch"
STOP = re.compile(r"Total:\s*(\d+) ns")


def run(bench, table, benchmarks: Path, port: int, arguments: list[str]) -> None:
    """With a number first: in a container of so many MiB. Then shapes, without them all."""
    mib = arguments.pop(0) if arguments and arguments[0].isdigit() else ""
    shapes = ["--shapes", ",".join(arguments)] if arguments else []
    bench.pages(2, 4000)
    with container(int(mib)) if mib else nullcontext(([], lambda: 0)) as (enter, most):
        pauses = Pauses(bench.folder / "safepoints")
        os.environ["JAVA_OPTS"] = f"{os.environ.get('JAVA_OPTS', '')} {pauses.flag()}"
        bench.picker(2, "--grpc-max-recv-msg-size", str(MESSAGE), gates=PARSERS, within=enter)
        table("body of " + f"{int(BYTES):,} bytes", "message", "bodies", "longest wait ms", "P99 ms", "P50 ms", "longest stop ms",
              "loops ms/body", "most MiB", "outcome")
        argv = [str(benchmarks), "body-waits", "--target", f"127.0.0.1:{port}", "--loops", str(LOOPS), "--bytes", BYTES,
                "--messages", MESSAGES, "--seconds", SECONDS, *shapes]
        loops = Loops(bench.pid)
        client = os.environ | {"JAVA_OPTS": CLIENT}
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=client) as load:
            try:
                for line in load.stdout:
                    said = json.loads(line)
                    row(table, said, pauses.longest(), loops.spent(), most() or bench.usage().resident_mib)
                if load.wait() != 0:
                    bench.processes.check()
                    raise Failed("the load ended with an error")
            except FileNotFoundError as gone:
                raise Failed(f"the picker ended: {said['shape']} in messages of {said['messageBytes']} bytes") from gone
            finally:
                load.terminate()


def row(table, said: dict, stop: float, cpu: float, mib: float) -> None:
    message = "whole" if said["messageBytes"] >= int(BYTES) else f"{said['messageBytes']:,}"
    table(said["shape"].lower().replace("_", " "), message, said["bodies"], f"{said['longest']:.0f}", f"{said['p99']:.1f}",
          f"{said['p50']:.2f}", f"{stop:.0f}", f"{cpu / max(1, said['bodies']):.0f}", f"{mib:.0f}",
          " ".join(f"{times}x{what}" for what, times in said["outcomes"].items()))


class Pauses:
    """How long the whole process stopped, by its own log."""

    def __init__(self, log: Path):
        self._log = log
        self._read = 0

    def flag(self) -> str:
        return f"-Xlog:safepoint:file={self._log}:uptime:filecount=0"

    def longest(self) -> float:
        """Since it was asked last, in milliseconds."""
        with self._log.open() as log:
            log.seek(self._read)
            text = log.read()
            self._read = log.tell()
        return max((int(total) for total in STOP.findall(text)), default=0) / 1e6


class Loops:
    """Processor time of the threads that all streams share."""

    def __init__(self, pid: int):
        self._tasks = [task for task in Path(f"/proc/{pid}/task").iterdir() if (task / "comm").read_text().startswith("extproc-")]
        self._seen = self._millis()

    def _millis(self) -> float:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in self._tasks) / 1e6

    def spent(self) -> float:
        """Since it was asked last, in milliseconds."""
        before, self._seen = self._seen, self._millis()
        return self._seen - before
