"""Programs that the run starts, and what they cost."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """A program did not do what the run needs."""

    @property
    def note(self) -> str:
        """One short line, for a table."""
        return ("failed: " + " ".join(str(self).split()))[:160]


def die_with_parent() -> None:
    """To be called in a new child: it must not outlive a harness that was killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(frozen=True)
class Memory:
    """Resident memory in bytes, whole and without pages of files."""

    resident: int
    anonymous: int


class Program:
    """A running program with its log."""

    def __init__(self, command: Sequence[str | Path], log: Path) -> None:
        self.log = log
        self.name = Path(command[0]).name
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
            )
        self.pid = self._child.pid

    def check_alive(self) -> None:
        """Raises with the end of the log if the program has ended."""
        if self._child.poll() is not None:
            raise Failed(f"{self.name} ended with {self._child.returncode}: {self.tail()}")

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-800:].strip()

    def cpu_nanoseconds(self) -> int:
        """CPU time of all threads since they began; threads that ended are not in it."""
        total = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except FileNotFoundError:
                continue
        return total

    def memory(self) -> Memory:
        fields = dict(
            line.split(":", 1) for line in Path(f"/proc/{self.pid}/status").read_text().splitlines() if ":" in line
        )
        return Memory(
            resident=int(fields["VmRSS"].split()[0]) * 1024,
            anonymous=int(fields["RssAnon"].split()[0]) * 1024,
        )

    def stop(self, patience: float = 5) -> None:
        if self._child.poll() is not None:
            return
        self._child.terminate()
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def wait_until(condition, patience: float, what: str, program: Program | None = None) -> None:
    """Asks every 50 ms, and less often if the answer takes long; at most `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        asked = time.monotonic()
        if condition():
            return
        took = time.monotonic() - asked
        if program is not None:
            program.check_alive()
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {patience:.0f} s" + (f"; {program.tail()}" if program else ""))
        # A question costs the program something, too: it must not be kept busy with answers.
        time.sleep(max(0.05, 4 * took))


def raise_file_limit(needed: int) -> None:
    """Lifts the limit on open files as far as it goes; children inherit it."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = needed if hard == resource.RLIM_INFINITY else max(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        if hard < needed:
            raise Failed(f"the limit on open files is {hard}; {needed} are needed (`ulimit -Hn`)") from None


def output_of(command: Sequence[str | Path]) -> str:
    """What a program says in its first line; empty if it is not there."""
    try:
        words = [str(part) for part in command]
        environment = {**os.environ, "LC_ALL": "C"}
        done = subprocess.run(words, capture_output=True, text=True, timeout=20, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines[0] if lines else ""
