"""What the harness needs of a checker."""

from abc import ABC, abstractmethod
from pathlib import Path

from ..process import Program, wait_until
from ..workload import Mode, Workload


class Peer(ABC):
    """One checker with one configuration: started, asked for its opinion, stopped."""

    # As it stands in the tables.
    name: str

    def __init__(self) -> None:
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        if self._program is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._program

    def unsupported(self, mode: Mode) -> str | None:
        """Why this checker cannot do that; `None` if it can."""
        return None

    def start(self, workload: Workload, directory: Path) -> None:
        """Writes the configuration into a new directory and starts the program."""
        directory.mkdir(parents=True)
        command = self.configure(workload, directory)
        self._program = Program(command, directory / "log")

    @abstractmethod
    def configure(self, workload: Workload, directory: Path) -> list[str | Path]:
        """Writes the configuration; the command that runs it."""

    @abstractmethod
    def healthy(self) -> int:
        """How many endpoints the checker has checked and calls healthy."""

    def wait_until_healthy(self, count: int, patience: float) -> None:
        def ready() -> bool:
            try:
                return self.healthy() >= count
            except (OSError, ValueError):
                return False

        wait_until(ready, patience, f"{self.name} calls {count} endpoints healthy", self.program)

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop()
            self._program = None
