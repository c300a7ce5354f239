"""HAProxy with one thread and `option httpchk`."""

import csv
import io
import socket
from pathlib import Path

from ..places import system_binary
from ..workload import TLS_NAME, Endpoint, Mode, Workload
from .base import Peer


class HAProxy(Peer):
    def __init__(self, fast_interval: str | None = None, log_socket: Path | None = None) -> None:
        """`fast_interval` is the interval while a server is between up and down."""
        super().__init__()
        self.name = "HAProxy" if fast_interval is None else f"HAProxy, fastinter {fast_interval}"
        self._fast_interval = fast_interval
        self._log_socket = log_socket

    def unsupported(self, mode: Mode) -> str | None:
        return "its checks cannot reuse connections" if mode.reused else None

    def configure(self, workload: Workload, directory: Path) -> list[str | Path]:
        self._socket = directory / "stats.sock"
        configuration = directory / "haproxy.cfg"
        configuration.write_text("\n".join([*self._head(workload), *self._servers(workload), ""]))
        return [system_binary("haproxy"), "-db", "-f", configuration]

    def _head(self, workload: Workload) -> list[str]:
        fast = f" fastinter {self._fast_interval}" if self._fast_interval else ""
        limit = f"{round(workload.timeout * 1000)}ms"
        tls = ""
        if workload.mode.tls:
            # TLS 1.3, chain and name verified, a full handshake each time.
            tls = (
                f" check-ssl check-sni {TLS_NAME} verify required verifyhost {TLS_NAME} ca-file {workload.ca_file}"
                " ssl-min-ver TLSv1.3 no-ssl-reuse"
            )
        return [
            "global",
            " nbthread 1",
            " maxconn 500",
            f" stats socket {self._socket} mode 600",
            *([f" log {self._log_socket} local0"] if self._log_socket else []),
            "defaults",
            " mode http",
            *(f" timeout {what} {limit}" for what in ("connect", "client", "server", "check")),
            "backend b",
            *([" log global"] if self._log_socket else []),
            " option httpchk",
            f" http-check send meth GET uri / ver HTTP/1.1 hdr Host {TLS_NAME}",
            " http-check expect status 200",
            f" default-server check inter {round(workload.interval * 1000)}ms fall 3 rise 2{fast}{tls}",
        ]

    @staticmethod
    def _servers(workload: Workload) -> list[str]:
        def line(endpoint: Endpoint) -> str:
            return f" server {endpoint.name} {endpoint.address}:{endpoint.port}"

        return [line(endpoint) for endpoint in workload.endpoints]

    def healthy(self) -> int:
        """Servers are up from the start, so the last check's result counts."""
        rows = csv.DictReader(io.StringIO(self._ask("show stat -1 4 -1").lstrip("# ")))
        # A star says that the next check is under way.
        return sum(1 for row in rows if row["check_status"].lstrip("* ") == "L7OK" and row["status"] == "UP")

    def _ask(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(10)
            connection.connect(str(self._socket))
            connection.sendall(command.encode() + b"\n")
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts).decode()
