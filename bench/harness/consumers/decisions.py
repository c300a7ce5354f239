"""What failoverd has published, and when: seen by the rename of its state file, not by polling."""

import ctypes
import json
import os
import select
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..process import Failed

_LIBC = ctypes.CDLL(None, use_errno=True)
_IN_MOVED_TO = 0x80


@dataclass(frozen=True)
class Decision:
    """One published change of the route."""

    #: Nanoseconds of CLOCK_MONOTONIC, when the file was in place.
    at: int
    generation: int
    active: str
    mode: str


class Decisions:
    """Follows the state file on a thread of its own, from the start."""

    def __init__(self, state_file: Path, route: str) -> None:
        self._file = state_file
        self._route = route
        self._changed = threading.Condition()
        self._all: list[Decision] = []
        self._document: dict[str, Any] | None = None
        self._end_read, self._end_write = os.pipe()
        self._inotify = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._inotify < 0 or _LIBC.inotify_add_watch(self._inotify, bytes(state_file.parent), _IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), f"inotify on {state_file.parent}")
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def document(self) -> dict[str, Any] | None:
        """The newest state; `None` before the first."""
        with self._changed:
            return self._document

    @property
    def active(self) -> str:
        with self._changed:
            return self._all[-1].active

    def wait_for(self, patience: float, *, since: int, active: str | None = None, other_than: str | None = None) -> Decision:
        """The first decision after `since` (CLOCK_MONOTONIC) for that endpoint, or for another one than that."""

        def found() -> Decision | None:
            for one in self._all:
                if one.at > since and (active is None or one.active == active) and one.active != other_than:
                    return one
            return None

        with self._changed:
            decision = self._changed.wait_for(found, patience)
        if decision is None:
            wanted = f"for {active}" if active else f"against {other_than}"
            raise Failed(f"failoverd has not decided {wanted} within {patience:.0f} s")
        return decision

    def _follow(self) -> None:
        while True:
            ready, _, _ = select.select([self._inotify, self._end_read], [], [])
            if self._end_read in ready:
                return
            now = time.monotonic_ns()
            os.read(self._inotify, 65536)
            self._look(now)

    def _look(self, now: int) -> None:
        try:
            document = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return
        route = document["routes"][self._route]
        with self._changed:
            self._document = document
            if not self._all or self._all[-1].generation != route["generation"]:
                self._all.append(Decision(now, route["generation"], route["active"], route["mode"]))
            self._changed.notify_all()

    def close(self) -> None:
        os.write(self._end_write, b".")
        self._thread.join()
        for descriptor in (self._inotify, self._end_read, self._end_write):
            os.close(descriptor)
