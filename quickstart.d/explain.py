"""One line out of a decision record of the picker: what each scorer said of the endpoint that was picked."""

from __future__ import annotations

import json
from typing import Iterator


def why(answer: bytes, endpoint: str, port: str) -> str:
    """A summary such as ``prefix-cache 0.93 x3, queue 1.00 x2``; empty when the record says nothing of scorers."""
    try:
        decision = json.loads(answer)
    except ValueError:
        return ""
    parts = []
    for scorer in _scorers(decision):
        value = _score_of(scorer.get("scores"), endpoint, port)
        if value is not None:
            name = str(scorer.get("name", "?"))
            name = name[: -len("-scorer")] if name.endswith("-scorer") else name
            parts.append((scorer.get("weight", 1), f"{name} {value:.2f} x{scorer.get('weight', 1):g}"))
    return ", ".join(text for _, text in sorted(parts, key=lambda part: -part[0]))


def _scorers(node: object) -> Iterator[dict]:
    """Every object in a list called ``scorers``, wherever it stands in the record."""
    if isinstance(node, list):
        for element in node:
            yield from _scorers(element)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "scorers" and isinstance(value, list):
                yield from (scorer for scorer in value if isinstance(scorer, dict))
            else:
                yield from _scorers(value)


def _score_of(scores: object, endpoint: str, port: str) -> float | None:
    """By endpoint name or address, from a map or from a list of records."""
    if isinstance(scores, list):
        named = ((str(s.get("endpoint", s.get("address", ""))), s.get("score", s.get("value"))) for s in scores if isinstance(s, dict))
    elif isinstance(scores, dict):
        named = iter(scores.items())
    else:
        return None
    for name, value in named:
        if isinstance(value, (int, float)) and (endpoint in name or name.endswith(":" + port)):
            return float(value)
    return None
