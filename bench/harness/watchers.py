"""Who noticed what, and when: each checker's decisions as they are published."""

import ctypes
import json
import os
import re
import socket
import struct
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_IN_MOVED_TO = 0x80
_IN_NONBLOCK = os.O_NONBLOCK
_EVENT = struct.Struct("iIII")

# The endpoint that was given up, and the wall time in seconds.
Notice = tuple[str, float]


class Watcher(ABC):
    @abstractmethod
    def fileno(self) -> int | None:
        """What becomes readable with news; `None` where the caller has to ask every few milliseconds."""

    @abstractmethod
    def news(self) -> Iterator[Notice]:
        """What happened since the last time."""

    def close(self) -> None:
        return None


class RouteFiles(Watcher):
    """failoverd: a route's file is renamed into place when its active endpoint changes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._inotify = _LIBC.inotify_init1(_IN_NONBLOCK)
        if self._inotify < 0 or _LIBC.inotify_add_watch(self._inotify, bytes(directory), _IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), f"inotify on {directory}")

    def fileno(self) -> int | None:
        return self._inotify

    def news(self) -> Iterator[Notice]:
        now = time.time()
        try:
            buffer = os.read(self._inotify, 65536)
        except BlockingIOError:
            return
        offset = 0
        while offset < len(buffer):
            *_, length = _EVENT.unpack_from(buffer, offset)
            offset += _EVENT.size
            name = buffer[offset : offset + length].rstrip(b"\0").decode()
            offset += length
            # A route is named after the endpoint that it prefers, so another one in it is a decision.
            if not name.startswith(".") and (self._directory / name).read_text().strip() != name:
                yield name, now

    def close(self) -> None:
        os.close(self._inotify)


class HAProxyLog(Watcher):
    """HAProxy: tells its log socket at once when a server goes down."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(path))

    def fileno(self) -> int | None:
        return self._socket.fileno()

    def news(self) -> Iterator[Notice]:
        while True:
            try:
                line = self._socket.recv(65536).decode(errors="replace")
            except BlockingIOError:
                return
            if match := re.search(r"Server b/(\S+) is DOWN", line):
                yield match[1], time.time()

    def close(self) -> None:
        self._socket.close()


class EnvoyEvents(Watcher):
    """Envoy: a log of health events, each with its own time, so that a late look costs Envoy nothing."""

    def __init__(self, path: Path, names: dict[str, str]) -> None:
        """`names` are those of the endpoints by address."""
        self.path = path
        self._names = names
        self._offset = 0
        self._rest = b""

    def fileno(self) -> int | None:
        return None

    def news(self) -> Iterator[Notice]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._offset)
            added = file.read()
        if not added:
            return
        self._offset += len(added)
        *lines, self._rest = (self._rest + added).split(b"\n")
        for line in lines:
            event = json.loads(line)
            if "eject_unhealthy_event" in event:
                at = datetime.fromisoformat(event["timestamp"]).timestamp()
                yield self._names[event["host"]["socket_address"]["address"]], at
