"""The demonstration: requests that share prefixes, and a table of where each went and why."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from http.client import HTTPException

from explain import why, why_stages
from loopback import Answer, call
from stages import Stages

TOPICS = ("tides", "bridges", "bread", "comets")
QUESTIONS = ("Summarise it.", "Which part matters most?", "Explain it to a child.", "What is left out?")
PREFIX_CHARS = 3400  # 13 blocks of 64 tokens, at the picker's estimate of 4 characters a token
ANSWER_TOKENS = 12
COLUMNS = {"request": 24, "decided by": 10, "endpoint": 14, "cached tokens": 15, "why there": 0}  # widths
STAGED_COLUMNS = {"request": 24, "decided by": 10, "prompt on": 12, "answer on": 12, "cached tokens": 15, "why there": 0}


@dataclass
class Row:
    request: str
    endpoint: str = ""
    cached: str = ""
    why: str = ""
    problem: str = ""
    replica: str = ""
    prompt: str = ""


class Demo:
    """Sends the requests one after the other, so that the table reads as a story; rows show as they come."""

    def __init__(
        self,
        gateway_port: int,
        metrics_ports: list[int],
        names_by_port: dict[str, str],
        model: str,
        is_shared: bool,
        colour: bool,
        stages: Stages | None = None,
    ):
        """With several pickers that share nothing, a prefix may well land on several endpoints.

        ``stages`` tells where prompts were computed, where that may be elsewhere than the answer.
        """
        self._stages = stages
        self._columns = STAGED_COLUMNS if stages else COLUMNS
        self._gateway_port = gateway_port
        self._metrics_ports = metrics_ports
        self._is_shared = is_shared
        self._names = names_by_port
        self._model = model
        self._colour = colour
        self._run = f"{time.time_ns():x}"  # keeps the request ids of two runs apart

    def play(self) -> list[str]:
        """Shows the table; returns what went wrong, a sentence each."""
        self._show({column: column for column in self._columns}, "1")
        problems = [self._ask("GET /v1/models", "models", None).problem]
        for topic in TOPICS:
            rows = [self._chat(topic, turn, question) for turn, question in enumerate(QUESTIONS)]
            problems += [row.problem for row in rows]
            endpoints = sorted({row.endpoint for row in rows if row.endpoint})
            if len(endpoints) > 1 and self._is_shared:
                problems.append(f"one prefix on {len(endpoints)} endpoints: {topic} went to {', '.join(endpoints)}")
        return [problem for problem in problems if problem]

    def _chat(self, topic: str, turn: int, question: str) -> Row:
        streaming = turn % 2 == 1
        body = {
            "model": self._model,
            "max_tokens": ANSWER_TOKENS,
            "messages": [{"role": "system", "content": essay(topic)}, {"role": "user", "content": question}],
        }
        if streaming:
            body.update(stream=True, stream_options={"include_usage": True})
        name = f"{topic} {turn + 1}" + (", streamed" if streaming else "")
        return self._ask(name, f"{topic}-{turn + 1}", body)

    def _ask(self, name: str, label: str, body: dict | None) -> Row:
        request_id = f"quickstart-{self._run}-{label}"
        headers = {"content-type": "application/json", "x-request-id": request_id}
        path, data = ("/v1/chat/completions", json.dumps(body).encode()) if body else ("/v1/models", None)
        try:
            answer = call(self._gateway_port, path, data, headers)
            row = self._row(name, request_id, body, answer)
        except (OSError, HTTPException, ValueError, KeyError) as failure:
            row = Row(name, problem=f"{name}: {type(failure).__name__}: {failure}")
        where = (row.prompt, row.endpoint) if self._stages else (row.endpoint,)
        cells = (row.request, row.replica, *where, row.cached, row.problem or row.why)
        self._show(dict(zip(self._columns, cells)), "31" if row.problem else "")
        return row

    def _row(self, name: str, request_id: str, body: dict | None, answer: Answer) -> Row:
        port = answer.headers.get("x-inference-port", "")
        endpoint = self._names.get(port, port or "unknown")
        if answer.status != 200:
            text = answer.body.decode(errors="replace").strip()[:120]
            return Row(name, endpoint, problem=f"{name}: status {answer.status}: {text}")
        if not body:
            return Row(name, endpoint, why="no body to weigh: any endpoint will do")
        usage = _usage(answer.body, bool(body.get("stream")))
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        replica, decision = self._decision(request_id)
        row = Row(name, endpoint, f"{cached} of {usage['prompt_tokens']}", replica=replica)
        if self._stages:
            row.prompt = self._stages.of(decision, endpoint)
            row.why = why_stages(decision, endpoint, row.prompt)
        else:
            row.why = why(decision, endpoint)
        return row

    def _decision(self, request_id: str) -> tuple[str, dict]:
        """Which picker decided, and its record."""
        for index, port in enumerate(self._metrics_ports):
            answer = call(port, "/debug/decisions?request_id=" + request_id)
            if answer.status == 200:
                return f"picker {index}", json.loads(answer.body)
        raise ValueError("no picker was asked about it")  # mode resilient goes on without the picker

    def _show(self, cells: dict[str, str], colour: str) -> None:
        shown = [(cells[column], width) for column, width in self._columns.items() if column != "decided by" or len(self._metrics_ports) > 1]
        text = "  ".join(f"{cell:<{width}}" for cell, width in shown).rstrip()
        print(f"\033[{colour}m{text}\033[0m" if colour and self._colour else text, flush=True)


def essay(topic: str) -> str:
    """A long text that differs from other topics' from its first characters on: a prefix of its own."""
    sentence = f"On {topic}: paragraph %d of the essay on {topic} that every question below is about. "
    text = "".join(sentence % number for number in range(PREFIX_CHARS // len(sentence) + 1))
    return text[:PREFIX_CHARS]


def _usage(body: bytes, streamed: bool) -> dict:
    if not streamed:
        return json.loads(body)["usage"]
    events = [line[len("data: ") :] for line in body.decode().splitlines() if line.startswith("data: ")]
    if not events or events[-1] != "[DONE]":
        raise ValueError("the stream broke off before [DONE]")
    usages = [usage for usage in (json.loads(event).get("usage") for event in events[:-1]) if usage]
    if not usages:
        raise ValueError("the stream carried no usage")
    return usages[-1]
