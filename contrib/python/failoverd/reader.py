"""Reads what failoverd has decided from its state file."""

from __future__ import annotations

import json
import os
import random
import stat
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

DEFAULT_PATH = "/run/failoverd/state.json"
SCHEMA = "failoverd.state/1"

#: A state file of thousands of endpoints has a few MB; whatever is larger is not one.
_LARGEST_FILE = 64 * 1024 * 1024
#: The file is looked at no more often, in seconds: asking for each request costs nothing.
_SHORTEST_PAUSE = 0.05


@dataclass(frozen=True)
class Endpoint:
    """One endpoint that may carry traffic."""

    name: str
    #: Where it is; of your own order if that names it, because the state file leaves user info and query out.
    url: str
    #: ``None`` in your own order.
    region: str | None = None
    #: Percent of the route's traffic: 100 for the active endpoint of an active-standby route, 0 for a standby.
    weight: int = 0


@dataclass(frozen=True)
class Decision:
    """Where the traffic of a route goes."""

    #: Best first; empty only if failoverd is silent and you gave no order of your own.
    order: tuple[Endpoint, ...]
    #: ``False``: failoverd is gone, silent or does not know the route, and this is your own order.
    is_fresh: bool
    #: ``preferred``, ``failover``, ``fail_open``, ``held``, ``pinned``, or one of a newer failoverd; ``None`` if not fresh.
    mode: str | None = None
    #: Never falls while the state directory lives; ``None`` if not fresh.
    generation: int | None = None

    @property
    def active(self) -> Endpoint | None:
        """The endpoint to use: of a weighted route the one with the largest share."""
        return self.order[0] if self.order else None

    def picked(self, draw: Callable[[], float] = random.random) -> tuple[Endpoint, ...]:
        """The endpoints to try for one request, best first: the first one is drawn by the weights."""
        point = draw() * sum(endpoint.weight for endpoint in self.order)
        for endpoint in self.order:
            point -= endpoint.weight
            if endpoint.weight > 0 and point < 0:
                return (endpoint, *(other for other in self.order if other is not endpoint))
        return self.order


class Reader:
    """Answers for one route, from any thread; never raises, and never waits for anything but a local file.

    ``static`` is your own order of endpoints, names and URLs: it is used whenever nobody decides for you, be it that
    failoverd does not run, that it has been silent until ``valid_until``, or that the file cannot be read.
    """

    def __init__(
        self,
        route: str,
        static: Mapping[str, str] | None = None,
        path: str = DEFAULT_PATH,
        *,
        clock: Callable[[], float] = time.time,
        pause: float = _SHORTEST_PAUSE,
    ) -> None:
        self.route = route
        self.path = path
        self._urls = dict(static or {})
        self._static = Decision(tuple(Endpoint(name, url) for name, url in self._urls.items()), is_fresh=False)
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._next_look = float("-inf")
        self._seen: tuple[int, int, int] | None = None
        self._known: tuple[Decision, float] | None = None

    def decision(self) -> Decision:
        """What holds now."""
        with self._lock:
            if (now := time.monotonic()) >= self._next_look:
                self._next_look = now + self._pause
                self._look()
            if self._known is None or self._clock() > self._known[1]:
                return self._static
            return self._known[0]

    def _look(self) -> None:
        # What cannot be read changes nothing: what was read last holds until its end.
        try:
            # Opened anew each time: the daemon renames a new file over the old one.
            with open(self.path, "rb", opener=_opened) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return
                seen = (status.st_ino, status.st_mtime_ns, status.st_size)
                if seen == self._seen or status.st_size > _LARGEST_FILE:
                    return
                known = self._parsed(json.loads(file.read(_LARGEST_FILE)))
            self._seen = seen
            self._known = known
        except (OSError, ValueError, ArithmeticError, KeyError, TypeError, AttributeError, RecursionError):
            return

    def _parsed(self, state: dict[str, Any]) -> tuple[Decision, float] | None:
        if state["schema"] != SCHEMA:
            raise ValueError("another schema")
        end = datetime.fromisoformat(state["valid_until"].replace("Z", "+00:00")).timestamp()
        route = state["routes"].get(self.route)
        if route is None:
            return None
        weights = route["weights"]
        order = tuple(
            Endpoint(
                name,
                self._urls.get(name) or state["endpoints"][name]["url"],
                state["endpoints"][name].get("region"),
                int(weights.get(name, 0)),
            )
            for name in dict.fromkeys([route["active"], *route["order"]])
        )
        return Decision(order, True, str(route["mode"]), int(route["generation"])), end


def _opened(path: str, flags: int) -> int:
    # A named pipe in the file's place would be waited for until somebody writes.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
