from __future__ import annotations

import os
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

from failoverd import Decision, Endpoint, Reader

from .states import document, publish

STATIC = {"ap-south": "https://own.example/v1", "us-east": "https://user@us-east.example/v1"}
OWN = Decision(
    (Endpoint("ap-south", "https://own.example/v1"), Endpoint("us-east", "https://user@us-east.example/v1")),
    is_fresh=False,
)
PUBLISHED = Decision(
    (
        Endpoint("us-east", "https://user@us-east.example/v1", "us-east", 100),
        Endpoint("eu-west", "https://eu-west.example/v1", "eu-west", 0),
    ),
    is_fresh=True,
    mode="preferred",
    generation=7,
)


class ReaderTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "state.json"
        self.ahead = 0.0
        self.reader = Reader("chat", STATIC, str(self.path), clock=lambda: time.time() + self.ahead, pause=0)

    def test_what_is_published_is_followed(self) -> None:
        publish(self.path, document())
        self.assertEqual(self.reader.decision(), PUBLISHED)
        publish(self.path, document(("eu-west", "us-east")))
        active = self.reader.decision().active
        self.assertEqual(active and active.name, "eu-west")

    def test_past_its_end_the_own_order_holds(self) -> None:
        publish(self.path, document())
        self.assertEqual(self.reader.decision(), PUBLISHED)
        self.ahead = 31
        self.assertEqual(self.reader.decision(), OWN)
        # A daemon that is back is followed again.
        publish(self.path, document(valid_for=90))
        self.assertTrue(self.reader.decision().is_fresh)

    def test_what_cannot_be_read_changes_nothing_until_the_end(self) -> None:
        damaged: list[Any] = [
            "",
            "{",
            "[]",
            "null",
            "\x00\xff",
            "[" * 100_000,
            {"schema": "failoverd.state/2"},
            document(valid_until="soon"),
            document(routes=[]),
            document(endpoints={}),
            document(routes={"chat": {"active": "us-east"}}),
            document(weights={"us-east": float("inf")}),
            document(weights={"us-east": float("nan")}),
        ]
        for state in damaged:
            with self.subTest(state=str(state)[:40]):
                publish(self.path, document())
                self.assertEqual(self.reader.decision(), PUBLISHED)
                publish(self.path, state)
                self.assertEqual(self.reader.decision(), PUBLISHED)
        self.path.unlink()
        self.assertEqual(self.reader.decision(), PUBLISHED)
        self.ahead = 31
        self.assertEqual(self.reader.decision(), OWN)

    def test_a_named_pipe_is_not_waited_for(self) -> None:
        publish(self.path, document())
        self.assertEqual(self.reader.decision(), PUBLISHED)
        self.path.unlink()
        os.mkfifo(self.path)
        self.assertEqual(self.reader.decision(), PUBLISHED)

    def test_without_a_file_or_the_route_the_own_order_holds(self) -> None:
        self.assertEqual(self.reader.decision(), OWN)
        publish(self.path, document(routes={}))
        self.assertEqual(self.reader.decision(), OWN)
        self.assertEqual(Reader("chat", path=str(self.path)).decision().active, None)

    def test_unknown_fields_and_modes_are_no_hindrance(self) -> None:
        state = document(new_field={"a": 1})
        state["routes"]["chat"]["mode"] = "of_tomorrow"
        publish(self.path, state)
        self.assertEqual(self.reader.decision().mode, "of_tomorrow")

    def test_weights_are_drawn(self) -> None:
        weights = {"cheap": 70, "long": 25, "premium": 5, "spare": 0}
        publish(self.path, document(tuple(weights), weights))
        decision = self.reader.decision()
        drawn = [decision.picked(lambda at=step: at / 100 + 0.005)[0].name for step in range(100)]
        self.assertEqual({name: drawn.count(name) for name in weights}, weights)
        rest = [endpoint.name for endpoint in decision.picked(lambda: 0.8)]
        self.assertEqual(rest, ["long", "cheap", "premium", "spare"])

    def test_an_order_without_weights_is_taken_as_it_is(self) -> None:
        self.assertEqual(OWN.picked(), OWN.order)


if __name__ == "__main__":
    unittest.main()
