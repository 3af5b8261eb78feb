"""Addresses on this machine, in the words of Envoy's configuration."""

from __future__ import annotations

import json


def model_servers(ports: list[int]) -> str:
    """For ``MODEL_SERVERS`` of the templates in deploy/envoy."""
    return json.dumps([{"endpoint": {"address": _address(port)}} for port in ports])


def pickers(ports: list[tuple[int, int]], tls: bool = False) -> str:
    """For ``PICKERS`` of the templates: the ext-proc and the health port of each."""
    return json.dumps([
        {
            "endpoint": {"address": _address(port), "health_check_config": {"port_value": health}},
            "metadata": {"filter_metadata": {"envoy.transport_socket_match": {"tls": tls}}},
        }
        for port, health in ports
    ])


def _address(port: int) -> dict:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
