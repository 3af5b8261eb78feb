"""What breaks around the sidecar while requests flow: what clients get of it, and what is left behind. No answer may look whole
that is not. Engines and clients are in Python; the second prefill server and the fallback are what a deployment would have.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "quickstart.d"))

from loopback import call  # noqa: E402
from processes import Processes  # noqa: E402
from sidecar import SIDECAR  # noqa: E402
from usage import Usage  # noqa: E402

PORT, METRICS, DECODE, PREFILL = 19210, 19211, 19212, 19213
READY_SECONDS, SETTLED_SECONDS = 60, 60
RATE = 40
SECONDS = float(os.environ.get("SECONDS", 12))  # of a fault: a third before it, a third with it, a third after it
EVENTS, GAP = 20, 0.02  # of an answer
SLOW_CLIENTS = int(os.environ.get("SLOW_CLIENTS", 10_000))
CANCELS, TERMINATED = 1_000, 50
EVENT = b'data: {"choices":[{"delta":{"content":" word"}}]}\n\n'
DONE = b"data: [DONE]\n\n"
BURST = EVENT * 200
SLOW_BYTES = 128 << 10  # of the answer that a slow client does not take
SLOW_STREAMS = 100  # of half of the slow clients, on one HTTP/2 connection


@dataclass
class Fault:
    name: str
    begin: Callable[[], None]
    end: Callable[[], None]


class Chaos:
    """A sidecar between one prefill server and one decode server."""

    def __init__(self, processes: Processes):
        self.processes = processes

    def start(self) -> None:
        self.engine("prefill", PREFILL)
        self.engine("decode", DECODE)
        self.processes.start("sidecar", [
            str(SIDECAR), "--port", str(PORT), "--model-server-port", str(DECODE), "--secure-proxy=false",
            "--metrics-port", str(METRICS), "--prefill-fallback-timeout", "1s", "--prefill-max-retries", "0",
        ])
        self.processes.wait_until_ready(PORT, "/health", READY_SECONDS)

    def engine(self, name: str, port: int) -> None:
        self.processes.start(name, [sys.executable, str(Path(__file__).resolve()), str(port)])
        self.processes.wait_until_listening(port, READY_SECONDS)

    def faults(self) -> list[Fault]:
        def mode(name: str) -> Callable[[], None]:
            return lambda: call(PREFILL, f"/mode/{name}", b"") and None

        def signalled(number: int) -> Callable[[], None]:
            return lambda: os.kill(self.processes.pid("prefill"), number)

        return [
            Fault("nothing", lambda: None, lambda: None),
            Fault("prefill killed", lambda: self.processes.kill("prefill"), lambda: self.engine("prefill", PREFILL)),
            Fault("prefill stopped", signalled(signal.SIGSTOP), signalled(signal.SIGCONT)),
            Fault("prefill answers 500", mode("error"), mode("ok")),
            Fault("prefill cuts its answer", mode("cut"), mode("ok")),
            Fault("decode killed", lambda: self.processes.kill("decode"), lambda: self.engine("decode", DECODE)),
        ]

    def usage(self) -> Usage:
        return Usage.of(self.processes.pid("sidecar"))

    def settled(self) -> int:
        """Requests in flight when all clients have gone; waits for none."""
        until = time.monotonic() + SETTLED_SECONDS
        left = in_flight()
        while left and time.monotonic() < until:
            time.sleep(0.1)
            left = in_flight()
        return left


def in_flight() -> int:
    lines = call(METRICS, "/metrics").body.decode().splitlines()
    return int(next(line.split(" ")[1] for line in lines if line.startswith("llm_d_sidecar_requests_in_flight ")))


def reached(most: int) -> int:
    """Requests in flight; waits until there are so many."""
    until = time.monotonic() + SETTLED_SECONDS
    while (held := in_flight()) < most and time.monotonic() < until:
        time.sleep(0.1)
    return held


def run(processes: Processes) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a connection takes two in the sidecar
    chaos = Chaos(processes)
    chaos.start()
    row("fault", "asked", "whole", "5xx", "broken off", "wrong", "left in flight", "resident MiB")
    wrong = 0
    for fault in chaos.faults():
        wrong += report(chaos, fault.name, asyncio.run(under(fault)))
    wrong += report(chaos, f"{CANCELS:,} cancelled", asyncio.run(cancelled()))
    slow(chaos)
    wrong += report(chaos, "afterwards", asyncio.run(load(SECONDS / 3)))
    outcomes = asyncio.run(terminated(chaos))
    row(f"SIGTERM with {TERMINATED} streams", *counts(outcomes), "", "")
    wrong += outcomes["wrong"]
    print("no answer looked whole that was not" if wrong == 0 else f"{wrong} answers looked whole and were not", flush=True)


def report(chaos: Chaos, name: str, outcomes: Counter) -> int:
    row(name, *counts(outcomes), chaos.settled(), f"{chaos.usage().resident_mib:.0f}")
    return outcomes["wrong"]


def counts(outcomes: Counter) -> tuple[int, ...]:
    return (sum(outcomes.values()), *(outcomes[each] for each in ("whole", "5xx", "broken", "wrong")))


def row(*cells: object) -> None:
    print("".join(f"{str(cell):<{30 if i == 0 else 15}}" for i, cell in enumerate(cells)).rstrip(), flush=True)


async def under(fault: Fault) -> Counter:
    async def disturb() -> None:
        await asyncio.sleep(SECONDS / 3)
        await asyncio.to_thread(fault.begin)
        await asyncio.sleep(SECONDS / 3)
        await asyncio.to_thread(fault.end)

    disturbing = asyncio.create_task(disturb())
    outcomes = await load(SECONDS)
    await disturbing
    return outcomes


async def load(seconds: float) -> Counter:
    asked, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        asked.append(asyncio.create_task(outcome()))
        await asyncio.sleep(1 / RATE)
    return Counter(await asyncio.gather(*asked))


async def outcome() -> str:
    """What a client gets: an answer that ends as it should and has all events, or not."""
    try:
        reader, writer = await ask()
        try:
            answer = await asyncio.wait_for(reader.read(-1), 60)
        finally:
            writer.close()
    except (OSError, asyncio.TimeoutError):
        return "broken"
    if answer.startswith(b"HTTP/1.1 5"):
        return "5xx"
    if not answer.startswith(b"HTTP/1.1 200") or not answer.endswith(b"\r\n0\r\n\r\n"):
        return "broken"
    return "whole" if body(answer) == EVENT * EVENTS + DONE else "wrong"


def body(answer: bytes) -> bytes:
    """Without its head, and put together of its chunks."""
    whole, rest = b"", answer.partition(b"\r\n\r\n")[2]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        whole, rest = whole + rest[:length], rest[length + 2:]
        if length == 0:
            break
    return whole


async def ask(path: bytes = b"/v1/chat/completions") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    body = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(
        b"POST %s HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-prefiller-host-port: 127.0.0.1:%d\r\ncontent-length: %d\r\n\r\n%s"
        % (path, PREFILL, len(body), body)
    )
    return reader, writer


async def cancelled() -> Counter:
    """Clients that leave: before an answer, at its first event, in the middle of it; with others that stay."""

    async def leave(number: int) -> str:
        reader, writer = await ask()
        if number % 3:
            await reader.readuntil(EVENT if number % 3 == 1 else EVENT + b"\r\n")
        writer.transport.abort()
        return "broken"

    async def leaving() -> list[str]:
        left = []
        for first in range(0, CANCELS, 50):
            left += await asyncio.gather(*(leave(number) for number in range(first, first + 50)), return_exceptions=True)
        return ["broken" for _ in left]

    stay = asyncio.create_task(load(SECONDS / 3))
    return Counter(await leaving()) + await stay


def slow(chaos: Chaos) -> None:
    """Clients that take nothing of their answers: half have a connection each, half share some of HTTP/2."""
    before = chaos.usage().resident_mib
    connections = [dull_client() for _ in range(SLOW_CLIENTS // 2)]
    connections += [dull_streams(SLOW_STREAMS) for _ in range(SLOW_CLIENTS // 2 // SLOW_STREAMS)]
    held = reached(SLOW_CLIENTS)
    began = time.monotonic()
    health = call(PORT, "/health", seconds=SETTLED_SECONDS).status
    took, usage = time.monotonic() - began, chaos.usage().resident_mib
    for connection in connections:
        connection.close()
    left = chaos.settled()
    print(
        f"{held:,} slow clients: {usage - before:+.0f} MiB, {usage:.0f} MiB in all; health {health} after {took:.2f} s; {left} left in flight",
        flush=True,
    )


def dull_client() -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", PORT))
    client.sendall(b"GET /burst HTTP/1.1\r\nhost: a\r\n\r\n")
    return client


def dull_streams(count: int) -> socket.socket:
    """A connection of HTTP/2 that never enlarges a window, which holds each answer to 100 bytes."""
    client = socket.create_connection(("127.0.0.1", PORT))
    client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"\0\4" + (100).to_bytes(4, "big")))  # SETTINGS_INITIAL_WINDOW_SIZE
    headers = b"\x82\x86" + literal(4, b"/burst") + literal(1, b"a")  # GET, http, :path, :authority
    for stream in range(1, 2 * count, 2):
        client.sendall(frame(1, 5, stream, headers))  # END_HEADERS, END_STREAM
    return client


def literal(name: int, value: bytes) -> bytes:
    """A header of HPACK's static table with another value, which enters no table."""
    return bytes([name, len(value)]) + value


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


