"""Many moves by an operator between endpoints that are all well, under load: nothing may fail, and nobody else may answer."""

import bisect
import time
from pathlib import Path
from typing import Any

from .campaign import PATIENCE, STEADY, Say, load_of, running
from .decisions import Decision
from .drivers.base import Consumer
from .load import Load, Request
from .stage import Stage

#: Half of that of the failovers: these runs are long, and what counts is that nothing happens.
RATE = 100
#: After the last move, so that it is followed as well.
REST = 5


def measure(consumer: Consumer, moves: int, directory: Path, say: Say) -> dict[str, Any]:
    consumer.rate = RATE
    stage = Stage(directory, consumer.outputs(directory), consumer.rise)
    with running(stage, consumer, directory):
        stage.start_daemon()
        consumer.start(stage)
        load = load_of(stage, consumer, directory, {"ASK_EACH_TIME": "1"})
        try:
            return _endure(consumer, stage, load, moves, say)
        finally:
            load.stop()


def _endure(consumer: Consumer, stage: Stage, load: Load, moves: int, say: Say) -> dict[str, Any]:
    names = [region.name for region in stage.regions]
    load.wait_for(names[0], STEADY, 60)
    before = consumer.complaints(stage)
    began = time.monotonic_ns()
    decisions = [Decision(began, 0, names[0], "")]
    for index in range(1, moves + 1):
        due = began + int(index * consumer.pace * 1e9)
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        target = names[index % len(names)]
        stage.pin(target)
        decisions.append(stage.decisions.wait_for(PATIENCE, since=decisions[-1].at, active=target))
        if index % 100 == 0:
            say(f"  {index}: {_lost(load.requests(), began)} lost")
    load.run_for(REST)
    requests = sorted(one for one in load.requests() if one.started >= began)
    sent = [one for one in requests if one.was_sent]
    words = [one.outcome[1:] for one in sent if one.is_lost]
    after = consumer.complaints(stage)
    return {
        "moves": moves,
        "seconds": round((time.monotonic_ns() - began) / 1e9, 1),
        "requests": len(sent),
        "followed": _followed(decisions, sent),
        "lost": len(words),
        "lost_words": {word: words.count(word) for word in sorted(set(words))},
        "unknown": sum(1 for one in sent if not one.is_lost and one.outcome not in names),
        "longest_behind_ms": round(max((_behind(decisions, one) for one in sent), default=0) / 1e6, 1),
        "complaints": {what: count - before.get(what, 0) for what, count in after.items()},
        "not_sent": len(requests) - len(sent),
    }


def _lost(requests: list[Request], began: int) -> int:
    return sum(1 for one in requests if one.is_lost and one.started >= began)


def _followed(decisions: list[Decision], requests: list[Request]) -> int:
    """Moves after which the new endpoint answered before the next move but one sent traffic elsewhere."""
    starts = [one.started for one in requests]
    count = 0
    for index, decision in enumerate(decisions[1:], 1):
        end = decisions[index + 2].at if index + 2 < len(decisions) else float("inf")
        place = bisect.bisect_left(starts, decision.at)
        while place < len(requests) and requests[place].started < end:
            if requests[place].outcome == decision.active:
                count += 1
                break
            place += 1
    return count


def _behind(decisions: list[Decision], request: Request) -> int:
    """For how long the endpoint that answered had not been the active one when the request began; nanoseconds."""
    place = bisect.bisect_right(decisions, request.started, key=lambda one: one.at) - 1
    # What is decided while the request is under way is not behind, but ahead.
    if place + 1 < len(decisions) and decisions[place + 1].active == request.outcome:
        if decisions[place + 1].at <= request.ended:
            return 0
    left = request.started
    while place >= 0 and decisions[place].active != request.outcome:
        left = decisions[place].at
        place -= 1
    return request.started - left if place >= 0 and left != request.started else 0
