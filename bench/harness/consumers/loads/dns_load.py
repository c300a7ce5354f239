"""Chats at the address that a name has: `dns_load.py DNS_PORT NAME RATE`. Looked up again when the TTL is over.

No application keeps an answer for a shorter time; those with a pool of connections keep it for longer.
"""

import asyncio
import os
import socket
import struct
import sys
import time

from http_load import Client
from pace import pace

_PATIENCE = 1
# Every answer is one that somebody may get: with this, one is asked for by each request.
_ASKS_EACH_TIME = "ASK_EACH_TIME" in os.environ


class Resolver:
    def __init__(self, port: int, name: str) -> None:
        self._server = ("127.0.0.1", port)
        self._name = name
        self._address = ""
        self._until = 0.0
        self._question = asyncio.Lock()

    async def address(self) -> str:
        async with self._question:
            if _ASKS_EACH_TIME or time.monotonic() >= self._until:
                self._address, ttl = await self._look_up(self._name)
                self._until = time.monotonic() + ttl
            return self._address

    async def _look_up(self, name: str, depth: int = 0) -> tuple[str, int]:
        answers = _read(await self._ask(name))
        for kind, ttl, value in answers:
            if kind == 1:
                # The CNAME on the way to it may be gone sooner.
                return value, min([ttl, *(other for _, other, _ in answers)])
        for kind, ttl, value in answers:
            if kind == 5 and depth < 4:
                address, other = await self._look_up(value, depth + 1)
                return address, min(ttl, other)
        raise OSError(f"no address of {name}")

    async def _ask(self, name: str) -> bytes:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.connect(self._server)
            labels = b"".join(bytes([len(one)]) + one.encode() for one in name.rstrip(".").split("."))
            await loop.sock_sendall(client, b"\0\1\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1")
            async with asyncio.timeout(_PATIENCE):
                return await loop.sock_recv(client, 1500)


def _read(message: bytes) -> list[tuple[int, int, str]]:
    """Type, TTL and value of each answer: 1 for an address, 5 for another name."""
    count = struct.unpack(">H", message[6:8])[0]
    if code := message[3] & 15:
        raise OSError(f"answer with code {code}")
    _, place = _name(message, 12)
    place += 4
    answers = []
    for _ in range(count):
        _, place = _name(message, place)
        kind, _, ttl, length = struct.unpack(">HHIH", message[place:place + 10])
        place += 10
        if kind == 1:
            answers.append((1, ttl, socket.inet_ntoa(message[place:place + 4])))
        elif kind == 5:
            answers.append((5, ttl, _name(message, place)[0]))
        place += length
    return answers


def _name(message: bytes, place: int) -> tuple[str, int]:
    labels: list[str] = []
    end = 0
    while length := message[place]:
        if length >= 0xC0:
            end = end or place + 2
            place = struct.unpack(">H", message[place:place + 2])[0] & 0x3FFF
            continue
        labels.append(message[place + 1:place + 1 + length].decode())
        place += 1 + length
    return ".".join(labels), end or place + 1


class Application:
    def __init__(self, port: int, name: str) -> None:
        self._resolver = Resolver(port, name)
        self._clients: dict[str, Client] = {}

    async def ask(self) -> str:
        address = await self._resolver.address()
        client = self._clients.setdefault(address, Client(f"http://{address}/v1"))
        return await client.ask()


if __name__ == "__main__":
    asyncio.run(pace(float(sys.argv[3]), Application(int(sys.argv[1]), sys.argv[2]).ask))
