"""Processes that end with the program that started them, and say why when they end before."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from http.client import HTTPException
from pathlib import Path

from loopback import call

STOP_SECONDS = 5  # after a SIGTERM, before a SIGKILL
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Failed(Exception):
    """A sentence for the user."""


class Processes:
    """A context manager: everything started through it is gone when the block is left, however it is left.

    Each process leads a process group of its own, so that its children die with it and a Ctrl-C at the
    terminal reaches this program only, which then stops them in the right order.
    """

    def __init__(self, logs: Path):
        self._logs = logs
        self._running: list[tuple[str, subprocess.Popen]] = []
        self._starting = False
        self._signal = 0  # one that came while a process was being started
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Processes:
        for number in STOP_SIGNALS:
            signal.signal(number, self._leave)
        return self

    def __exit__(self, *_) -> None:
        _ignore_signals()
        for _, process in reversed(self._running):  # Envoy first: its streams end, so the picker need not wait
            _stop(process)

    def start(self, name: str, argv: list[str], folder: Path | None = None) -> None:
        self._starting = True  # a signal must not come between the birth of a process and its entry in the list
        try:
            with open(self._log(name), "wb") as log:
                process = subprocess.Popen(
                    argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            self._running.append((name, process))
        finally:
            self._starting = False
        if self._signal:
            self._leave(self._signal, None)

    def run(self, name: str, argv: list[str], folder: Path) -> None:
        """Starts one and waits for its end; raises when it fails."""
        self.start(name, argv, folder)
        _, process = self._running[-1]
        if process.wait() != 0:
            raise Failed(self._ended(name, process))
        self._running.pop()

    def pid(self, name: str) -> int:
        """Of the one started last under this name."""
        return next(process.pid for each, process in reversed(self._running) if each == name)

    def stop(self, name: str, seconds: float = STOP_SECONDS) -> None:
        """Asks the one started last under this name to end, and waits for it; after ``seconds`` it is killed."""
        _stop(self._take(name), seconds)

    def kill(self, name: str) -> None:
        """Ends the one started last under this name without a word to it."""
        _stop(self._take(name), 0)

    def _take(self, name: str) -> subprocess.Popen:
        entry = next(entry for entry in reversed(self._running) if entry[0] == name)
        self._running.remove(entry)
        return entry[1]

    def wait_until_ready(self, port: int, path: str, seconds: float) -> None:
        """Waits for a 200 from the process started last."""
        name = self._running[-1][0]
        deadline = time.monotonic() + seconds
        while not _is_ready(port, path):
            self.check()
            if time.monotonic() > deadline:
                raise Failed(f"{name} is not ready after {seconds:.0f} s (port {port}, {path}).\n{self._tail(name)}")
            time.sleep(0.05)

    def wait_until_listening(self, port: int, seconds: float) -> None:
        """Waits until the process started last takes connections."""
        name = self._running[-1][0]
        deadline = time.monotonic() + seconds
        while not _listens(port):
            self.check()
            if time.monotonic() > deadline:
                raise Failed(f"{name} does not listen on port {port} after {seconds:.0f} s.\n{self._tail(name)}")
            time.sleep(0.05)

    def check(self) -> None:
        """Raises when one of them has ended."""
        for name, process in self._running:
            if process.poll() is not None:
                raise Failed(self._ended(name, process))

    def _leave(self, number: int, _) -> None:
        if self._starting:
            self._signal = number
            return
        _ignore_signals()
        raise SystemExit(128 + number)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _ended(self, name: str, process: subprocess.Popen) -> str:
        return f"{name} ended with status {process.returncode}.\n{self._tail(name)}"

    def _tail(self, name: str) -> str:
        lines = self._log(name).read_text(errors="replace").splitlines()[-20:]
        return "\n".join([f"The end of {self._log(name)}:"] + ["  | " + line for line in lines])


def _ignore_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of them behind


def _is_ready(port: int, path: str) -> bool:
    try:
        return call(port, path, seconds=2).status == 200
    except (OSError, HTTPException):
        return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        return True
    except OSError:
        return False


def _stop(process: subprocess.Popen, seconds: float = STOP_SECONDS) -> None:
    if seconds:
        _signal_group(process, signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
    _signal_group(process, signal.SIGKILL)  # the group outlives its leader when a child ignored the first signal
    process.wait()


def _signal_group(process: subprocess.Popen, number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass
