"""An application with the `openai` client: streamed chats that go where failoverd says. `openai_load.py RATE`."""

import asyncio
import os
import sys

from workers import share

# One process of it sends 200 requests a second and no more, and is to have some air.
rate = share(float(sys.argv[1]), 4)

import openai  # noqa: E402

from failoverd import Endpoint, Reader  # noqa: E402
from failoverd.chats import AsyncChats  # noqa: E402
from pace import pace  # noqa: E402

static = dict(pair.split("=", 1) for pair in os.environ["STATIC"].split(","))
reader = Reader(os.environ["FAILOVERD_ROUTE"], static, os.environ["FAILOVERD_STATE_FILE"])


def client(endpoint: Endpoint) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=endpoint.url, api_key="unused", max_retries=0, timeout=5)


chats = AsyncChats(reader, client)
messages = [{"role": "user", "content": "Reply with OK."}]


async def ask() -> str:
    stream = await chats.create(model="sim-small", messages=messages, max_tokens=4, stream=True)
    text = ""
    async for chunk in stream:
        for choice in chunk.choices:
            text += choice.delta.content or ""
    # The simulated region says who it is: "OK from us-east."
    return next(name for name in static if name in text)


asyncio.run(pace(rate, ask))
