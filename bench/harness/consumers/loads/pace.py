"""Requests at a steady rate, for load programs in Python; see harness/consumers/load.py for what they write."""

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable

# At 200 a second these are two seconds of requests that hang; more than that says nothing new.
_MOST_UNDER_WAY = 400


async def pace(rate: float, ask: Callable[[], Awaitable[str]]) -> None:
    """`ask` makes one request, and returns the region that answered, or raises."""
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    under_way: set[asyncio.Task[None]] = set()

    async def one() -> None:
        started = time.monotonic_ns()
        try:
            outcome = await ask()
        except Exception as error:
            outcome = "!" + "_".join(f"{type(error).__name__} {error}".split())[:80]
        tell(started, outcome)

    began = time.monotonic()
    count = 0
    while not end.is_set():
        if (pause := began + count / rate - time.monotonic()) > 0:
            await asyncio.sleep(pause)
        count += 1
        if len(under_way) >= _MOST_UNDER_WAY:
            tell(time.monotonic_ns(), "!not_sent")
            continue
        task = asyncio.create_task(one())
        under_way.add(task)
        task.add_done_callback(under_way.discard)


def tell(started: int, outcome: str) -> None:
    sys.stdout.write(f"{started} {time.monotonic_ns()} {outcome}\n")
    sys.stdout.flush()
