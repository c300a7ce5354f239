"""How long a question over the socket takes while the daemon is busy."""

import math
import shutil
import time
from pathlib import Path

from .cost import HEALTHY_SHARE, Say
from .figures import percentile
from .local_http import get
from .machine import load
from .peers.failoverd import Failoverd
from .process import Failed
from .responder import Responder
from .workload import Mode, workload

ENDPOINTS = 10000
QUESTIONS = 200
# Between two questions, in seconds: an even pace, so that they meet every phase of the daemon.
PAUSE = 0.02
TARGETS = ("/v1/routes/r0000/active", "/v1/status")


def run(size: int, responder: Responder, directory: Path, say: Say) -> dict[str, object]:
    """Fresh connections over the Unix socket, one question after the other."""
    # The cheaper probes leave the machine to the questions, and the rate is the same.
    daemon = Failoverd()
    mode = Mode.PLAIN_REUSED if daemon.unsupported(Mode.PLAIN_REUSED) is None else Mode.PLAIN_FRESH
    try:
        daemon.start(workload(mode, size, None), directory / "queries")
        daemon.wait_until_healthy(math.ceil(HEALTHY_SHARE * size), patience=90)
        time.sleep(3)
        began, requests = time.monotonic(), responder.requests()
        rows = [_ask(daemon, target) for target in TARGETS]
        rate = (responder.requests() - requests) / (time.monotonic() - began)
    except Failed as error:
        say(f"queries: {error}")
        return {"note": error.note, "rows": []}
    finally:
        daemon.stop()
        shutil.rmtree(directory / "queries", ignore_errors=True)
    for row in rows:
        say(f"{row['target']}: p50 {row['p50_ms']:.2f} ms, p99 {row['p99_ms']:.2f} ms at {rate:.0f} probes/s")
    return {"note": None, "mode": mode.value, "endpoints": size, "probes_per_s": rate, "load": load(), "rows": rows}


def _ask(daemon: Failoverd, target: str) -> dict[str, object]:
    delays: list[float] = []
    size = 0
    for _ in range(QUESTIONS):
        began = time.perf_counter()
        size = len(get(daemon.socket, target))
        delays.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE)
    return {
        "target": "GET " + target.replace("r0000", "NAME"),
        "questions": QUESTIONS,
        "bytes": size,
        "p50_ms": percentile(delays, 0.5),
        "p99_ms": percentile(delays, 0.99),
        "max_ms": max(delays),
    }
