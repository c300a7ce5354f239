"""Real requests, by a program of its own that tells of each in a line.

A load program sends RATE requests a second, at fixed times and not one after the other, until it gets SIGTERM, and writes
a line for each one that has ended:

    STARTED ENDED OUTCOME

Times are nanoseconds of CLOCK_MONOTONIC. OUTCOME is the name of the region that answered (its header `x-region`, or what
its answer says), or `!` and a word for what went wrong. A request that could not be sent in time is one that went wrong.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..process import Program, wait_until


@dataclass(frozen=True, order=True)
class Request:
    started: int
    ended: int
    #: The region that answered, or `!` and what went wrong.
    outcome: str

    @property
    def is_lost(self) -> bool:
        return self.outcome.startswith("!") and self.was_sent

    @property
    def was_sent(self) -> bool:
        return self.outcome != "!not_sent"


class Load:
    """A load program under way, and all requests that have ended so far."""

    def __init__(self, command: Sequence[str | Path], log: Path, environment: dict[str, str]) -> None:
        settings = [f"{key}={value}" for key, value in environment.items()]
        self._program = Program(["/usr/bin/env", *settings, *command], log)
        self._log = log
        self._offset = 0
        self._rest = b""
        self._requests: list[Request] = []

    def requests(self) -> list[Request]:
        """In the order in which they ended."""
        self._program.check_alive()
        with self._log.open("rb") as file:
            file.seek(self._offset)
            added = file.read()
        self._offset += len(added)
        *lines, self._rest = (self._rest + added).split(b"\n")
        for line in lines:
            words = line.decode(errors="replace").split()
            # Whatever a library says beside that is left in the log.
            if len(words) == 3 and words[0].isdigit() and words[1].isdigit():
                self._requests.append(Request(int(words[0]), int(words[1]), words[2]))
        return self._requests

    def wait_for(self, outcome: str, count: int, patience: float) -> None:
        """Until the last `count` requests were all answered by that region."""

        def steady() -> bool:
            last = self.requests()[-count:]
            return len(last) == count and all(one.outcome == outcome for one in last)

        wait_until(steady, patience, f"{count} requests in a row answered by {outcome}", self._program)

    def run_for(self, seconds: float) -> None:
        time.sleep(seconds)
        self._program.check_alive()

    def stop(self) -> None:
        self._program.stop()
