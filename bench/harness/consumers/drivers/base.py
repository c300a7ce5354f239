"""What the harness needs of a consumer."""

import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from ...places import ROOT
from ...process import Program
from ..stage import FRONT_PORT, Stage

LOADS = Path(__file__).resolve().parents[1] / "loads"


class Consumer(ABC):
    """One that follows failoverd: configured, started, loaded with requests, stopped.

    The harness calls `outputs`, starts the regions and failoverd, then calls `start`, runs the program of `load`, and
    calls `stop` at the end, whatever happened.
    """

    #: In results and on the command line: lower case, without spaces.
    name: str
    #: As it stands in the table.
    title: str
    #: Where in the table: applications from 10, gateways from 30, DNS from 50.
    place: int
    #: How it learns of a decision, in a few words for the table.
    follows_by: str
    #: Requests a second; less only where this machine cannot do more.
    rate: float = 200
    #: Seconds from a failover's decision to the repair: more where the consumer keeps a grudge of its own.
    outage: float = 2.5
    #: Good probes, ten a second, before failoverd goes back: more where the consumer has checks of its own, which have to find
    #: the endpoint again as well.
    rise: int = 2
    #: Seconds in which it may find out by itself that its endpoint is dead, when there is no failoverd.
    alone: float = 4
    #: Seconds between two of a thousand switches: so long that it follows each.
    pace: float = 0.3

    @classmethod
    def missing(cls) -> str | None:
        """Why it cannot be measured here; `None` if it can."""
        return None

    @classmethod
    def version(cls) -> str:
        """Of what is measured; for the results."""
        return "unknown"

    def outputs(self, directory: Path) -> dict[str, Any]:
        """What failoverd's `outputs` has to hold for it; `directory` is the stage's, and exists."""
        return {}

    def start(self, stage: Stage) -> None:
        """Writes its configuration below `stage.directory`, starts its programs, and returns when they serve."""
        return None

    @abstractmethod
    def load(self, stage: Stage) -> list[str | Path]:
        """The command of a program that sends requests through it, as `harness/consumers/load.py` says."""

    def environment(self, stage: Stage) -> dict[str, str]:
        """More variables for that program."""
        return {}

    def complaints(self, stage: Stage) -> dict[str, int]:
        """What it counts by itself of configurations that it did not take and requests that nobody could serve."""
        return {}

    def stop(self) -> None:
        """Stops what `start` has started."""
        return None


class Gateway(Consumer):
    """One that takes HTTP requests at a URL of its own: it is asked there, 200 times a second."""

    url = f"http://127.0.0.1:{FRONT_PORT}/v1"

    def __init__(self) -> None:
        self._programs: list[Program] = []

    def run(self, command: list[str | Path], log: Path) -> Program:
        """Starts a program that `stop` stops."""
        program = Program(command, log)
        self._programs.append(program)
        return program

    def load(self, stage: Stage) -> list[str | Path]:
        return [sys.executable, LOADS / "http_load.py", self.url, str(self.rate)]

    def stop(self) -> None:
        for program in reversed(self._programs):
            program.stop()
        self._programs = []


class PythonApplication(Consumer):
    """One whose load program is the application itself, in Python, with contrib/python at hand."""

    #: In `loads/`; it is given the rate.
    program: str
    #: With the packages that tests install.
    python = ROOT / ".build" / "python" / "bin" / "python"

    @classmethod
    def missing(cls) -> str | None:
        return None if cls.python.exists() else f"{cls.python} is missing; `make test-packages` installs it"

    def load(self, stage: Stage) -> list[str | Path]:
        return [self.python, "-W", "ignore", LOADS / self.program, str(self.rate)]

    def environment(self, stage: Stage) -> dict[str, str]:
        return {
            "PYTHONPATH": str(ROOT / "contrib" / "python"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "FAILOVERD_STATE_FILE": str(stage.state_file),
            "FAILOVERD_ROUTE": stage.route,
            # The application's own order, for when nobody decides.
            "STATIC": ",".join(f"{one.name}={one.url}" for one in stage.regions),
        }
