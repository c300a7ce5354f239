from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
import unittest
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from failoverd import Decision, Endpoint, Reader
from failoverd.chats import AsyncChats, Chats, NoEndpoint

from .states import document, publish

STATIC = {"a": "https://a", "b": "https://b"}


class StatusError(Exception):
    def __init__(self, status: int) -> None:
        self.status_code = status


class APIConnectionError(Exception):
    """By name, as the client's own."""


def chunk(text: str | None) -> Any:
    return SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(content=text), finish_reason=None)])


class FakeClient:
    """What each endpoint does: an answer, an exception, or a list of what a stream brings."""

    def __init__(self, does: Any, isAsync: bool) -> None:
        self.chat = SimpleNamespace(completions=self)
        self._does = does
        self._is_async = isAsync

    def create(self, **request: Any) -> Any:
        if self._is_async:
            return self._answered()
        return self._answer()

    async def _answered(self) -> Any:
        answer = self._answer()
        return self._later(answer) if isinstance(answer, Iterator) else answer

    @staticmethod
    async def _later(parts: Iterator[Any]) -> AsyncIterator[Any]:
        for part in parts:
            yield part

    def _answer(self) -> Any:
        if isinstance(self._does, Exception):
            raise self._does
        return self._stream() if isinstance(self._does, list) else self._does

    def _stream(self) -> Iterator[Any]:
        for part in self._does:
            if isinstance(part, Exception):
                raise part
            yield chunk(part)


class ChatsTests(unittest.TestCase):
    def ask(self, does: dict[str, Any], *, stream: bool, static: dict[str, str] | None = None) -> list[Any]:
        """What a caller sees of both kinds of client, which has to be the same."""
        reader = Reader("chat", STATIC if static is None else static, "/nowhere")

        def sync() -> Any:
            answer = Chats(reader, lambda at: FakeClient(does[at.name], False)).create(stream=stream)
            return self._seen(list(answer)) if stream else answer

        async def later() -> Any:
            answer = await AsyncChats(reader, lambda at: FakeClient(does[at.name], True)).create(stream=stream)
            return self._seen([part async for part in answer]) if stream else answer

        found = []
        for run in (sync, lambda: asyncio.run(later())):
            try:
                found.append(run())
            except Exception as error:
                found.append(type(error))
        self.assertEqual(found[0], found[1])
        return found

    @staticmethod
    def _seen(chunks: list[Any]) -> list[Any]:
        return [part.choices[0].delta.content for part in chunks]

    def test_what_others_may_answer_is_passed_on(self) -> None:
        for error in [StatusError(429), StatusError(503), StatusError(408), APIConnectionError(), TimeoutError()]:
            with self.subTest(error=error):
                self.assertEqual(self.ask({"a": error, "b": "b"}, stream=False)[0], "b")
                self.assertEqual(self.ask({"a": error, "b": ["b"]}, stream=True)[0], ["b"])

    def test_what_is_wrong_everywhere_is_not(self) -> None:
        for error in [StatusError(400), StatusError(401), StatusError(403), StatusError(404), ValueError()]:
            with self.subTest(error=error):
                self.assertEqual(self.ask({"a": error, "b": "b"}, stream=False)[0], type(error))

    def test_a_stream_is_replaced_before_its_first_token_only(self) -> None:
        broken = APIConnectionError()
        self.assertEqual(self.ask({"a": [None, "", broken], "b": [None, "b"]}, stream=True)[0], [None, "b"])
        self.assertEqual(self.ask({"a": [None, "x", broken], "b": ["b"]}, stream=True)[0], APIConnectionError)
        self.assertEqual(self.ask({"a": [None, "x", "y"], "b": ["b"]}, stream=True)[0], [None, "x", "y"])

    def test_a_stream_that_ends_without_a_token_is_replaced(self) -> None:
        for nothing in ([], [None], [None, ""]):
            self.assertEqual(self.ask({"a": nothing, "b": ["b"]}, stream=True)[0], ["b"])
            # Of the last one it is the answer.
            self.assertEqual(self.ask({"a": nothing, "b": nothing}, stream=True)[0], nothing)

    def test_a_stream_that_says_why_it_ends_is_an_answer(self) -> None:
        stopped = SimpleNamespace(choices=[SimpleNamespace(delta=None, finish_reason="content_filter")])
        client = SimpleNamespace(chat=SimpleNamespace(completions=SimpleNamespace(create=lambda **_: iter([stopped]))))
        chats = Chats(Reader("chat", STATIC, "/nowhere"), lambda at: client if at.name == "a" else FakeClient([], False))
        self.assertEqual(list(chats.create(stream=True)), [stopped])

    def test_the_last_one_says_what_is_wrong(self) -> None:
        self.assertEqual(
            self.ask({"a": StatusError(503), "b": APIConnectionError()}, stream=False)[0], APIConnectionError
        )
        self.assertEqual(self.ask({}, stream=False, static={})[0], NoEndpoint)

    def test_a_client_is_made_once_for_each_endpoint(self) -> None:
        made: list[Endpoint] = []

        def make(endpoint: Endpoint) -> Any:
            made.append(endpoint)
            return FakeClient("answer", False)

        chats = Chats(Reader("chat", STATIC, "/nowhere"), make)
        for _ in range(3):
            chats.create()
        self.assertEqual([endpoint.name for endpoint in made], ["a", "b"])

    def test_an_endpoint_that_comes_and_goes_keeps_its_client(self) -> None:
        made: list[str] = []

        def make(endpoint: Endpoint) -> Any:
            made.append(endpoint.name)
            return FakeClient("answer", False)

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "state.json"
            chats = Chats(Reader("chat", STATIC, str(path), pause=0), make)
            for order in (("a", "b"), ("a",), ("b", "a")):
                publish(path, document(order))
                chats.create()
        self.assertEqual(made, ["a", "b"])

    def test_many_threads_may_ask_while_the_order_changes(self) -> None:
        orders = itertools.cycle([["a", "b"], ["a"], ["b"], ["b", "a"]])

        class Restless(Reader):
            def decision(self) -> Decision:
                return Decision(tuple(Endpoint(name, STATIC[name]) for name in next(orders)), is_fresh=True)

        def make(endpoint: Endpoint) -> Any:
            time.sleep(0.001)
            return FakeClient(endpoint.name, False)

        for _ in range(20):
            chats = Chats(Restless("chat", STATIC, "/nowhere"), make)
            with ThreadPoolExecutor(16) as pool:
                answers = [pool.submit(chats.create) for _ in range(64)]
            self.assertLessEqual({answer.result() for answer in answers}, {"a", "b"})


if __name__ == "__main__":
    unittest.main()
