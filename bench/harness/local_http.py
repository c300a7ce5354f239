"""Just enough HTTP to ask a program over its Unix socket."""

import http.client
import socket
from pathlib import Path


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float = 30) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def get(path: Path, target: str, timeout: float = 30) -> bytes:
    """The body of a 200; anything else raises OSError."""
    connection = UnixConnection(path, timeout)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise OSError(f"{target}: status {response.status}")
        return body
    except http.client.HTTPException as error:
        raise OSError(f"{target}: {error!r}") from error
    finally:
        connection.close()
