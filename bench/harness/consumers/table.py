"""Results to the table in docs/consumers.md."""

import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import tables
from .drivers import all_consumers

BEGIN = "<!-- made by bench/consumers --render from bench/consumers.d -->"
END = "<!-- end of what is made -->"


SWITCHES = ["in a switch", "failover", "failback", "all traffic moved", "lost before", "lost after", "lost in failbacks"]
ALONE = [
    "without failoverd", "lost when killed", "stopped", "restarted", "a stale state", "then its endpoint crashes: lost",
    "the last of them after",
]
MOVES = ["many moves", "moves", "one each", "followed", "behind", "requests", "lost", "by an unknown endpoint", "complaints"]


def write(document: Path, results: dict[str, Any], moves: dict[str, Any]) -> None:
    """Replaces what is between the marks."""
    text = document.read_text()
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise SystemExit(f"{document}: the marks of the table are missing: {BEGIN} and {END}")
    document.write_text(f"{before}{BEGIN}\n\n{render(results, moves)}\n\n{END}{after}")


def render(results: dict[str, Any], moves: dict[str, Any]) -> str:
    """Without the tables that have no rows."""
    switches, alone, notes = [], [], []
    for consumer in all_consumers():
        result = results.get(consumer.name)
        if result is None:
            continue
        switches.append(_switches(consumer.title, result))
        alone.append(_alone(consumer.title, result))
        notes.append(
            f"- {consumer.title}: {consumer.follows_by}. {result['version']}; {result['rate']:.0f} requests a second, "
            f"{result['requests']} in all; {len(result['failovers'])} failovers; {result['date']}, load {result['load']:.1f}."
        )
    many = [_moves(one.title, moves[one.name]) for one in all_consumers() if one.name in moves]
    parts = [(SWITCHES, switches), (ALONE, alone), (MOVES, many)]
    texts = [tables.table(head, rows) for head, rows in parts if rows]
    return "\n\n".join([*texts, "\n".join(notes)]).rstrip()


def _switches(title: str, result: dict[str, Any]) -> list[str]:
    over, back = result["failovers"], result["failbacks"]
    return [
        title,
        _times([one["first_ms"] for one in over]),
        _times([one["first_ms"] for one in back]),
        _times([one["moved_ms"] for one in [*over, *back]]),
        _losses(one["lost_before"] for one in over),
        _losses(one["lost_after"] for one in over),
        _losses(one["lost_before"] + one["lost_after"] for one in back),
    ]


def _alone(title: str, result: dict[str, Any]) -> list[str]:
    return [
        title,
        str(result["killed"]["lost"]),
        str(result["stopped"]["lost"]),
        str(result["restarted"]["lost"]),
        _stale(result["stale"]),
        *_crash(result["alone"]),
    ]


def _times(values: list[float | None]) -> str:
    """Median and maximum; a switch that was not followed is a maximum without end."""
    known = [value for value in values if value is not None]
    if not known:
        return "never"
    text = f"{statistics.median(known):.0f} / {max(known):.0f} ms"
    missing = len(values) - len(known)
    return text + (f" ({missing} never)" if missing else "")


def _losses(values: Iterable[int]) -> str:
    numbers = list(values)
    return f"{sum(numbers)} (at most {max(numbers)} in one)" if any(numbers) else "0"


def _stale(stale: dict[str, Any]) -> str:
    now = [name for name in stale["now"] if not name.startswith("!")]
    if now == [stale["was"]]:
        return "stays where it was"
    return "its own order" if stale["was"] not in now else "its own choice among all"


def _crash(alone: dict[str, Any]) -> list[str]:
    """Requests lost, and from the crash to the first request after which none was lost any more."""
    if any(name.startswith("!") for name in alone["now"]):
        return [f"{alone['lost']} of {alone['sent']}", "still losing"]
    if not alone["lost"]:
        return ["0", ""]
    return [str(alone["lost"]), f"{alone['last_lost_ms']:.0f} ms"]


def _moves(title: str, result: dict[str, Any]) -> list[str]:
    complaints = ", ".join(f"{what}: {count}" for what, count in result["complaints"].items() if count)
    return [
        title,
        str(result["moves"]),
        f"{result['seconds'] / result['moves']:.1f} s",
        str(result["followed"]),
        f"{result['longest_behind_ms']:.0f} ms",
        str(result["requests"]),
        str(result["lost"]),
        str(result["unknown"]),
        complaints or "none",
    ]
