"""From the fault to the published decision: the same endpoints, watched by all checkers at once."""

import random
import selectors
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .cost import Say
from .faults import Fault, FaultyEndpoints
from .figures import percentile
from .machine import Noise, load
from .peers.base import Peer
from .peers.envoy import Envoy
from .peers.failoverd import Failoverd
from .peers.haproxy import HAProxy
from .process import wait_until
from .watchers import EnvoyEvents, HAProxyLog, RouteFiles, Watcher
from .workload import FAULTY_PORT, Endpoint, Mode, Workload, plain_endpoints

INTERVALS = (1.0, 5.0)
TIMEOUT = 1.0
PRESETS = ("instant", "fast", "balanced")
FAST_INTERVAL = "100ms"
# Faults are this far apart on average, in seconds, so that one does not wait for the harness to make another.
GAP = 0.15
# Checkers run so many intervals before the first fault: evidence and threshold are settled then.
SETTLE_INTERVALS = 8
# Networks of loopback addresses: those that break, and those that stand by, where the responder of the run answers.
FAULTY_NETWORK, STANDBY_NETWORK = 2, 3


@dataclass
class Checker:
    """A checker in one configuration, how it tells, and what it told: endpoint and wall time."""

    peer: Peer
    watcher: Watcher | None
    mode: Mode
    standbys: bool
    noticed: dict[str, float]


def run(
    intervals: Sequence[float] | None,
    faults: Sequence[str] | None,
    runs: int,
    tripwire_runs: int,
    directory: Path,
    say: Say,
) -> list[dict[str, object]]:
    """Every configuration against every fault; then many crashes at 5 s, for the tail."""
    rows: list[dict[str, object]] = []
    chosen = [Fault(value) for value in faults] if faults else list(Fault)
    for interval in intervals or INTERVALS:
        if runs > 0:
            rows += _campaign("all", interval, chosen, runs, directory, say)
    if tripwire_runs > 0 and (not intervals or 5.0 in intervals) and Fault.CRASH in chosen:
        rows += _campaign("tail", 5.0, [Fault.CRASH], tripwire_runs, directory, say)
    return rows


def _peers(campaign: str, directory: Path, names: dict[str, str]) -> tuple[list[Checker], list[str]]:
    """The checkers of a campaign, and the names of those that this build cannot be."""

    def failoverd(preset: str, tripwire: bool = False) -> Checker:
        name = f"failoverd, {preset}" + (" with tripwire" if tripwire else "")
        peer = Failoverd(preset, tripwire).named(name)
        return Checker(peer, None, Mode.PLAIN_FRESH, True, {})

    def haproxy(fast_interval: str | None) -> Checker:
        log = HAProxyLog(directory / f"haproxy-{fast_interval or 'plain'}.log.sock")
        return Checker(HAProxy(fast_interval, log.path), log, Mode.PLAIN_FRESH, False, {})

    if campaign == "tail":
        checkers = [failoverd("instant", True), failoverd("instant"), haproxy(FAST_INTERVAL)]
    else:
        events = EnvoyEvents(directory / "envoy-events", names)
        envoy = Checker(Envoy(events.path), events, Mode.PLAIN_REUSED, False, {})
        checkers = [failoverd("instant", True), *map(failoverd, PRESETS)]
        checkers += [haproxy(None), haproxy(FAST_INTERVAL), envoy]
    unable = [c.peer.name for c in checkers if c.peer.unsupported(c.mode) is not None]
    return [c for c in checkers if c.peer.name not in unable], unable


def _campaign(
    campaign: str, interval: float, faults: Sequence[Fault], runs: int, directory: Path, say: Say
) -> list[dict[str, object]]:
    """All faults at once: each endpoint meets one fault, once, at a random time."""
    place = directory / f"detection-{campaign}-{interval:g}"
    place.mkdir()
    endpoints = plain_endpoints(len(faults) * runs, FAULTY_NETWORK, FAULTY_PORT)
    standbys = plain_endpoints(len(endpoints), STANDBY_NETWORK, prefix="s")
    plan = {endpoint.name: faults[index % len(faults)] for index, endpoint in enumerate(endpoints)}
    checkers, unable = _peers(campaign, place, {e.address: e.name for e in endpoints})
    say(f"detection every {interval:g} s: {len(endpoints)} endpoints, {len(checkers)} checkers")
    faulty = FaultyEndpoints(endpoints)
    noise = Noise.now()
    try:
        _start(checkers, endpoints, standbys, interval, place)
        struck = _strike(checkers, faulty, endpoints, plan, interval, say)
    finally:
        for checker in checkers:
            checker.peer.stop()
            if checker.watcher is not None:
                checker.watcher.close()
        faulty.stop()
        shutil.rmtree(place, ignore_errors=True)
    circumstances = {"load": load(), "stolen_share": Noise.now().stolen_since(noise)}
    rows = [
        {"campaign": campaign, "interval": interval, "checker": name, "note": "not supported by this build"}
        for name in unable
    ]
    for checker in checkers:
        for fault in faults:
            names = [name for name, planned in plan.items() if planned is fault]
            figures = _figures(checker, names, struck)
            say(f"every {interval:g} s, {checker.peer.name}, {fault.value}: {figures}")
            cell = {"campaign": campaign, "interval": interval, "checker": checker.peer.name, "note": None}
            rows.append({**cell, "fault": fault.value, **figures, **circumstances})
    return rows


