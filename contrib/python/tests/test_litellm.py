"""With LiteLLM's own router and its mock answers."""

from __future__ import annotations

import asyncio
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

import litellm

from failoverd.litellm import FailoverdFilter

from .states import document, publish

NAMES = ("us-east", "eu-west", "ap-south")


class FilterTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "state.json"
        self.filter = FailoverdFilter(route="chat", path=str(self.path))
        litellm.callbacks = [self.filter]
        self.addCleanup(setattr, litellm, "callbacks", [])

    def answers(self, count: int = 30, tags: tuple[str | None, ...] = NAMES) -> set[str]:
        """Which deployments answer, of several requests to a router."""
        deployments: list[Any] = [
            {
                "model_name": "gpt",
                "litellm_params": {"model": "openai/gpt", "api_key": "none", "mock_response": name},
                "model_info": {"failoverd": tag} if tag else {},
            }
            for name, tag in zip(NAMES, tags)
        ]
        router = litellm.Router(model_list=deployments, num_retries=0)

        async def ask() -> set[str]:
            messages: Any = [{"role": "user", "content": "hi"}]
            found = [await router.acompletion(model="gpt", messages=messages) for _ in range(count)]
            return {str(one.choices[0].message.content) for one in found}  # type: ignore[union-attr]

        return asyncio.run(ask())

    def test_only_the_active_deployment_answers(self) -> None:
        publish(self.path, document(("eu-west", "us-east")))
        self.assertEqual(self.answers(), {"eu-west"})

    def test_the_next_best_answers_where_the_active_one_has_no_deployment(self) -> None:
        publish(self.path, document(("elsewhere", "ap-south", "us-east")))
        self.assertEqual(self.answers(), {"ap-south"})

    def test_a_retry_asks_the_next_best(self) -> None:
        publish(self.path, document(("us-east", "eu-west", "ap-south")))
        # The first two refuse the connection; it is too early for a cooldown.
        deployments: list[Any] = [
            {
                "model_name": "gpt",
                "litellm_params": {"model": "openai/gpt", "api_key": "none", "max_retries": 0}
                | ({"mock_response": name} if name == "ap-south" else {"api_base": "http://127.0.0.1:9"}),
                "model_info": {"failoverd": name},
            }
            for name in NAMES
        ]
        router = litellm.Router(model_list=deployments, num_retries=2, disable_cooldowns=True)

        async def ask() -> str:
            messages: Any = [{"role": "user", "content": "hi"}]
            answer = await router.acompletion(model="gpt", messages=messages)
            return str(answer.choices[0].message.content)  # type: ignore[union-attr]

        self.assertEqual([asyncio.run(ask()) for _ in range(3)], ["ap-south"] * 3)

    def test_whatever_is_missing_stale_or_wrong_litellm_chooses(self) -> None:
        self.assertEqual(self.answers(), set(NAMES))
        publish(self.path, document(valid_for=-1))
        self.assertEqual(self.answers(), set(NAMES))
        publish(self.path, "{")
        self.assertEqual(self.answers(), set(NAMES))
        publish(self.path, document(("elsewhere",)))
        self.assertEqual(self.answers(), set(NAMES))
        publish(self.path, document())
        self.assertEqual(self.answers(tags=(None, None, None)), set(NAMES))

    def test_that_it_does_not_follow_is_told_once_and_again_after_it_did(self) -> None:
        publish(self.path, document(("eu-west", "us-east")))
        with self.assertLogs("failoverd", "WARNING") as told:
            self.answers(3, tags=("a", "b", "c"))
            self.answers(3)
            publish(self.path, document(valid_for=-1))
            # The file is looked at every 50 ms.
            time.sleep(0.1)
            self.answers(3)
        start = "WARNING:failoverd:failoverd is not followed for model gpt, LiteLLM chooses among all: "
        self.assertEqual(
            told.output,
            [
                start + "no deployment has model_info failoverd: eu-west or us-east",
                start + f"{self.path} decides nothing for route chat",
            ],
        )

    def test_it_never_raises(self) -> None:
        publish(self.path, document())
        odd: list[Any] = [None, 1, {"model_info": 3}]
        kept = asyncio.run(self.filter.async_filter_deployments("gpt", odd, None))
        self.assertEqual(kept, odd)
        for request in ({"metadata": 3}, {"metadata": {"previous_models": 3}}, {"metadata": {"previous_models": [3, {}]}}):
            kept = asyncio.run(self.filter.async_filter_deployments("gpt", [{}, {}], None, request))
            self.assertEqual(kept, [{}, {}])


if __name__ == "__main__":
    unittest.main()
