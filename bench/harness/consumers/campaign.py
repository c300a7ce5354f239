"""Everything that happens to one consumer: failovers and failbacks, and a failoverd that dies, stays away and returns."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..process import Failed
from .decisions import Decision
from .drivers.base import Consumer
from .load import Load, Request
from .stage import VALID_FOR, Stage

#: What happens to the active endpoint, in turn: a crash, and a server that answers with errors.
FAULTS: tuple[Any, ...] = ("refuse", {"status": 503})
#: Seconds in which a consumer may follow a decision; requests of that time count as those of the switch.
SETTLE = 2.5
#: Failoverd decides within a second here; more than that is a defect of the stage.
PATIENCE = 30
#: Two tenths of a second at full rate: so many answers in a row show where traffic is.
STEADY = 40
#: How long traffic is watched after failoverd was killed and its state has run out, and while it is away.
WATCHED = 4

Say = Callable[[str], None]


def measure(consumer: Consumer, switches: int, directory: Path, say: Say) -> dict[str, Any]:
    """`switches` failovers and as many failbacks, and then the end of failoverd."""
    stage = Stage(directory, consumer.outputs(directory), consumer.rise)
    with running(stage, consumer, directory):
        stage.start_daemon()
        consumer.start(stage)
        load = load_of(stage, consumer, directory)
        try:
            return _Campaign(stage, load, consumer, say).run(switches)
        finally:
            load.stop()


@contextmanager
def running(stage: Stage, consumer: Consumer, directory: Path) -> Iterator[None]:
    """Stops both in the end; a failure says what the load has said last."""
    try:
        yield
    except Failed as failed:
        raise Failed(f"{failed}; the load says: {_tail(directory / 'load.log')}") from None
    finally:
        consumer.stop()
        stage.stop()


def load_of(stage: Stage, consumer: Consumer, directory: Path, more: dict[str, str] | None = None) -> Load:
    return Load(consumer.load(stage), directory / "load.log", {**consumer.environment(stage), **(more or {})})


def _tail(log: Path) -> str:
    return " | ".join(log.read_text(errors="replace").splitlines()[-3:]) if log.exists() else "nothing"


class _Campaign:
    def __init__(self, stage: Stage, load: Load, consumer: Consumer, say: Say) -> None:
        self._stage = stage
        self._load = load
        self._outage = consumer.outage
        self._alone = consumer.alone
        self._say = say
        self._preferred = stage.regions[0].name

    def run(self, switches: int) -> dict[str, Any]:
        # A first start of a gateway or a library may take a while.
        self._load.wait_for(self._preferred, STEADY, 60)
        began = time.monotonic_ns()
        failovers, failbacks = [], []
        for index in range(switches):
            failovers.append(self._failover(FAULTS[index % len(FAULTS)]))
            failbacks.append(self._failback())
            self._say(f"  {index + 1}: {_short(failovers[-1])}; back {_short(failbacks[-1])}")
        sent = [one for one in self._load.requests() if one.started >= began]
        seconds = (time.monotonic_ns() - began) / 1e9
        return {
            "rate": round(len(sent) / seconds, 1),
            "requests": len(sent),
            "failovers": failovers,
            "failbacks": failbacks,
            **self._without_failoverd(),
            "not_sent": sum(1 for one in self._load.requests() if not one.was_sent),
        }

    # Switches

    def _failover(self, fault: Any) -> dict[str, Any]:
        failed = time.monotonic_ns()
        self._stage.fail(self._preferred, fault)
        decision = self._stage.decisions.wait_for(PATIENCE, since=failed, other_than=self._preferred)
        self._load.run_for(self._outage)
        word = fault if isinstance(fault, str) else "status 503"
        return {"fault": word, "decided_after_ms": _ms(decision.at - failed), **self._switch(failed, decision)}

    def _failback(self) -> dict[str, Any]:
        healed = time.monotonic_ns()
        self._stage.heal(self._preferred)
        decision = self._stage.decisions.wait_for(PATIENCE, since=healed, active=self._preferred)
        self._load.run_for(max(SETTLE, self._outage))
        switch = self._switch(healed, decision)
        # The next fault shall not meet the rest of this move.
        self._load.wait_for(self._preferred, STEADY, 30)
        return switch

    def _switch(self, since: int, decision: Decision) -> dict[str, Any]:
        """What became of the requests from the fault or the repair to the end of the settling."""
        requests = [one for one in self._load.requests() if one.started >= since and one.was_sent]
        after = [one for one in requests if one.started >= decision.at]
        reached = [one.started for one in after if one.outcome == decision.active]
        # Answered elsewhere, or by nobody: traffic that had not moved yet.
        stayed = [one.started for one in after if one.outcome != decision.active]
        return {
            "to": decision.active,
            "first_ms": _ms(min(reached) - decision.at) if reached else None,
            "moved_ms": _ms(max(stayed) - decision.at) if stayed else 0.0,
            "lost_before": sum(1 for one in requests if one.is_lost and one.started < decision.at),
            "lost_after": sum(1 for one in after if one.is_lost),
            "lost_words": _words(requests),
        }

    # Without failoverd

    def _without_failoverd(self) -> dict[str, Any]:
        """Killed while another endpoint than the first is active, which then is well again: nobody says so any more."""
        failed = time.monotonic_ns()
        self._stage.fail(self._preferred, "refuse")
        standby = self._stage.decisions.wait_for(PATIENCE, since=failed, other_than=self._preferred).active
        self._load.wait_for(standby, STEADY, 30)
        # Whoever is asked about the decision only now and then shall have heard of it.
        self._load.run_for(SETTLE)
        killed = time.monotonic_ns()
        self._stage.kill_daemon()
        self._stage.heal(self._preferred)
        self._load.run_for(VALID_FOR + WATCHED)
        result: dict[str, Any] = {
            "killed": {"lost": self._lost(killed), "words": self._words_since(killed)},
            "stale": {"was": standby, "now": self._answering()},
        }
        self._say(f"  killed: {result['killed']}; stale: {result['stale']}")
        result["alone"] = self._fault_while_alone()
        self._say(f"  alone: {result['alone']}")
        result["restarted"] = self._restart()
        stopped = time.monotonic_ns()
        self._stage.stop_daemon()
        self._load.run_for(VALID_FOR + WATCHED)
        result["stopped"] = {"lost": self._lost(stopped), "now": self._answering()}
        self._say(f"  restarted: {result['restarted']}; stopped: {result['stopped']}")
        return result

    def _fault_while_alone(self) -> dict[str, Any]:
        """The endpoint that carries the traffic crashes, and there is no failoverd to say so."""
        regions = {region.name for region in self._stage.regions}
        serving = {name: count for name, count in self._answering().items() if name in regions}
        if not serving:
            raise Failed("nobody answers while failoverd is away")
        victim = max(serving, key=lambda name: serving[name])
        failed = time.monotonic_ns()
        self._stage.fail(victim, "refuse")
        self._load.run_for(self._alone)
        requests = [one for one in self._load.requests() if one.started >= failed and one.was_sent]
        lost = [one.started for one in requests if one.is_lost]
        now = self._answering()
        self._stage.heal(victim)
        return {
            "sent": len(requests),
            "lost": len(lost),
            "last_lost_ms": _ms(max(lost) - failed) if lost else None,
            "now": now,
        }

    def _restart(self) -> dict[str, Any]:
        # Whoever checks by itself has to find the healed one again first.
        self._load.run_for(max(WATCHED, self._alone))
        began = time.monotonic_ns()
        self._stage.start_daemon()
        self._load.wait_for(self._stage.decisions.active, STEADY, 60)
        self._load.run_for(SETTLE)
        return {"lost": self._lost(began), "now": self._answering()}

    def _lost(self, since: int) -> int:
        return sum(1 for one in self._load.requests() if one.is_lost and one.started >= since)

    def _words_since(self, since: int) -> dict[str, int]:
        return _words([one for one in self._load.requests() if one.started >= since])

    def _answering(self) -> dict[str, int]:
        """Who answered the last second's requests."""
        start = time.monotonic_ns() - 1_000_000_000
        return _count([one.outcome for one in self._load.requests() if one.started >= start and one.was_sent])


def _words(requests: list[Request]) -> dict[str, int]:
    return _count([one.outcome[1:] for one in requests if one.is_lost])


def _count(words: list[str]) -> dict[str, int]:
    return {word: words.count(word) for word in sorted(set(words))}


def _ms(nanoseconds: int) -> float:
    return round(nanoseconds / 1e6, 1)


def _short(switch: dict[str, Any]) -> str:
    return (
        f"{switch['to']} first after {switch['first_ms']} ms, all after {switch['moved_ms']} ms, "
        f"lost {switch['lost_before']} + {switch['lost_after']}"
    )
