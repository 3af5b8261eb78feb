"""HTTP to this machine. Unlike urllib it never asks a proxy, whatever the environment says."""

from __future__ import annotations

import http.client
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def call(port: int, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, seconds: float = 30) -> Answer:
    """GET, or POST when there is a body. Raises OSError or http.client.HTTPException when no answer comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("POST" if body is not None else "GET", path, body, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