def _start(
    checkers: Sequence[Checker],
    endpoints: tuple[Endpoint, ...],
    standbys: tuple[Endpoint, ...],
    interval: float,
    place: Path,
) -> None:
    for number, checker in enumerate(checkers):
        paired = standbys if checker.standbys else ()
        work = Workload(endpoints, checker.mode, interval=interval, timeout=TIMEOUT, standbys=paired)
        checker.peer.start(work, place / f"{number}")
    for checker in checkers:
        count = len(endpoints) * (2 if checker.standbys else 1)
        checker.peer.wait_until_healthy(count, patience=30 + 6 * interval)
        if isinstance(checker.peer, Failoverd):
            routes = checker.peer.routes
            wait_until(lambda: len(list(routes.glob("e*"))) == len(endpoints), 10, "route files", checker.peer.program)
            checker.watcher = RouteFiles(routes)
    time.sleep(SETTLE_INTERVALS * interval)


def _strike(
    checkers: Sequence[Checker],
    faulty: FaultyEndpoints,
    endpoints: Sequence[Endpoint],
    plan: dict[str, Fault],
    interval: float,
    say: Say,
) -> dict[str, float]:
    """Makes the faults and notes what is told; returns the wall time of each fault by endpoint."""
    # At least two intervals, so that every phase of the schedules is met.
    window = max(2 * interval, GAP * len(endpoints))
    now = time.time()
    due = sorted((now + 0.5 + random.uniform(0, window), index) for index in range(len(endpoints)))
    # `balanced` needs about 20 s, and peers that miss a fault never tell.
    end = due[-1][0] + 30 + 3 * interval
    struck: dict[str, float] = {}
    with selectors.DefaultSelector() as selector:
        silent = []
        for checker in checkers:
            descriptor = checker.watcher.fileno() if checker.watcher else None
            if descriptor is None:
                silent.append(checker)
            else:
                selector.register(descriptor, selectors.EVENT_READ, checker)
        asked = 0.0
        while (now := time.time()) < end:
            if due and due[0][0] <= now:
                _, index = due.pop(0)
                name = endpoints[index].name
                # Taken before, so that what the fault itself takes counts against the checkers.
                struck[name] = time.time()
                faulty.strike(index, plan[name])
                continue
            soon = min(0.2, max(0.0, due[0][0] - now)) if due else 0.2
            for key, _ in selector.select(soon):
                _note(key.data)
            # Their events carry their own times.
            if now - asked >= 0.2:
                asked = now
                for checker in silent:
                    _note(checker)
            if not due and all(len(c.noticed) == len(endpoints) for c in checkers):
                break
    say(f"{len(struck)} faults made")
    return struck


def _note(checker: Checker) -> None:
    if checker.watcher is not None:
        for name, at in checker.watcher.news():
            checker.noticed.setdefault(name, at)


def _figures(checker: Checker, names: Sequence[str], struck: dict[str, float]) -> dict[str, object]:
    """Delays in seconds; notices before the fault are no detection, they are false."""
    delays = [checker.noticed[n] - struck[n] for n in names if n in checker.noticed and checker.noticed[n] >= struck[n]]
    early = sum(1 for n in names if n in checker.noticed and checker.noticed[n] < struck[n])
    figures: dict[str, object] = {"runs": len(names), "noticed": len(delays), "early": early}
    if delays:
        figures |= {f"p{share}": round(percentile(delays, share / 100), 3) for share in (50, 95, 99)}
        figures["max"] = round(max(delays), 3)
    return figures
