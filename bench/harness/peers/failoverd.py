"""failoverd itself, with whatever this build of it can do."""

import json
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from ..places import project_binary
from ..workload import TLS_NAME, Endpoint, Mode, Workload
from .base import Peer

NOT_IN_THIS_BUILD = "not supported by this build"
# Routes of the cost runs share out the endpoints in groups of this size.
ROUTE_SIZE = 100
# The rarest that the configuration allows: peers that reuse a connection never open a fresh one.
RAREST_FRESH = 1000


class Failoverd(Peer):
    def __init__(
        self, preset: str = "balanced", tripwire: bool = False, fresh_every: int | None = RAREST_FRESH
    ) -> None:
        """`fresh_every` counts with reused connections; `None` is the daemon's own default."""
        super().__init__()
        self._preset = preset
        self._tripwire = tripwire
        self._fresh_every = fresh_every
        self.name = "failoverd"

    def named(self, name: str) -> "Failoverd":
        self.name = name
        return self

    def unsupported(self, mode: Mode) -> str | None:
        lines: dict[str, Any] = {}
        if mode.reused:
            lines["connection"] = "reuse"
            if self._fresh_every is not None:
                lines["fresh_every"] = self._fresh_every
        if self._tripwire:
            lines["tripwire"] = True
        return None if understands(json.dumps(lines)) else NOT_IN_THIS_BUILD

    def configure(self, workload: Workload, directory: Path) -> list[str | Path]:
        run = directory / "run"
        run.mkdir()
        self.state_file = run / "state.json"
        self.routes = run / "routes"
        self.socket = directory / "control.sock"
        configuration = directory / "config.yaml"
        # JSON is YAML.
        configuration.write_text(json.dumps(self._document(workload)))
        return [
            *(project_binary("failoverd"), "--config", configuration, "--state-file", self.state_file),
            *("--socket", self.socket, "--state-dir", directory / "memory"),
        ]

    def _document(self, workload: Workload) -> dict[str, Any]:
        endpoints = {e.name: self._endpoint(e, workload) for e in (*workload.endpoints, *workload.standbys)}
        if workload.standbys:
            pairs = zip(workload.endpoints, workload.standbys, strict=True)
            groups = {first.name: [first.name, second.name] for first, second in pairs}
        else:
            names = [e.name for e in workload.endpoints]
            starts = range(0, len(names), ROUTE_SIZE)
            groups = {f"r{start // ROUTE_SIZE:04}": names[start : start + ROUTE_SIZE] for start in starts}
        return {
            "version": 1,
            "defaults": {"probe": self._probe(workload), "decision": {"preset": self._preset}},
            "endpoints": endpoints,
            "routes": {name: {"endpoints": members} for name, members in groups.items()},
            "outputs": {"journal": False},
        }

    def _probe(self, workload: Workload) -> dict[str, Any]:
        probe: dict[str, Any] = {
            "type": "http",
            "interval": f"{round(workload.interval * 1000)}ms",
            "path": "/",
            "expect": {"status": 200},
            # An objective must be less than the limit, and with it a slow answer is no other than a failure.
            "slo": {"latency": {"p99": f"{round(workload.timeout * 900)}ms"}},
            "timeouts": {"total": f"{round(workload.timeout * 1000)}ms"},
        }
        if workload.mode.reused:
            probe["connection"] = "reuse"
            if self._fresh_every is not None:
                probe["fresh_every"] = self._fresh_every
        if self._tripwire:
            probe["tripwire"] = True
        if workload.mode.tls:
            probe["tls"] = {"ca_file": str(workload.ca_file)}
            if understands(json.dumps({"tls": {"server_name": TLS_NAME}})):
                probe["tls"]["server_name"] = TLS_NAME
        return probe

    @staticmethod
    def _endpoint(endpoint: Endpoint, workload: Workload) -> dict[str, Any]:
        scheme = "https" if workload.mode.tls else "http"
        return {"region": "bench", "url": f"{scheme}://{endpoint.address}:{endpoint.port}"}

    def healthy(self) -> int:
        endpoints = json.loads(self.state_file.read_bytes())["endpoints"]
        return sum(1 for endpoint in endpoints.values() if endpoint["verdict"] == "healthy")


@cache
def understands(probe_lines: str) -> bool:
    """Whether this build's configuration has these keys of a probe, given as JSON."""
    probe = {"slo": {"latency": {"p99": "900ms"}}, "timeouts": {"total": "1s"}, **json.loads(probe_lines)}
    url = "https://127.0.0.1:1" if "tls" in probe else "http://127.0.0.1:1"
    document = {
        "version": 1,
        "defaults": {"probe": probe},
        "endpoints": {name: {"region": "bench", "url": url} for name in ("a", "b")},
        "routes": {"r": {"endpoints": ["a", "b"]}},
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(document, file)
        file.flush()
        done = subprocess.run([project_binary("failoverctl"), "check", file.name], capture_output=True, timeout=30)
    return done.returncode == 0
