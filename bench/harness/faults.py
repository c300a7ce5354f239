"""Endpoints that can be broken one by one: a process each, so that a crash is a crash."""

import asyncio
import mmap
import os
import signal
import socket
from collections.abc import Sequence
from enum import Enum

from .namespace import BlackHoles
from .process import die_with_parent
from .workload import Endpoint


class Fault(Enum):
    CRASH = "crash"
    BLACKHOLE = "blackhole"
    HTTP_500 = "http500"
    SLOW = "slow"
    STALL = "stall"


# How an endpoint answers, as a byte that its process shares with us.
_WELL = 0
_ANSWERS = {Fault.HTTP_500: 1, Fault.SLOW: 2, Fault.STALL: 3}
_SLOW_SECONDS = 5
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n"
_ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n"


class FaultyEndpoints:
    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = endpoints
        self._answers = mmap.mmap(-1, max(1, len(endpoints)))
        self._holes = BlackHoles()
        self._children = [self._start(index) for index in range(len(endpoints))]

    def _start(self, index: int) -> int:
        endpoint = self._endpoints[index]
        listener = socket.create_server((endpoint.address, endpoint.port), backlog=64)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                die_with_parent()
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                asyncio.run(self._serve(index, listener))
                status = 0
            finally:
                # A child of a fork must not run what its parent has planned for its own end.
                os._exit(status)
        # Only the child holds it, so that its death closes it.
        listener.close()
        return pid

    async def _serve(self, index: int, listener: socket.socket) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while head := await reader.readuntil(b"\r\n\r\n"):
                    close = b"connection: close" in head.lower()
                    await self._answer(self._answers[index], close, writer)
                    if close:
                        break
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(answer, sock=listener)
        await server.serve_forever()

    @staticmethod
    async def _answer(how: int, close: bool, writer: asyncio.StreamWriter) -> None:
        end = b"Connection: close\r\n\r\n" if close else b"\r\n"
        if how == _ANSWERS[Fault.SLOW]:
            await asyncio.sleep(_SLOW_SECONDS)
        if how == _ANSWERS[Fault.STALL]:
            writer.write(_OK + end)
            await asyncio.sleep(3600)
        head = _ERROR if how == _ANSWERS[Fault.HTTP_500] else _OK
        writer.write(head + end + b"ok")
        await writer.drain()

    def strike(self, index: int, fault: Fault) -> None:
        """Breaks one endpoint; a black hole takes about 5 ms, the others nothing."""
        match fault:
            case Fault.CRASH:
                os.kill(self._children[index], signal.SIGKILL)
            case Fault.BLACKHOLE:
                self._holes.add(self._endpoints[index].address)
            case _:
                self._answers[index] = _ANSWERS[fault]

    def stop(self) -> None:
        for pid in self._children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.waitpid(pid, 0)
        self._holes.remove()
