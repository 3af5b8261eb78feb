"""What browsers that watch the live page cost: the picker's processor time at 500 requests/s, by turns with them and without."""

from __future__ import annotations

import selectors
import socket
import statistics
import subprocess
import threading
import time

from processes import Failed

RATE = 500
TURNS = 4
METRICS = 19090


class Watchers:
    """Connections that read the page's events and throw them away."""

    def __init__(self, count: int):
        self.open = [socket.create_connection(("127.0.0.1", METRICS)) for _ in range(count)]
        self.bytes = 0
        self._is_over = threading.Event()
        self._selector = selectors.DefaultSelector()
        for one in self.open:
            one.sendall(b"GET /live/events HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n")
            if b" 200 " not in one.recv(4096):
                raise Failed("a watcher was refused")
            self._selector.register(one, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._is_over.is_set():
            for key, _ in self._selector.select(0.2):
                part = key.fileobj.recv(1 << 18)
                self.bytes += len(part)
                if not part:
                    self._selector.unregister(key.fileobj)

    def left(self) -> int:
        return len(self._selector.get_map())

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()
        for one in self.open:
            one.close()


def run(bench, count: int, seconds: float, warm_up: float) -> None:
    bench.pages(4, 4000)
    bench.picker(4)
    load = subprocess.Popen(
        bench.load_command(["--concurrency", "64", "--rate", str(RATE)], 1, 100_000), stdout=subprocess.DEVNULL)
    try:
        with_them(bench, count, 3 * warm_up)  # at this rate the compilers take their time
        shares: dict[bool, list[float]] = {False: [], True: []}
        for turn in range(2 * TURNS):
            is_watched = turn % 4 in (1, 2)
            share, sent, left = with_them(bench, count if is_watched else 0, seconds)
            shares[is_watched].append(share)
            watched = f"{left} of {count} watchers, {sent / seconds / 1e6:.2f} MB/s" if is_watched else "none"
            print(f"{watched:>36}: {share:6.1%} of a core, {bench.usage().resident_mib:.0f} MB resident", flush=True)
        without, watched = (statistics.median(each) for each in shares.values())
        print(f"medians: {without:.1%} without, {watched:.1%} with {count}: {watched - without:+.1%} of a core")
    finally:
        load.terminate()


def with_them(bench, count: int, seconds: float) -> tuple[float, int, int]:
    """The share of a core that the picker took, bytes that were sent to watchers, and how many of them are left."""
    watchers = Watchers(count)
    time.sleep(1)  # what each is shown at first is not counted
    before, sent = bench.usage().cpu_seconds, watchers.bytes
    began = time.monotonic()
    time.sleep(seconds)
    share = (bench.usage().cpu_seconds - before) / (time.monotonic() - began)
    sent, left = watchers.bytes - sent, watchers.left()
    watchers.close()
    time.sleep(2)  # a connection that is gone holds its place until something is written to it
    return share, sent, left
