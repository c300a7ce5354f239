"""What a check costs: CPU time and memory of each checker against the same responder."""

import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .certificates import Certificates
from .machine import Noise, load
from .peers.base import Peer
from .peers.envoy import Envoy
from .peers.failoverd import Failoverd
from .peers.haproxy import HAProxy
from .process import Failed
from .responder import UNKNOWN_ROOT_PORT, WRONG_NAME_PORT, Responder
from .workload import TLS_ADDRESS, Endpoint, Mode, Workload, tls_endpoints, workload

SIZES = {
    Mode.PLAIN_FRESH: (100, 1000, 10000),
    Mode.PLAIN_REUSED: (100, 1000, 10000),
    Mode.TLS_FRESH: (100, 1000),
    Mode.TLS_REUSED: (1000,),
}
# Long enough for every start to be over: all verdicts known, all connections made.
WARM_UP = 3.0
# Where it is also measured what failoverd costs with its own share of fresh connections among the kept ones.
SIZE_WITH_SOME_FRESH = 1000
# A busy machine makes a few endpoints late; below this share the figures would be those of failures.
HEALTHY_SHARE = 0.99
Say = Callable[[str], None]


@dataclass(frozen=True)
class Sample:
    """One run of one checker."""

    round: int
    seconds: float
    checks: int
    cpu_us_per_check: float
    core_share: float
    resident_bytes: int
    anonymous_bytes: int
    # Endpoints that the checker called healthy at the end of the run.
    healthy: int
    load: float
    stolen_share: float


def checkers(mode: Mode, size: int) -> list[Peer]:
    peers: list[Peer] = [Failoverd(), HAProxy(), Envoy()]
    if mode.reused and size == SIZE_WITH_SOME_FRESH:
        peers.append(Failoverd(fresh_every=None).named("failoverd, some fresh"))
    return peers


def measure(peer: Peer, work: Workload, responder: Responder, directory: Path, round_: int, seconds: float) -> Sample:
    """Starts the checker, waits until it is settled, and reads the counters before and after the window."""
    try:
        peer.start(work, directory)
        count = len(work.endpoints)
        peer.wait_until_healthy(math.ceil(HEALTHY_SHARE * count), patience=30 + count / 200)
        time.sleep(WARM_UP)
        noise, cpu, requests = Noise.now(), peer.program.cpu_nanoseconds(), responder.requests()
        began = time.monotonic()
        time.sleep(seconds)
        cpu = peer.program.cpu_nanoseconds() - cpu
        checks = responder.requests() - requests
        lasted = time.monotonic() - began
        memory = peer.program.memory()
        stolen = Noise.now().stolen_since(noise)
        peer.program.check_alive()
        return Sample(
            round=round_,
            seconds=lasted,
            checks=checks,
            cpu_us_per_check=cpu / 1000 / max(1, checks),
            core_share=cpu / 1e9 / lasted,
            resident_bytes=memory.resident,
            anonymous_bytes=memory.anonymous,
            healthy=peer.healthy(),
            load=load(),
            stolen_share=stolen,
        )
    finally:
        peer.stop()
        shutil.rmtree(directory, ignore_errors=True)


def run(
    modes: Sequence[Mode],
    sizes: Sequence[int] | None,
    repeat: int,
    seconds: float,
    responder: Responder,
    certificates: Certificates,
    directory: Path,
    say: Say,
) -> list[dict[str, Any]]:
    """All cells; the checkers take turns within each round, so that noise meets all of them alike."""
    cells: list[dict[str, Any]] = []
    for mode in modes:
        for size in sizes or SIZES[mode]:
            if mode.tls and size > max(SIZES[mode]):
                say(f"{mode.value}: at most {max(SIZES[mode])} endpoints")
                continue
            cells += _cells(mode, size, repeat, seconds, responder, certificates, directory, say)
    return cells


def _cells(
    mode: Mode,
    size: int,
    repeat: int,
    seconds: float,
    responder: Responder,
    certificates: Certificates,
    directory: Path,
    say: Say,
) -> list[dict[str, Any]]:
    peers = checkers(mode, size)
    cell = {"mode": mode.value, "endpoints": size}
    cells: dict[str, dict[str, Any]] = {
        peer.name: {**cell, "peer": peer.name, "note": peer.unsupported(mode), "runs": []} for peer in peers
    }
    able = [peer for peer in peers if cells[peer.name]["note"] is None]
    work = workload(mode, size, certificates.ca_file)
    for round_ in range(repeat):
        # Nobody is always first.
        turn = round_ % max(1, len(able))
        for peer in able[turn:] + able[:turn]:
            cell = cells[peer.name]
            try:
                sample = measure(peer, work, responder, directory / "peer", round_, seconds)
            except Failed as error:
                cell["note"] = error.note
                say(f"{mode.value} {size} {peer.name}: {error}")
                continue
            cell["runs"].append(asdict(sample))
            say(
                f"{mode.value} {size} {peer.name}: {sample.cpu_us_per_check:.1f} us/check, "
                f"{sample.checks / sample.seconds:.0f}/s, {sample.resident_bytes / 2**20:.1f} MiB, "
                f"{sample.healthy} healthy, load {sample.load:.1f}"
            )
    return list(cells.values())


def verify_tls(certificates: Certificates, directory: Path, say: Say) -> list[dict[str, Any]]:
    """Shows every checker a good certificate, one for another name, and one of an unknown root."""
    cases = {
        "good": tls_endpoints(1)[0],
        "another name": Endpoint("e00000", TLS_ADDRESS, WRONG_NAME_PORT),
        "unknown root": Endpoint("e00000", TLS_ADDRESS, UNKNOWN_ROOT_PORT),
    }
    rows: list[dict[str, Any]] = []
    for peer in (Failoverd(), HAProxy(), Envoy()):
        row: dict[str, Any] = {"peer": peer.name}
        for case, endpoint in cases.items():
            work = Workload((endpoint,), Mode.TLS_FRESH, ca_file=certificates.ca_file)
            row[case] = _accepts(peer, work, directory / "verify")
        say(f"certificates, {peer.name}: {row}")
        rows.append(row)
    return rows


def _accepts(peer: Peer, work: Workload, directory: Path) -> bool:
    try:
        peer.start(work, directory)
        # A checker that accepts says so within three or four checks.
        peer.wait_until_healthy(1, patience=6)
        return True
    except Failed:
        peer.program.check_alive()
        return False
    finally:
        peer.stop()
        shutil.rmtree(directory, ignore_errors=True)
