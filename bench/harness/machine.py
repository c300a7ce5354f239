"""What the run ran on, and how quiet that was."""

import os
import platform
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .places import Missing, ROOT, envoy_binary, project_binary, system_binary
from .process import output_of


def describe() -> dict[str, object]:
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_mib": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20,
        "kernel": f"{platform.system()} {platform.release()}",
        "versions": _versions(),
    }


def _processor() -> str:
    match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match[1] if match else platform.machine()


def _versions() -> dict[str, str]:
    def first_line(find, name: str, flag: str) -> str:
        try:
            return output_of([find(name), flag]) or "unknown"
        except Missing:
            return "not installed"

    envoy = first_line(lambda _: envoy_binary(), "envoy", "--version")
    numbers = re.search(r"version: \w+/(\d+\.\d+\.\d+)/.*/(\w+)$", envoy)
    return {
        "failoverd": f"{first_line(project_binary, 'failoverd', '--version')} ({_commit()})",
        "HAProxy": re.sub(r"^HAProxy version (\S+).*", r"\1", first_line(system_binary, "haproxy", "-v")),
        "Envoy": f"{numbers[1]} ({numbers[2]})" if numbers else envoy,
        "nginx (responder)": first_line(system_binary, "nginx", "-v").removeprefix("nginx version: "),
        "OpenSSL": first_line(system_binary, "openssl", "version"),
        "Python": platform.python_version(),
    }


def _commit() -> str:
    commit = output_of(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"]) or "no commit"
    changed = output_of(["git", "-C", ROOT, "status", "--porcelain", "--", "Sources", "Package.swift"])
    return f"{commit}, with changes" if changed else commit


@dataclass(frozen=True)
class Noise:
    """The machine's counters at one instant."""

    stolen_ticks: int
    all_ticks: int

    @classmethod
    def now(cls) -> "Noise":
        ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return cls(stolen_ticks=ticks[7], all_ticks=sum(ticks))

    def stolen_since(self, earlier: "Noise") -> float:
        """The share of all cores' time that other guests of the host took; 0...1."""
        return (self.stolen_ticks - earlier.stolen_ticks) / max(1, self.all_ticks - earlier.all_ticks)


def load() -> float:
    """Load average of the last minute."""
    return os.getloadavg()[0]
