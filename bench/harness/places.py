"""Where things are in the checkout, and where a run keeps its files."""

import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
RESULTS = BENCH / "results.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
# A run of single parts leaves the published document alone and writes here.
SCRATCH = ROOT / ".run" / "bench"
# `make bench` installs Envoy here, and `make run` may clear it.
ENVOY_PACKAGE = ROOT / ".build" / "envoy"
BINARIES = Path(os.environ.get("FAILOVERD_BIN", ROOT / ".build" / "release"))


class Missing(Exception):
    """A program that the run needs is not there."""


def project_binary(name: str) -> Path:
    path = BINARIES / name
    if not path.exists():
        raise Missing(f"{path} is missing; `make release` builds it")
    return path


def system_binary(name: str) -> Path:
    # Debian keeps daemons where an ordinary user's PATH does not look.
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        raise Missing(f"{name} is missing; `make bench` installs it")
    return Path(found)


def envoy_binary() -> Path:
    """The program itself: the command of the Python package is a slow wrapper around it."""
    # An interpreter without a venv may have the package, too.
    bases = [ENVOY_PACKAGE / "lib", Path(os.__file__).parent.parent]
    for base in bases:
        for path in sorted(base.glob("python3*/site-packages/envoy/_bin/envoy")):
            return path
    raise Missing("envoy is missing; `make bench` installs it")


def working_directory() -> Path:
    """A new directory with a short name: paths of Unix sockets are limited to 107 bytes."""
    return Path(tempfile.mkdtemp(prefix="fo-bench-"))
