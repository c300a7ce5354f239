"""Chats over the ``openai`` client that go where failoverd says.

An endpoint that fails before its first token, or ends a stream without one, is passed over for the next one in order, as long
as another endpoint could do better: a refused request (400, 401, 403, 404 ...) is as wrong elsewhere. Once a token was shown
nothing is sent twice.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Generic, TypeVar

from .reader import Endpoint, Reader

Client = TypeVar("Client")

#: Too slow, in conflict, at its limit: others may not be.
_PASSING = frozenset({408, 409, 429})
#: Clients that are kept beside those in use: an endpoint that is out of the order now may be back in a minute.
_SPARE = 16
_TOKENS = ("content", "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call")


class NoEndpoint(Exception):
    """failoverd is silent, and there is no order of your own."""


class _Base(Generic[Client]):
    def __init__(self, reader: Reader, client: Callable[[Endpoint], Client]) -> None:
        """``client`` makes a client for an endpoint; give it ``max_retries=0``, or it retries where it should move on."""
        self._reader = reader
        self._make = client
        self._clients: dict[tuple[str, str], Client] = {}
        self._lock = threading.Lock()

    def _candidates(self) -> list[Client]:
        endpoints = self._reader.decision().picked()
        if not endpoints:
            raise NoEndpoint(f"no endpoint for route {self._reader.route}")
        with self._lock:
            used: dict[tuple[str, str], Client] = {}
            for endpoint in endpoints:
                key = (endpoint.name, endpoint.url)
                used[key] = self._clients.pop(key) if key in self._clients else self._make(endpoint)
            spare = list(self._clients.items())[-_SPARE:]
            self._clients = {**dict(spare), **used}
            return list(used.values())


class Chats(_Base[Any]):
    """``Chats(reader, client).create(...)`` takes what ``client.chat.completions.create`` takes, ``stream=True`` included."""

    def create(self, **request: Any) -> Any:
        candidates = self._candidates()
        for index, client in enumerate(candidates):
            is_last = index == len(candidates) - 1
            try:
                answer = client.chat.completions.create(**request)
                if not request.get("stream"):
                    return answer
                stream, has_begun = self._begun(answer)
                if has_begun or is_last:
                    return stream
            except Exception as error:
                if is_last or not may_pass(error):
                    raise
        raise AssertionError("unreachable")

    @staticmethod
    def _begun(stream: Any) -> tuple[Iterator[Any], bool]:
        """Waits for the first token, so that a stream that fails or ends before it can be replaced."""
        chunks = iter(stream)
        held: list[Any] = []
        has_begun = False
        for chunk in chunks:
            held.append(chunk)
            if has_begun := has_token(chunk):
                break

        def rest() -> Iterator[Any]:
            yield from held
            yield from chunks

        return rest(), has_begun


class AsyncChats(_Base[Any]):
    """The same for ``openai.AsyncOpenAI``."""

    async def create(self, **request: Any) -> Any:
        candidates = self._candidates()
        for index, client in enumerate(candidates):
            is_last = index == len(candidates) - 1
            try:
                answer = await client.chat.completions.create(**request)
                if not request.get("stream"):
                    return answer
                stream, has_begun = await self._begun(answer)
                if has_begun or is_last:
                    return stream
            except Exception as error:
                if is_last or not may_pass(error):
                    raise
        raise AssertionError("unreachable")

    @staticmethod
    async def _begun(stream: Any) -> tuple[AsyncIterator[Any], bool]:
        chunks = aiter(stream)
        held: list[Any] = []
        has_begun = False
        async for chunk in chunks:
            held.append(chunk)
            if has_begun := has_token(chunk):
                break

        async def rest() -> AsyncIterator[Any]:
            for chunk in held:
                yield chunk
            async for chunk in chunks:
                yield chunk

        return rest(), has_begun


def may_pass(error: BaseException) -> bool:
    """Whether another endpoint could answer what this one did not."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return status in _PASSING or status >= 500
    # No answer at all, whatever the client calls it; by name, so that nothing has to be installed.
    names = {kind.__name__ for kind in type(error).__mro__}
    return not names.isdisjoint({"APIConnectionError", "APIError", "TransportError", "TimeoutError", "ConnectionError"})


def has_token(chunk: Any) -> bool:
    """Whether a chunk of a stream has something of the answer in it."""
    for choice in getattr(chunk, "choices", None) or []:
        delta = getattr(choice, "delta", None)
        if any(getattr(delta, name, None) for name in _TOKENS) or getattr(choice, "finish_reason", None):
            return True
    return False
