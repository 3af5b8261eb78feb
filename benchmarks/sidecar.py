"""What the sidecar of decode pods costs: time and processor time that it adds to requests, streamed events and long bodies,
and its memory. Engine and client are in Python, each in a process of its own; what is counted is the sidecar's processor time.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "quickstart.d"))

from processes import Processes  # noqa: E402
from usage import Usage  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
SIDECAR = Path(os.environ.get("SIDECAR", ROOT / "sidecar/target/dist/bin/pd-sidecar"))
PORT, ENGINE = 19200, 19201
READY_SECONDS = 60
EVENT = b'data: {"id":"a","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" word"}}]}\n\n'
CHUNK = b"%x\r\n%s\r\n" % (len(EVENT), EVENT)
BURST = 200  # events in one write
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LONG_BODY = 20 << 20
REQUESTS, STREAMS, OPEN_STREAMS, BODIES = 5_000, 32, 2_000, 20


def run(processes: Processes) -> None:
    processes.start("engine", [sys.executable, str(Path(__file__).resolve()), "engine"])
    processes.wait_until_listening(ENGINE, READY_SECONDS)
    began = time.monotonic()
    processes.start("sidecar", [
        str(SIDECAR), "--port", str(PORT), "--model-server-port", str(ENGINE), "--secure-proxy=false",
    ])
    processes.wait_until_ready(PORT, "/health", READY_SECONDS)
    print(f"ready after {time.monotonic() - began:.2f} s", flush=True)
    asyncio.run(_measure(processes.pid("sidecar")))


async def _measure(pid: int) -> None:
    await asyncio.sleep(2)
    print(f"idle: {Usage.of(pid).resident_mib:.0f} MB resident", flush=True)
    for _ in range(3):  # all but the last are to warm up
        direct, through, cpu = await _requests(pid)
    for name, share in (("P50", 0.5), ("P99", 0.99)):
        added = (_quantile(through, share) - _quantile(direct, share)) * 1e3
        print(f"a request without prefill, one client: {name} {added:+.2f} ms, directly {_quantile(direct, share) * 1e3:.2f} ms")
    print(f"a request without prefill: {cpu / REQUESTS * 1e6:.0f} µs of processor time", flush=True)
    for name, path, streams in (("each by itself", "/spaced", STREAMS), ("as fast as they come", "/burst", 4)):
        await _streams(pid, path, streams, 3)
        events, cpu, seconds = await _streams(pid, path, streams, 10)
        print(
            f"events, {name}: {events / seconds:,.0f} a second in {streams} streams, {cpu / events * 1e6:.2f} µs of processor time"
            f" each, {events / cpu:,.0f} a second of processor time",
            flush=True,
        )
    for _ in range(3):  # all but the last are to warm up
        text = await _bodies(pid)
    print(text, flush=True)
    await _open(pid)


async def _requests(pid: int) -> tuple[list[float], list[float], float]:
    """The times of requests to the engine and through the sidecar, by turns, and the sidecar's processor time for all."""
    body = b'{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"' + b"word " * 200 + b'"}]}'
    request = b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    connections = [await asyncio.open_connection("127.0.0.1", port) for port in (ENGINE, PORT)]
    times, before = ([], []), Usage.of(pid).cpu_seconds
    for _ in range(REQUESTS):
        for (reader, writer), seen in zip(connections, times):
            began = time.perf_counter()
            writer.write(request)
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(2)
            seen.append(time.perf_counter() - began)
    for _, writer in connections:
        writer.close()
    return *times, Usage.of(pid).cpu_seconds - before


async def _streams(pid: int, path: str, streams: int, seconds: float) -> tuple[int, float, float]:
    """Events, the sidecar's processor time, and the time that it took."""
    count = 0
    end = time.monotonic() + seconds

    async def read() -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 20)
        writer.write(b"GET %s HTTP/1.1\r\nhost: a\r\n\r\n" % path.encode())
        while time.monotonic() < end:
            part = await reader.read(1 << 18)
            count += part.count(b"\n\n")
        writer.close()

    before, began = Usage.of(pid).cpu_seconds, time.monotonic()
    await asyncio.gather(*(read() for _ in range(streams)))
    return count, Usage.of(pid).cpu_seconds - before, time.monotonic() - began


async def _bodies(pid: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    body = b"x" * LONG_BODY
    before = Usage.of(pid).cpu_seconds
    for _ in range(BODIES):
        writer.write(b"POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % LONG_BODY)
        writer.write(body)
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(2)
    cpu = Usage.of(pid).cpu_seconds - before
    writer.close()
    return (
        f"bodies of 20 MB: {BODIES * LONG_BODY / cpu / 1e9:.2f} GB a second of processor time,"
        f" {Usage.of(pid).resident_mib:.0f} MB resident"
    )


async def _open(pid: int) -> None:
    writers = []
    for _ in range(OPEN_STREAMS):
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.write(b"GET /held HTTP/1.1\r\nhost: a\r\n\r\n")
        await reader.readuntil(b"\n\n")
        writers.append(writer)
    print(f"{OPEN_STREAMS:,} open streams: {Usage.of(pid).resident_mib:.0f} MB resident", flush=True)
    for writer in writers:
        writer.close()


def _quantile(times: list[float], share: float) -> float:
    return statistics.quantiles(times, n=1000, method="inclusive")[int(share * 1000) - 1]


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The engine: streams by path, and ``{}`` for what is posted."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1]
            length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
            while length:
                length -= len(await reader.read(min(length, 1 << 20)))
            if path in (b"/spaced", b"/burst", b"/held"):
                await _events(path, writer)
                return
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _events(path: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + CHUNK)
    while True:
        await asyncio.sleep(0.01 if path == b"/spaced" else 0 if path == b"/burst" else 3600)
        writer.write(CHUNK * BURST if path == b"/burst" else CHUNK)
        await writer.drain()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", ENGINE, limit=1 << 20, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