async def terminated(chaos: Chaos) -> Counter:
    streams = [asyncio.create_task(outcome()) for _ in range(TERMINATED)]
    await asyncio.sleep(GAP * EVENTS / 2)
    await asyncio.to_thread(chaos.processes.stop, "sidecar", 60)
    return Counter(await asyncio.gather(*streams))


class Engine:
    """Computes prompts or answers them, by what it is asked; fails as it is told to."""

    def __init__(self) -> None:
        self.mode = "ok"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
                body = await reader.readexactly(length)
                if path.startswith("/mode/"):
                    self.mode = path.removeprefix("/mode/")
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                elif path == "/burst":
                    await self.burst(writer)
                elif b'"stream":true' in body:
                    await self.stream(writer)
                elif not await self.prefill(writer):
                    return
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def prefill(self, writer: asyncio.StreamWriter) -> bool:
        answer = b'{"kv_transfer_params":{"do_remote_prefill":true,"remote_block_ids":[1]}}'
        status = b"500 Internal Server Error" if self.mode == "error" else b"200 OK"
        head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (status, len(answer))
        writer.write(head + (answer[:20] if self.mode == "cut" else answer))
        return self.mode != "cut"

    async def stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(EVENTS):
            writer.write(b"%x\r\n%s\r\n" % (len(EVENT), EVENT))
            await writer.drain()
            await asyncio.sleep(GAP)
        writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(DONE), DONE))

    async def burst(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(SLOW_BYTES // len(BURST)):
            writer.write(b"%x\r\n%s\r\n" % (len(BURST), BURST))
            await writer.drain()
        await asyncio.sleep(3600)


async def _serve(port: int) -> None:
    server = await asyncio.start_server(Engine().answer, "127.0.0.1", port, limit=1 << 20, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_serve(int(sys.argv[1])))
