"""Finds a Redis server: on the PATH, else the one that the tests use, which comes in a Java archive."""

from __future__ import annotations

import platform
import shutil
import subprocess
import zipfile
from pathlib import Path

ARTEFACT = "com.github.codemonstur:embedded-redis:1.4.3"
SYSTEMS = {  # what the archive calls them
    ("Linux", "x86_64"): "linux-amd64",
    ("Linux", "aarch64"): "linux-arm64",
    ("Darwin", "x86_64"): "darwin-amd64",
    ("Darwin", "arm64"): "darwin-arm64",
}


class NoRedis(Exception):
    """A sentence for the user."""


def find_redis(tools: Path) -> str:
    """A path to start it by. What has to be fetched goes below ``tools``."""
    installed = shutil.which("redis-server") or shutil.which("valkey-server")
    if installed:
        return installed
    binary = tools / "redis-server"
    if not binary.exists():
        _unpack(_archive(tools), binary)
    return str(binary)


def _archive(tools: Path) -> Path:
    group, name, version = ARTEFACT.split(":")
    known = Path.home() / ".m2/repository" / group.replace(".", "/") / name / version / f"{name}-{version}.jar"
    if known.exists():
        return known
    if not shutil.which("mvn"):
        raise NoRedis("There is no redis-server on the PATH, and no Maven to fetch one: install either.")
    tools.mkdir(parents=True, exist_ok=True)
    fetch = ["mvn", "-q", "-B", "-ntp", "dependency:copy", f"-Dartifact={ARTEFACT}", f"-DoutputDirectory={tools}"]
    if subprocess.run(fetch, cwd=tools, stdin=subprocess.DEVNULL).returncode != 0:
        raise NoRedis(f"There is no redis-server on the PATH, and {ARTEFACT} could not be fetched: install redis-server.")
    return tools / f"{name}-{version}.jar"


def _unpack(archive: Path, binary: Path) -> None:
    system = SYSTEMS.get((platform.system(), platform.machine()))
    with zipfile.ZipFile(archive) as jar:
        names = [name for name in jar.namelist() if system and name.startswith("redis-server") and name.endswith(system)]
        if not names:
            raise NoRedis(f"There is no redis-server on the PATH, and none for {platform.machine()} in {ARTEFACT}: install one.")
        binary.parent.mkdir(parents=True, exist_ok=True)
        half = binary.with_suffix(".half")
        half.write_bytes(jar.read(names[0]))
    half.chmod(0o755)
    half.rename(binary)
