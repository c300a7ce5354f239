"""The command line of `bench/run`, and the order of the parts."""

import argparse
import json
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import certificates, cost, detection, machine, namespace, queries, report, soak, windows
from .places import DOCUMENT, RESULTS, SCRATCH, Missing, working_directory
from .process import Failed, raise_file_limit
from .responder import Responder
from .workload import Mode

PARTS = ("cost", "soak", "detection", "queries", "windows")
# 10,000 kept connections, and as many again while each of them is replaced by a fresh one.
OPEN_FILES = 20000


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures failoverd beside its peers.")
    parser.add_argument("--only", metavar="PARTS", help=f"comma-separated parts: {', '.join(PARTS)}")
    modes = [mode.value for mode in Mode]
    parser.add_argument("--mode", action="append", choices=modes, help="cost, soak: only this mode")
    parser.add_argument("--endpoints", type=int, action="append", metavar="N", help="cost, soak, queries: so many")
    parser.add_argument("--seconds", type=float, default=6, metavar="S", help="cost: length of a window (6)")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="cost: rounds (5)")
    parser.add_argument("--minutes", type=float, default=5, metavar="M", help="soak: length (5)")
    parser.add_argument("--runs", type=int, default=15, metavar="N", help="detection: runs of each cell (15)")
    parser.add_argument("--tripwire-runs", type=int, default=200, metavar="N", help="detection: crashes at 5 s (200)")
    faults = [fault.value for fault in detection.Fault]
    parser.add_argument("--fault", action="append", choices=faults, help="detection: only this fault")
    parser.add_argument("--interval", type=float, action="append", metavar="S", help="detection: only this interval")
    parser.add_argument("--render", action="store_true", help="only write the document again, from bench/results.json")
    chosen = parser.parse_args(words)
    chosen.parts = tuple(chosen.only.split(",")) if chosen.only else PARTS
    for part in chosen.parts:
        if part not in PARTS:
            parser.error(f"--only: {part!r} is no part; the parts are {', '.join(PARTS)}")
    return chosen


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


def main() -> int:
    chosen = arguments(sys.argv[1:])
    if chosen.render:
        DOCUMENT.write_text(report.document(json.loads(RESULTS.read_text())))
        return 0
    namespace.enter()
    # So that programs are stopped and files removed, as with Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = working_directory()
    try:
        raise_file_limit(OPEN_FILES)
        results = measure(chosen, directory)
        publish(results, complete=not sys.argv[1:])
    except (Missing, Failed) as error:
        print(f"bench/run: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


def measure(chosen: argparse.Namespace, directory: Path) -> dict[str, Any]:
    began = time.monotonic()
    results: dict[str, Any] = {
        "command": " ".join(["bench/run", *sys.argv[1:]]) if sys.argv[1:] else "make bench",
        "machine": machine.describe(),
        "load_before": machine.load(),
    }
    noise = machine.Noise.now()
    certs = certificates.make(directory / "certificates")
    responder = Responder(directory / "responder", certs, OPEN_FILES - 1000)
    try:
        for part in chosen.parts:
            say(f"part: {part}")
            measure_part(part, chosen, responder, certs, directory, results)
    finally:
        responder.stop()
    results["load_after"] = machine.load()
    results["stolen_share"] = machine.Noise.now().stolen_since(noise)
    results["minutes"] = (time.monotonic() - began) / 60
    return results


def measure_part(
    part: str,
    chosen: argparse.Namespace,
    responder: Responder,
    certs: certificates.Certificates,
    directory: Path,
    results: dict[str, Any],
) -> None:
    match part:
        case "cost":
            modes = [Mode(value) for value in chosen.mode] if chosen.mode else list(Mode)
            if any(mode.tls for mode in modes):
                results["certificates"] = cost.verify_tls(certs, directory, say)
            results["seconds"] = chosen.seconds
            results["cost"] = cost.run(
                modes, chosen.endpoints, chosen.repeat, chosen.seconds, responder, certs, directory, say
            )
        case "soak":
            size = max(chosen.endpoints) if chosen.endpoints else soak.ENDPOINTS
            mode = Mode(chosen.mode[0]) if chosen.mode else Mode.PLAIN_FRESH
            results["soak"] = soak.run(mode, size, chosen.minutes, responder, certs, directory, say)
        case "detection":
            results["detection"] = detection.run(
                chosen.interval, chosen.fault, chosen.runs, chosen.tripwire_runs, directory, say
            )
        case "queries":
            size = max(chosen.endpoints) if chosen.endpoints else queries.ENDPOINTS
            results["queries"] = queries.run(size, responder, directory, say)
        case "windows":
            results["windows"] = windows.run(say)


def publish(results: dict[str, Any], complete: bool) -> None:
    """A complete run becomes the published document; a part of one is for whoever asked for it."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    figures, document = (RESULTS, DOCUMENT) if complete else (SCRATCH / "results.json", SCRATCH / "benchmarks.md")
    figures.write_text(json.dumps(results, indent=1) + "\n")
    document.write_text(report.document(results))
    if not complete:
        print(document.read_text())
    say(f"wrote {document} and {figures}")
