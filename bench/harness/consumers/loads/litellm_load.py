"""An application with LiteLLM's router and the filter for it. `litellm_load.py RATE`."""

import asyncio
import os
import sys

from workers import share

# One process of it sends about 100 requests a second here.
rate = share(float(sys.argv[1]), 4)

import litellm  # noqa: E402

from failoverd.litellm import FailoverdFilter  # noqa: E402
from pace import pace  # noqa: E402

static = dict(pair.split("=", 1) for pair in os.environ["STATIC"].split(","))
litellm.suppress_debug_info = True
litellm.callbacks = [FailoverdFilter(os.environ["FAILOVERD_ROUTE"], path=os.environ["FAILOVERD_STATE_FILE"])]
router = litellm.Router(
    model_list=[
        {
            "model_name": "chat",
            "litellm_params": {"model": "openai/sim-small", "api_base": url, "api_key": "unused", "max_retries": 0},
            "model_info": {"failoverd": name},
        }
        for name, url in static.items()
    ],
    timeout=5,
    num_retries=2,
)
messages = [{"role": "user", "content": "Reply with OK."}]


async def ask() -> str:
    answer = await router.acompletion(model="chat", messages=messages, max_tokens=4)
    return next(name for name in static if name in answer.choices[0].message.content)


asyncio.run(pace(rate, ask))
