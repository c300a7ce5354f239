"""Many endpoints for minutes: does every probe start, and does its cost stay?"""

import math
import shutil
import time
from pathlib import Path

from .certificates import Certificates
from .cost import HEALTHY_SHARE, WARM_UP, Say, measure
from .machine import Noise, load
from .peers.failoverd import Failoverd
from .process import Failed
from .responder import Responder
from .workload import Mode, workload

ENDPOINTS = 10000
# What the cost per check is compared with, and how long that is measured: at 100 checks a second 10 s would be few.
REFERENCE_ENDPOINTS = 100
REFERENCE_SECONDS = 30.0


def run(
    mode: Mode,
    size: int,
    minutes: float,
    responder: Responder,
    certificates: Certificates,
    directory: Path,
    say: Say,
) -> dict[str, object]:
    daemon = Failoverd()
    note = daemon.unsupported(mode)
    if note is not None:
        return {"note": note}
    try:
        small = workload(mode, REFERENCE_ENDPOINTS, certificates.ca_file)
        reference = measure(daemon, small, responder, directory / "reference", 0, REFERENCE_SECONDS)
        say(f"soak: {reference.cpu_us_per_check:.1f} us/check with {REFERENCE_ENDPOINTS} endpoints")
        work = workload(mode, size, certificates.ca_file)
        daemon.start(work, directory / "soak")
        daemon.wait_until_healthy(math.ceil(HEALTHY_SHARE * size), patience=120)
        time.sleep(WARM_UP)
        figures = _watch(daemon, responder, size, minutes * 60, say)
    except Failed as error:
        say(f"soak: {error}")
        return {"note": error.note}
    finally:
        daemon.stop()
        shutil.rmtree(directory / "soak", ignore_errors=True)
    return {
        "note": None,
        "mode": mode.value,
        "endpoints": size,
        "reference_us_per_check": reference.cpu_us_per_check,
        **figures,
    }


def _watch(daemon: Failoverd, responder: Responder, size: int, seconds: float, say: Say) -> dict[str, object]:
    """Counts at the responder; the lowest rate within any ten seconds shows a stall that the sum would hide."""
    noise, cpu, first = Noise.now(), daemon.program.cpu_nanoseconds(), responder.requests()
    began = time.monotonic()
    counts = [(began, first)]
    while counts[-1][0] - began < seconds:
        time.sleep(min(10.0, max(0.1, seconds - (counts[-1][0] - began))))
        daemon.program.check_alive()
        counts.append((time.monotonic(), responder.requests()))
    cpu = daemon.program.cpu_nanoseconds() - cpu
    lasted = counts[-1][0] - began
    checks = counts[-1][1] - first
    memory = daemon.program.memory()
    rates = [(later[1] - sooner[1]) / (later[0] - sooner[0]) for sooner, later in zip(counts, counts[1:])]
    scheduled = round(size * lasted)
    say(f"soak: {checks} of {scheduled} checks, {cpu / 1000 / max(1, checks):.1f} us each")
    return {
        "seconds": lasted,
        "scheduled": scheduled,
        "checks": checks,
        "missed": max(0, scheduled - checks),
        "lowest_rate": min(rates),
        "cpu_us_per_check": cpu / 1000 / max(1, checks),
        "core_share": cpu / 1e9 / lasted,
        "resident_bytes": memory.resident,
        "anonymous_bytes": memory.anonymous,
        "healthy": daemon.healthy(),
        "load": load(),
        "stolen_share": Noise.now().stolen_since(noise),
    }
