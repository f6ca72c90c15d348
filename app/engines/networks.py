"""The engines that ask a network, from settings."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.engines.base import Engine
from app.engines.nninteractive import NnInteractive
from app.engines.nninteractive_remote import RemoteNnInteractive

_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#@]*)?")


def network_engines(settings: Mapping[str, Any]) -> dict[str, Engine]:
    """By name; they are here also where they have no weights or servers, and say so in their capabilities."""
    folder = settings["NNINTERACTIVE_MODEL_DIR"]
    local = NnInteractive(
        Path(folder) if folder else None,
        device=settings["NNINTERACTIVE_DEVICE"],
        memory=settings["ENGINE_MEMORY"],
        most=settings["ENGINE_SESSIONS"],
    )
    servers = settings["NNINTERACTIVE_SERVERS"].replace(",", " ").split()
    for address in servers:
        if not _ADDRESS.fullmatch(address):
            # The address may hold a password where it is not one: it is not repeated.
            raise ValueError("NNINTERACTIVE_SERVERS holds something that is no http:// or https:// address")
    remote = RemoteNnInteractive(servers, api_key=settings["NNINTERACTIVE_API_KEY"])
    return {engine.name: engine for engine in (local, remote)}
