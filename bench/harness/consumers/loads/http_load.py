"""Chats over plain HTTP/1.1 on kept connections: `http_load.py URL RATE`. What a client of a gateway does."""

import asyncio
import json
import sys
from urllib.parse import urlsplit

from pace import pace

_PATIENCE = 5
_BODY = json.dumps({
    "model": "sim-small", "messages": [{"role": "user", "content": "Reply with OK."}], "max_tokens": 4,
}).encode()

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Client:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname, parts.port or 80)
        self._request = (
            f"POST {parts.path or ''}/chat/completions HTTP/1.1\r\nhost: {parts.netloc}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(_BODY)}\r\n\r\n"
        ).encode() + _BODY
        self._kept: list[Connection] = []

    async def ask(self) -> str:
        async with asyncio.timeout(_PATIENCE):
            while self._kept:
                try:
                    return await self._ask_over(self._kept.pop())
                except Closed:
                    # Closed before a byte of the answer: every client tries again on a fresh one.
                    continue
            return await self._ask_over(await asyncio.open_connection(*self._address))

    async def _ask_over(self, connection: Connection) -> str:
        reader, writer = connection
        kept = False
        try:
            try:
                writer.write(self._request)
                await writer.drain()
                first = await reader.readuntil(b"\r\n")
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                raise Closed("closed") from error
            status = int(first.split()[1])
            headers = await self._headers(reader)
            await self._skip_body(reader, headers)
            kept = headers.get("connection", "").lower() != "close"
            if status != 200:
                return f"!http_{status}"
            return headers.get("x-region", "!no_region")
        finally:
            if kept:
                self._kept.append(connection)
            else:
                writer.close()

    @staticmethod
    async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
        headers = {}
        while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    @staticmethod
    async def _skip_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> None:
        if "content-length" in headers:
            await reader.readexactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                await reader.readexactly(size + 2)
            await reader.readuntil(b"\r\n")
        else:
            headers["connection"] = "close"
            await reader.read()


class Closed(ConnectionError):
    """The connection ended before the answer began."""


if __name__ == "__main__":
    asyncio.run(pace(float(sys.argv[2]), Client(sys.argv[1]).ask))
