"""Simulated regions and a daemon that serves its page, for what looks at it with a browser."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("FAILOVERD_BIN", ROOT / ".build/debug"))
REGIONS = ("us-east", "eu-west", "ap-southeast")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, condition, limit=60):
    """Waits for a condition, and returns what it found."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            found = condition()
        except (OSError, ValueError, KeyError):
            found = None
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {limit} s: {what}")


class Stage:
    """Regions, a daemon and their directory; ends with the `with` block."""

    def __init__(self, regions=REGIONS, interval="500ms", decision="{ preset: fast, hold_down: 5s }", token=None,
                 more_endpoints="", more_routes=""):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="failoverd-page-"))
        self.regions = regions
        self.interval, self.decision, self.token = interval, decision, token
        self.more_endpoints, self.more_routes = more_endpoints, more_routes
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.simulator = self.daemon = None

    def __enter__(self):
        try:
            self._start_regions()
            self._configure()
            self.start_daemon()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for program in (self.daemon, self.simulator):
            if program and program.poll() is None:
                program.kill()
                program.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    # Regions

    def _start_regions(self):
        medians = [60, 110, 180, 140]
        lines = [
            f"  {name}: {{ port: 0, latency: {{ p50: {medians[number % 4]}ms, p99: {medians[number % 4] * 3}ms }} }}"
            for number, name in enumerate(self.regions)
        ]
        (self.directory / "regions.yaml").write_text("seed: 7\nregions:\n" + "\n".join(lines) + "\n")
        ready = self.directory / "ready"
        self.simulator = self._run("regionsim", "--script", self.directory / "regions.yaml",
                                   "--control", "127.0.0.1:0", "--ready-file", ready)
        self.ports = until("regionsim is ready", lambda: ready.exists() and json.loads(ready.read_text()))

    def fault(self, region, fault):
        """Gives a region a fault, or heals it without one."""
        body = json.dumps(fault).encode() if fault else None
        url = f"http://127.0.0.1:{self.ports['control']}/regions/{region}/fault"
        with urllib.request.urlopen(urllib.request.Request(url, body, method="PUT" if fault else "DELETE"), timeout=10):
            pass

    # The daemon

    def _configure(self):
        http = f'listen: "127.0.0.1:{self.port}"'
        if self.token:
            file = self.directory / "token"
            file.touch(0o600)
            file.write_text(self.token + "\n")
            http += f", token_file: {file}"
        endpoints = "".join(
            f'  {name}: {{ region: {name}, url: "http://127.0.0.1:{self.ports["regions"][name]}/" }}\n'
            for name in self.regions
        )
        (self.directory / "config.yaml").write_text(f"""\
version: 1
vantage: {{ name: page-test }}
defaults:
  probe: {{ type: http, interval: {self.interval}, slo: {{ latency: {{ p99: 500ms }} }}, timeouts: {{ total: 2s }} }}
  decision: {self.decision}
endpoints:
{endpoints}{self.more_endpoints}routes:
  chat: {{ endpoints: [{", ".join(self.regions)}] }}
{self.more_routes}outputs:
  state_file: {self.directory}/run/state.json
  socket: {self.directory}/run/failoverd.sock
  state_directory: {self.directory}/memory
  journal: false
  http: {{ {http} }}
""")

    def start_daemon(self):
        self.daemon = self._run("failoverd", "--config", self.directory / "config.yaml")
        until("the daemon serves its page", lambda: self.daemon.poll() is None and self._serves())

    def _serves(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True

    def stop_daemon(self, by=signal.SIGTERM):
        self.daemon.send_signal(by)
        self.daemon.wait(20)

    def ctl(self, *arguments):
        socket_path = self.directory / "run/failoverd.sock"
        done = subprocess.run([BIN / "failoverctl", *arguments], env={**os.environ, "FAILOVERD_SOCKET": str(socket_path)},
                              capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def report(self, observations):
        """What an application tells of its own requests."""
        body = json.dumps({"observations": observations})
        done = subprocess.run(["curl", "-sS", "--fail-with-body", "--unix-socket", self.directory / "run/failoverd.sock", "-d", body,
                               "http://localhost/v1/observations"], capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def state_file(self):
        return self.directory / "run/state.json"

    def state(self):
        return json.loads(self.state_file.read_text())

    def healthy(self):
        until("all endpoints are healthy", lambda: all(
            endpoint["verdict"] == "healthy" for endpoint in self.state()["endpoints"].values()))

    def ready(self):
        """All are healthy, and have been for long enough to take over."""
        self.healthy()
        until("there is a standby", lambda: len(self.state()["routes"]["chat"]["order"]) == len(self.regions))

    def active(self, endpoint, limit=60):
        until(f"{endpoint} is active", lambda: self.state()["routes"]["chat"]["active"] == endpoint, limit)

    def _run(self, name, *arguments):
        with open(self.directory / f"{name}.log", "ab") as log:
            return subprocess.Popen([BIN / name, *map(str, arguments)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def said(self):
        return (self.directory / "failoverd.log").read_text()
