"""Chat completions at a steady pace through a gateway, whether or not earlier ones have been answered."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Callable

from loopback import call

MODEL = "m"
ANSWER_SECONDS = 60


@dataclass
class Asked:
    """One request; times in seconds of time.monotonic(). Status 0: the connection broke off."""

    number: int
    id: str
    sent: float
    ended: float
    status: int
    prompt_tokens: int = 0
    cached_tokens: int = 0

    @property
    def has_failed(self) -> bool:
        return self.status != 200


@dataclass
class Prompt:
    shared: str
    own: str
    answer_tokens: int

    def body(self) -> bytes:
        messages = [{"role": "system", "content": self.shared}, {"role": "user", "content": self.own}]
        return json.dumps({"model": MODEL, "max_tokens": self.answer_tokens, "ignore_eos": True, "messages": messages}).encode()


def words(seed: object, characters: int) -> str:
    """Words of three letters: pickers estimate four characters a token, simulators count words, and both agree."""
    source, letters = random.Random(repr(seed)), "abcdefghijklmnopqrstuvwxyz"
    return "".join("".join(source.choices(letters, k=3)) + " " for _ in range(characters // 4))


@dataclass
class OpenLoop:
    """Runs beside the caller from ``start`` to ``stop``."""

    port: int
    rate: float
    prompts: Callable[[int], Prompt]
    most: int = 1 << 62
    answered: list[Asked] = field(default_factory=list)  # appended to by many threads
    sent: int = 0
    _closing: bool = False
    _name: str = ""

    def start(self) -> OpenLoop:
        self._name = f"bench-{time.time_ns():x}"
        self._sender = threading.Thread(target=self._send)
        self._sender.start()
        return self

    def stop(self) -> list[Asked]:
        """Sends no more, and waits for the answers that are to come."""
        self._closing = True
        return self.finish()

    def finish(self) -> list[Asked]:
        """Waits until all have been sent and answered."""
        self._sender.join()
        return self.answered

    def _send(self) -> None:
        began, asking = time.monotonic(), []
        while self.sent < self.most and not self._closing:
            time.sleep(max(0.0, began + self.sent / self.rate - time.monotonic()))
            asking.append(threading.Thread(target=self._ask, args=(self.sent,)))
            self.sent += 1
            asking[-1].start()
        for each in asking:
            each.join()

    def _ask(self, number: int) -> None:
        request_id = f"{self._name}-{number}"
        body = self.prompts(number).body()
        sent, status, usage = time.monotonic(), 0, {}
        try:
            headers = {"content-type": "application/json", "x-request-id": request_id}
            answer = call(self.port, "/v1/chat/completions", body, headers, ANSWER_SECONDS)
            status = answer.status
            usage = json.loads(answer.body)["usage"] if status == 200 else {}
        except (OSError, HTTPException, ValueError):
            status = 0
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        self.answered.append(
            Asked(number, request_id, sent, time.monotonic(), status, usage.get("prompt_tokens", 0), cached))


def percent_cached(answered: list[Asked]) -> float:
    return 100 * sum(asked.cached_tokens for asked in answered) / max(1, sum(asked.prompt_tokens for asked in answered))
