"""Three real regions and a real failoverd: what every consumer stands on."""

import http.client
import json
import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..places import project_binary, system_binary
from ..process import Failed, Program, wait_until
from .decisions import Decisions

ROUTE = "chat"
# Regions answer like small models nearby: slow enough that requests overlap, quick enough for 200 a second.
LATENCY = "{ p50: 20ms, p99: 60ms }"
# As quick as failoverd can be, so that 20 failovers take minutes: what is measured begins with the decision.
PROBE = {
    "type": "http",
    "path": "/models",
    "interval": "100ms",
    "timeouts": {"total": "2s"},
    "slo": {"latency": {"p99": "1900ms"}},
}
DECISION = {"rule": "consecutive", "fall": 2, "hold_down": "0s", "max_moves_per_hour": "unlimited"}
WRITE_INTERVAL = 1
VALID_FOR = 3
CONTROL_PORT = 18100
#: Where a consumer with one port of its own listens; the namespace has nobody else.
FRONT_PORT = 18200


@dataclass(frozen=True)
class Region:
    """One endpoint of the route, in the route's order of preference."""

    name: str
    port: int
    #: An address of its own, where port 80 leads to the same region: for names that have addresses and no ports.
    address: str

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What a client of the API is given."""
        return self.origin + "/v1"


REGIONS = (
    Region("us-east", 18101, "127.0.1.1"),
    Region("eu-west", 18102, "127.0.1.2"),
    Region("ap-southeast", 18103, "127.0.1.3"),
)


class Stage:
    """The regions, and failoverd over them; all of it stops with `stop`."""

    def __init__(self, directory: Path, outputs: dict[str, Any], rise: int) -> None:
        """`outputs` are what a consumer needs of failoverd, as the configuration has them."""
        self._decision = {**DECISION, "rise": rise}
        self.directory = directory
        self.route = ROUTE
        self.regions = REGIONS
        self.run = directory / "run"
        self.state_file = self.run / "state.json"
        self.route_file = self.run / "routes" / ROUTE
        self.socket = directory / "control.sock"
        self.run.mkdir(parents=True)
        self._daemon: Program | None = None
        self._configure(outputs)
        _lead_addresses_to_ports()
        self._simulator = self._start_regions()
        self.decisions = Decisions(self.state_file, ROUTE)

    def region(self, name: str) -> Region:
        return next(region for region in self.regions if region.name == name)

    # failoverd

    def start_daemon(self) -> None:
        binary = project_binary("failoverd")
        command = [binary, "--config", self.directory / "config.yaml", "--state-dir", self.directory / "memory"]
        command += ["--state-file", self.state_file, "--socket", self.socket]
        daemon = Program(command, self.directory / "failoverd.log")
        self._daemon = daemon

        def ready() -> bool:
            latest = self.decisions.document()
            if latest is None or latest["instance"]["id"] == self._instance:
                return False
            # All of them: otherwise there is nobody to go to.
            return len(latest["routes"][ROUTE]["order"]) == len(self.regions)

        wait_until(ready, 30, "failoverd knows all regions", daemon)

    def pin(self, name: str) -> None:
        """Moves the route there at once, as an operator would."""
        body = json.dumps({"endpoint": name, "reason": "bench", "for_seconds": 3600})
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(str(self.socket))
            request = f"POST /v1/routes/{ROUTE}/pin HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
            request += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
            client.sendall(request.encode())
            answer = b""
            while part := client.recv(65536):
                answer += part
        if b" 200 " not in answer.split(b"\r\n", 1)[0]:
            raise Failed(f"failoverd does not pin {name}: {answer[:300]!r}")

    def kill_daemon(self) -> None:
        """As a crash would: it gets no chance to say anything."""
        self._end_daemon(signal.SIGKILL)

    def stop_daemon(self) -> None:
        """As `systemctl stop` would, though the files stay."""
        self._end_daemon(signal.SIGTERM)

    _instance: str | None = None

    def _end_daemon(self, number: signal.Signals) -> None:
        if self._daemon is None:
            return
        document = self.decisions.document()
        self._instance = document["instance"]["id"] if document else None
        os.kill(self._daemon.pid, number)
        # Reaps it, and insists if it does not go.
        self._daemon.stop()
        self._daemon = None

    def _configure(self, outputs: dict[str, Any]) -> None:
        document = {
            "version": 1,
            "vantage": {"name": "bench"},
            "defaults": {"probe": PROBE, "decision": self._decision},
            "endpoints": {
                one.name: {"region": one.name, "url": one.url, "attributes": {"address": one.address}}
                for one in self.regions
            },
            "routes": {ROUTE: {"endpoints": [one.name for one in self.regions]}},
            "outputs": {
                "journal": False,
                "write_interval": f"{WRITE_INTERVAL}s",
                "valid_for": f"{VALID_FOR}s",
                **outputs,
            },
        }
        # JSON is YAML.
        (self.directory / "config.yaml").write_text(json.dumps(document, indent=1))

    # Regions

    def _start_regions(self) -> Program:
        lines = [f"  {one.name}: {{ port: {one.port}, latency: {LATENCY} }}" for one in self.regions]
        script = self.directory / "regions.yaml"
        script.write_text("seed: 7\nregions:\n" + "\n".join(lines) + "\n")
        ready = self.directory / "regions-ready"
        command = [project_binary("regionsim"), "--script", script, "--control", f"127.0.0.1:{CONTROL_PORT}"]
        program = Program([*command, "--ready-file", ready], self.directory / "regionsim.log")
        wait_until(ready.exists, 20, "the regions listen", program)
        return program

    def fail(self, name: str, fault: Any) -> None:
        self._control("PUT", name, json.dumps(fault))

    def heal(self, name: str) -> None:
        self._control("DELETE", name, None)

    @staticmethod
    def _control(method: str, name: str, body: str | None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", CONTROL_PORT, timeout=10)
        try:
            connection.request(method, f"/regions/{name}/fault", body)
            answer = connection.getresponse()
            if answer.status >= 300:
                raise OSError(f"regionsim: {answer.status} {answer.read()!r}")
        finally:
            connection.close()

    def stop(self) -> None:
        self.stop_daemon()
        self._simulator.stop()
        self.decisions.close()


def _lead_addresses_to_ports() -> None:
    """Port 80 of each region's own address is the region; the table goes with the namespace."""
    nft = system_binary("nft")
    table = "ip regions"
    script = f"add table {table}; delete table {table}; add table {table};"
    script += f"add chain {table} out {{ type nat hook output priority -100; }};"
    for one in REGIONS:
        script += f"add rule {table} out ip daddr {one.address} tcp dport 80 dnat to 127.0.0.1:{one.port};"
    subprocess.run([nft, script], check=True, capture_output=True)
