"""Where prompts were computed: what the model servers themselves counted, compared with what the picker decided."""

from __future__ import annotations

import json

from loopback import call


class Stages:
    """Looks at the counters of all model servers after each request; there must be no other traffic."""

    def __init__(self, ports_by_name: dict[str, int]):
        self._ports = ports_by_name
        self._seen = self._counters()

    def of(self, decision: dict, endpoint: str) -> str:
        """Which model server computed the prompt of the last request.

        Raises ValueError when that is not what the picker decided, or the blocks did not get to the endpoint.
        """
        before, self._seen = self._seen, self._counters()
        computed = [name for name in self._ports if self._rise(before, name, "computed_for_others")]
        received = [name for name in self._ports if self._rise(before, name, "received")]
        decided = [
            profile["pick"]["endpoints"][0].rsplit("/", 1)[-1] for profile in decision["profiles"] if profile["role"] != "primary"
        ]
        if computed != decided or received != ([endpoint] if decided else []):
            raise ValueError(f"decided for {decided or 'no one'}, computed on {computed}, blocks received by {received}")
        return computed[0] if computed else endpoint

    def _rise(self, before: dict[str, dict[str, int]], name: str, counter: str) -> int:
        return self._seen[name][counter] - before[name][counter]

    def _counters(self) -> dict[str, dict[str, int]]:
        return {name: json.loads(call(port, "/admin/stats").body)["kv_transfers"] for name, port in self._ports.items()}
