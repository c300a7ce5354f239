"""The command line of `bench/consumers`."""

import argparse
import json
import shutil
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import machine, namespace
from ..main import say
from ..places import BENCH, ROOT, SCRATCH, Missing, working_directory
from ..process import Failed
from . import campaign, moves, table
from .drivers import all_consumers
from .drivers.base import Consumer

#: A file for each consumer: they are measured one by one.
RESULTS = BENCH / "consumers.d"
DOCUMENT = ROOT / "docs" / "consumers.md"
MOVES = BENCH / "consumers.d" / "moves"
#: The bars that are published; fewer are for trying.
SWITCHES = 20
MANY = 1000


def arguments(words: Sequence[str]) -> argparse.Namespace:
    names = [one.name for one in all_consumers()]
    parser = argparse.ArgumentParser(
        prog="bench/consumers", description="Measures how those who follow failoverd fare in a switch."
    )
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"one of: {', '.join(names)}")
    parser.add_argument("--switches", type=int, default=SWITCHES, metavar="N", help="failovers, and as many back (20)")
    parser.add_argument(
        "--moves", type=int, metavar="N", help="N moves by an operator between healthy endpoints, in place of failovers"
    )
    parser.add_argument("--keep", action="store_true", help="leave the working directory, with all logs")
    parser.add_argument("--render", action="store_true", help="only write the table again, from bench/consumers.d")
    return parser.parse_args(words)


def main() -> int:
    chosen = arguments(sys.argv[1:])
    if chosen.render:
        table.write(DOCUMENT, *_published())
        return 0
    namespace.enter()
    # So that programs are stopped and files removed, as with Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = working_directory()
    failed = False
    try:
        for kind in all_consumers():
            if not chosen.only or kind.name in chosen.only:
                measured = _move if chosen.moves else _measure
                failed = not measured(kind, chosen.moves or chosen.switches, directory / kind.name) or failed
    finally:
        if chosen.keep:
            say(f"kept: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)
    return 1 if failed else 0


def _measure(kind: type[Consumer], switches: int, directory: Path) -> bool:
    return _run(kind, f"{switches} failovers and failbacks", campaign.measure, switches, directory, RESULTS, SWITCHES)


def _move(kind: type[Consumer], count: int, directory: Path) -> bool:
    return _run(kind, f"{count} moves", moves.measure, count, directory, MOVES, MANY)


def _run(
    kind: type[Consumer], what: str, measure: Any, count: int, directory: Path, results: Path, enough: int
) -> bool:
    """One consumer after the other: what is measured is published even if the next one fails."""
    if reason := kind.missing():
        say(f"{kind.name}: not here: {reason}")
        return False
    say(f"{kind.name}: {what}")
    directory.mkdir()
    try:
        result = measure(kind(), count, directory, say)
    except (Missing, Failed, OSError) as error:
        say(f"{kind.name}: {error}")
        return False
    except Exception:
        traceback.print_exc()
        return False
    described = machine.describe()
    result = {"version": kind.version(), "date": described["date"], "load": machine.load(), **result}
    if result["not_sent"]:
        say(f"{kind.name}: the machine was too busy: {result['not_sent']} requests could not be sent; not published")
    _publish(kind.name, result, results, complete=count >= enough and not result["not_sent"])
    return True


def _publish(name: str, result: dict[str, Any], results: Path, complete: bool) -> None:
    """A whole run takes its place in the published table; a short one is for whoever asked for it."""
    directory = results if complete else SCRATCH / results.name
    directory.mkdir(parents=True, exist_ok=True)
    figures = directory / f"{name}.json"
    figures.write_text(json.dumps(result, indent=1) + "\n")
    print(table.render(*([{name: result}, {}] if results == RESULTS else [{}, {name: result}])), flush=True)
    if complete:
        table.write(DOCUMENT, *_published())
    say(f"wrote {figures}")


def _published() -> list[dict[str, Any]]:
    return [{file.stem: json.loads(file.read_text()) for file in place.glob("*.json")} for place in (RESULTS, MOVES)]
