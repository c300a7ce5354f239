"""Reports to failoverd what requests of users came to."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

DEFAULT_SOCKET = "/run/failoverd/failoverd.sock"

#: What failoverd takes in one body.
_LARGEST_BATCH = 1000
#: Reports that wait for the next batch; the oldest are dropped beyond that.
_LARGEST_QUEUE = 10_000
#: In seconds: a batch is sent this often.
_PAUSE = 1.0
#: In seconds, for a whole exchange with the daemon.
_TIMEOUT = 2.0


class Reporter:
    """Takes reports from any thread, and sends them from one of its own; never raises, and never waits for the daemon.

    The process needs both groups: ``failoverd``, to reach the socket, and ``failoverd-observers``. ``worker`` is the name
    under which tokens in flight are told; ``None`` if you tell none. Call ``close`` at the end, or use it in a ``with``.
    """

    def __init__(
        self,
        worker: str | None = None,
        path: str = DEFAULT_SOCKET,
        *,
        pause: float = _PAUSE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._worker = worker
        self._path = path
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: deque[dict[str, Any]] = deque()
        self._tokens: dict[str, int] = {}
        self._dropped = 0
        self._failure: str | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="failoverd-reporter", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            self._failure = str(error)

    def report(
        self,
        endpoint: str,
        outcome: str = "success",
        *,
        kind: str | None = None,
        latency: float | None = None,
        ttft: float | None = None,
    ) -> None:
        """One request: ``success``, ``failure``, ``throttled``, ``misconfigured`` or ``inconclusive``; times in seconds."""
        entry: dict[str, Any] = {"endpoint": endpoint, "outcome": outcome, "_at": self._clock()}
        if kind is not None:
            entry["kind"] = kind
        if latency is not None:
            entry["latency_ms"] = latency * 1000
        if ttft is not None:
            entry["ttft_ms"] = ttft * 1000
        with self._lock:
            if len(self._queue) >= _LARGEST_QUEUE:
                self._queue.popleft()
                self._dropped += 1
            self._queue.append(entry)

    def in_flight(self, tokens: Mapping[str, int]) -> None:
        """The tokens that this worker has under way, by endpoint, from now on; told again and again until ``close``."""
        with self._lock:
            self._tokens = dict(tokens)

    @property
    def dropped(self) -> int:
        """Reports that were lost: too many waited, or the daemon refused them."""
        with self._lock:
            return self._dropped

    @property
    def failure(self) -> str | None:
        """Why the last batch was not taken; ``None`` if it was."""
        with self._lock:
            return self._failure

    def close(self, timeout: float = 3.0) -> None:
        """Sends what waits, for a bounded time, and ends the thread."""
        self._end.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The thread.

    def _run(self) -> None:
        while not self._end.wait(self._pause):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        is_first = True
        while True:
            with self._lock:
                batch = [self._queue.popleft() for _ in range(min(len(self._queue), _LARGEST_BATCH))]
                tokens = dict(self._tokens) if self._worker is not None and is_first else None
            if not batch and not tokens:
                return
            is_first = False
            failure, is_kept = self._send(batch, tokens)
            with self._lock:
                self._failure = failure
                if failure is not None and is_kept:
                    # For the next time; the oldest go first if there is no room.
                    room = max(0, _LARGEST_QUEUE - len(self._queue))
                    kept = batch[len(batch) - min(room, len(batch)) :]
                    self._dropped += len(batch) - len(kept)
                    self._queue.extendleft(reversed(kept))
                elif failure is not None:
                    self._dropped += len(batch)
            if failure is not None:
                return

    def _send(self, batch: list[dict[str, Any]], tokens: dict[str, int] | None) -> tuple[str | None, bool]:
        """Why it was not taken, and whether to try it once more."""
        try:
            oldest = self._clock() - 290
            body: dict[str, Any] = {"observations": [_entry(entry) for entry in batch if entry["_at"] > oldest]}
            if tokens is not None:
                body |= {"worker": self._worker, "in_flight_tokens": tokens}
            content = json.dumps(body).encode()
            status, answer = _post(self._path, content)
        except OSError as error:
            return str(error), True
        except (ValueError, TypeError, KeyError) as error:
            return str(error), False
        if status == 200:
            return None, False
        return f"status {status}: {answer[:200]}", status in (429, 503)


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in entry.items() if name != "_at"}
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(entry["_at"]))
    return {**fields, "at": f"{at}.{int(entry['_at'] * 1000) % 1000:03d}Z"}


def _post(path: str, content: bytes) -> tuple[int, str]:
    head = (
        "POST /v1/observations HTTP/1.1\r\nHost: failoverd\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        end = time.monotonic() + _TIMEOUT
        connection.settimeout(_TIMEOUT)
        connection.connect(path)
        connection.sendall(head.encode() + content)
        answer = b""
        while len(answer) < 65_536:
            connection.settimeout(max(0.01, end - time.monotonic()))
            part = connection.recv(4096)
            if not part:
                break
            answer += part
    top, _, rest = answer.partition(b"\r\n\r\n")
    words = top.split(b" ", 2)
    if len(words) < 2 or not words[1].isdigit():
        raise ConnectionError("the daemon gave no answer")
    return int(words[1]), rest.decode("utf-8", "replace")
