from __future__ import annotations

import json
import socket
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any

from failoverd import Reporter


class Daemon:
    """Answers on a real socket with what it is told, and keeps what it was sent."""

    def __init__(self, path: Path) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(path))
        self._server.listen(8)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                data = b""
                while b"\r\n\r\n" not in data:
                    data += connection.recv(65_536)
                head, _, body = data.partition(b"\r\n\r\n")
                length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
                while len(body) < length:
                    body += connection.recv(65_536)
                self.bodies.append(json.loads(body))
                status = self.statuses.pop(0) if self.statuses else 200
                connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}".encode())

    def close(self) -> None:
        self._server.close()


class ReporterTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "failoverd.sock"

    def eventually(self, condition: Any) -> None:
        end = time.monotonic() + 10
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)
        self.assertTrue(condition())

    def test_what_is_reported_arrives_in_one_batch(self) -> None:
        daemon = Daemon(self.path)
        self.addCleanup(daemon.close)
        with Reporter("w1", str(self.path), pause=60, clock=lambda: 1_795_349_071.25) as reporter:
            reporter.report("us-east", latency=0.8125, ttft=0.25)
            reporter.report("us-east", "failure", kind="http_503")
            reporter.in_flight({"us-east": 1200})
        at = "2026-11-22T12:04:31.250Z"
        entries = [
            {"endpoint": "us-east", "outcome": "success", "latency_ms": 812.5, "ttft_ms": 250.0, "at": at},
            {"endpoint": "us-east", "outcome": "failure", "kind": "http_503", "at": at},
        ]
        body = {"observations": entries, "worker": "w1", "in_flight_tokens": {"us-east": 1200}}
        self.assertEqual((daemon.bodies, reporter.dropped, reporter.failure), ([body], 0, None))

    def test_without_a_daemon_nothing_is_raised_and_reports_wait(self) -> None:
        reporter = Reporter(path=str(self.path), pause=0.01)
        self.addCleanup(reporter.close)
        reporter.report("us-east")
        self.eventually(lambda: reporter.failure is not None)
        daemon = Daemon(self.path)
        self.addCleanup(daemon.close)
        self.eventually(lambda: len(daemon.bodies) == 1)
        self.eventually(lambda: reporter.failure is None)
        self.assertEqual(reporter.dropped, 0)

    def test_what_is_refused_for_good_is_dropped_and_what_is_too_much_is_sent_again(self) -> None:
        daemon = Daemon(self.path)
        self.addCleanup(daemon.close)
        daemon.statuses = [429, 200, 400, 200]
        reporter = Reporter(path=str(self.path), pause=0.01)
        self.addCleanup(reporter.close)
        reporter.report("us-east")
        self.eventually(lambda: len(daemon.bodies) == 2)
        reporter.report("mars")
        self.eventually(lambda: reporter.dropped == 1)
        self.assertIn("status 400", reporter.failure or "")
        names = [[entry["endpoint"] for entry in body["observations"]] for body in daemon.bodies]
        self.assertEqual(names, [["us-east"], ["us-east"], ["mars"]])

    def test_the_queue_is_bounded(self) -> None:
        reporter = Reporter(path=str(self.path), pause=60)
        for _ in range(10_005):
            reporter.report("us-east")
        self.assertEqual(reporter.dropped, 5)
        reporter.close()
        self.assertEqual(reporter.dropped, 5)

    def test_what_cannot_be_told_is_dropped(self) -> None:
        daemon = Daemon(self.path)
        self.addCleanup(daemon.close)
        reporter = Reporter(path=str(self.path), pause=60)
        reporter.report(object())  # type: ignore[arg-type]
        reporter.close()
        self.assertEqual((daemon.bodies, reporter.dropped), ([], 1))


if __name__ == "__main__":
    unittest.main()
