"""The one nginx that answers every checker of the run."""

import re
from pathlib import Path

from .certificates import Certificates, Identity
from .local_http import get
from .places import system_binary
from .process import Program, wait_until
from .workload import PLAIN_PORT, TLS_FIRST_PORT

TLS_PORTS = 1000
WRONG_NAME_PORT = TLS_FIRST_PORT + TLS_PORTS
UNKNOWN_ROOT_PORT = WRONG_NAME_PORT + 1
BODY = "ok"

_CONFIGURATION = """
daemon off; master_process off; worker_processes 1; worker_rlimit_nofile {files};
pid {directory}/nginx.pid; error_log {directory}/nginx-error.log warn;
events {{ worker_connections {files}; multi_accept on; }}
http {{
    access_log off; server_tokens off; tcp_nodelay on; default_type text/plain;
    client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
    keepalive_timeout 1h; keepalive_requests 1000000000; keepalive_time 24h;
    ssl_protocols TLSv1.3; ssl_session_tickets off; ssl_session_cache off; ssl_ecdh_curve X25519;
    server {{ listen {plain} backlog=8192; location / {{ return 200 "{body}"; }} }}
    server {{ listen unix:{directory}/count.sock; location = / {{ stub_status; }} }}
    {tls}
}}
"""

_TLS_SERVER = """
    server {{
        listen {ports} ssl; ssl_certificate {identity.certificate}; ssl_certificate_key {identity.key};
        location / {{ return 200 "{body}"; }}
    }}"""


class Responder:
    """nginx with one worker on every loopback address: `200` and two bytes."""

    def __init__(self, directory: Path, certificates: Certificates, files: int) -> None:
        directory.mkdir(exist_ok=True)
        self._count_socket = directory / "count.sock"
        self._asked = 0
        configuration = directory / "nginx.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                directory=directory, files=files, plain=PLAIN_PORT, body=BODY, tls=self._tls(certificates)
            )
        )
        self.program = Program(
            [system_binary("nginx"), "-p", directory, "-c", configuration, "-e", directory / "nginx-error.log"],
            directory / "nginx.log",
        )
        wait_until(self._answers, 10, "nginx", self.program)

    @staticmethod
    def _tls(certificates: Certificates) -> str:
        def server(ports: str, identity: Identity) -> str:
            return _TLS_SERVER.format(ports=ports, identity=identity, body=BODY)

        return (
            server(f"{TLS_FIRST_PORT}-{TLS_FIRST_PORT + TLS_PORTS - 1}", certificates.good)
            + server(str(WRONG_NAME_PORT), certificates.wrong_name)
            + server(str(UNKNOWN_ROOT_PORT), certificates.unknown_root)
        )

    def _answers(self) -> bool:
        try:
            self.requests()
        except OSError:
            return False
        return True

    def requests(self) -> int:
        """Requests of checkers since the start; our own questions are not in it."""
        answer = get(self._count_socket, "/").decode()
        self._asked += 1
        match = re.search(r"^\s*\d+\s+\d+\s+(\d+)\s*$", answer, re.MULTILINE)
        if match is None:
            raise OSError(f"nginx counts in another way: {answer!r}")
        return int(match[1]) - self._asked

    def stop(self) -> None:
        self.program.stop()
