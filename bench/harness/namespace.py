"""A network namespace of the run's own, so that it disturbs nobody and every port is free."""

import os
import subprocess
import sys
from pathlib import Path

from .places import system_binary

MARK = "FAILOVERD_BENCH_NAMESPACE"
TABLE = "inet bench"


def enter() -> None:
    """Starts this program again inside a new namespace, unless it is inside one already."""
    if os.environ.get(MARK):
        _prepare()
        return
    command = [str(system_binary("unshare")), "--net"]
    if os.geteuid() != 0:
        command += ["--user", "--map-root-user"]
    environment = {**os.environ, MARK: "1"}
    sys.stdout.flush()
    os.execve(command[0], [*command, sys.executable, *sys.argv], environment)


def _prepare() -> None:
    subprocess.run([system_binary("ip"), "link", "set", "lo", "up"], check=True)
    # Fresh connections leave a port in TIME_WAIT for 60 s; the namespace has nobody else who needs ports.
    Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("30000 65000")
    Path("/proc/sys/net/core/somaxconn").write_text("8192")


class BlackHoles:
    """Addresses whose packets vanish in both directions."""

    def __init__(self) -> None:
        self._nft = system_binary("nft")
        self._run(
            f"add table {TABLE}; add set {TABLE} gone {{ type ipv4_addr; }};"
            f"add chain {TABLE} out {{ type filter hook output priority 0; }};"
            f"add rule {TABLE} out ip daddr @gone drop; add rule {TABLE} out ip saddr @gone drop"
        )

    def add(self, address: str) -> None:
        self._run(f"add element {TABLE} gone {{ {address} }}")

    def remove(self) -> None:
        self._run(f"delete table {TABLE}")

    def _run(self, script: str) -> None:
        subprocess.run([self._nft, script], check=True, capture_output=True)
