"""The bars that failoverd has to clear, and whether it did."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .cost import HEALTHY_SHARE
from .peers.failoverd import NOT_IN_THIS_BUILD

OURS = "failoverd"
MIB = 2**20
# Counting at both ends of a window is late by some milliseconds of a schedule of 10,000 checks a second.
MISSED_TOLERANCE = 0.0005


@dataclass(frozen=True)
class Bar:
    text: str
    found: str
    # `None` if it was not measured.
    met: bool | None


def judge(results: dict[str, Any]) -> list[Bar]:
    return [*_costs(results.get("cost", [])), *_soak(results.get("soak")), *_detection(results.get("detection", []))]


def paired_ratio(cells: Iterable[dict[str, Any]], mode: str, size: int, peer: str) -> float | None:
    """Median over the rounds of failoverd's cost per check divided by the peer's; only rounds where both were well."""
    ours, theirs = _clean_runs(cells, mode, size, OURS), _clean_runs(cells, mode, size, peer)
    ratios = [ours[round_] / theirs[round_] for round_ in ours if theirs.get(round_)]
    return statistics.median(ratios) if ratios else None


def _clean_runs(cells: Iterable[dict[str, Any]], mode: str, size: int, peer: str) -> dict[int, float]:
    """Cost per check by round; a checker whose checks fail does other work, which is no cost of a check."""
    return {
        run["round"]: run["cpu_us_per_check"]
        for cell in cells
        if (cell["mode"], cell["endpoints"], cell["peer"]) == (mode, size, peer)
        for run in cell["runs"]
        if run["healthy"] >= HEALTHY_SHARE * size
    }


def _notes(cells: Iterable[dict[str, Any]], mode: str) -> set[str | None]:
    return {cell["note"] for cell in cells if cell["mode"] == mode and cell["peer"] == OURS}


_COSTS = (
    ("plain-fresh", "Plain, fresh", "HAProxy", 1.5),
    ("plain-fresh", "Plain, fresh", "Envoy", 1.0),
    ("plain-reused", "Plain, reused", "Envoy", 1.0),
    ("tls-fresh", "TLS 1.3, fresh", "HAProxy", 0.75),
    ("tls-fresh", "TLS 1.3, fresh", "Envoy", 1.0),
)


def _costs(cells: list[dict[str, Any]]) -> list[Bar]:
    """A bar holds at every size: the worst one is shown beside it."""
    bars = []
    for mode, title, peer, limit in _COSTS:
        sizes = sorted({cell["endpoints"] for cell in cells if cell["mode"] == mode})
        ratios = {size: paired_ratio(cells, mode, size, peer) for size in sizes}
        known = {size: ratio for size, ratio in ratios.items() if ratio is not None}
        found = [f"{ratio:.2f} at {size:,}" for size, ratio in known.items()]
        met = max(known.values()) <= limit if known else None
        for size in sizes:
            if size not in known and NOT_IN_THIS_BUILD not in _notes(cells, mode):
                ours = bool(_clean_runs(cells, mode, size, OURS))
                found.append(f"{peer if ours else OURS} not well at {size:,}")
                # Where only the peer fails there is nothing to compare, and nothing to blame on failoverd.
                met = met if ours else False
        text = f"{title}: at most {limit:g} times the CPU per check of {peer}, at every size"
        bars.append(Bar(text, ", ".join(found) or "not measured", met))
    return bars


def _soak(soak: dict[str, Any] | None) -> list[Bar]:
    measured = soak is not None and soak.get("note") is None
    s: dict[str, Any] = soak if measured and soak is not None else {}
    size = "10,000 endpoints for 5 minutes"
    if s:
        size = f"{s['endpoints']:,} endpoints for {s['seconds'] / 60:.1f} minutes"
    why = "not measured" if soak is None else str(soak.get("note"))

    def bar(text: str, found: str, met: bool) -> Bar:
        return Bar(f"{size}: {text}", found, met)

    if not s:
        return [Bar(f"{size}: no missed schedule, under one core, under 200 MB, at most 1.3 times the cost", why, None)]
    missed = s["missed"] / s["scheduled"]
    growth = s["cpu_us_per_check"] / s["reference_us_per_check"]
    return [
        bar("no missed schedule", f"{s['missed']:,} of {s['scheduled']:,} ({missed:.2%})", missed <= MISSED_TOLERANCE),
        bar("under one core", f"{s['core_share']:.0%} of a core", s["core_share"] < 1),
        bar("under 200 MB", f"{s['resident_bytes'] / 1e6:.0f} MB resident", s["resident_bytes"] < 200e6),
        bar("cost per check at most 1.3 times that with 100 endpoints", f"{growth:.2f} times", growth <= 1.3),
    ]


def _detection(rows: list[dict[str, Any]]) -> list[Bar]:
    text = "Crash to published move, preset instant with tripwire, every 5 s: p99 at most 800 ms"
    for row in rows:
        if row["campaign"] == "tail" and row["checker"] == "failoverd, instant with tripwire":
            if row["note"] is not None:
                return [Bar(text, row["note"], None)]
            complete = row["noticed"] == row["runs"]
            found = f"{row['p99'] * 1000:.0f} ms in {row['noticed']} of {row['runs']} runs" if "p99" in row else "never"
            return [Bar(text, found, complete and row.get("p99", 1e9) <= 0.8)]
    return [Bar(text, "not measured", None)]
