"""An application in Swift with the library FailoverReader."""

from pathlib import Path

from ...places import project_binary
from ...process import output_of
from ..stage import Stage
from .base import Consumer


class SwiftReader(Consumer):
    name = "swift"
    title = "Swift, FailoverReader"
    place = 14
    follows_by = "reads the state file, at most every 50 ms"

    @classmethod
    def version(cls) -> str:
        return "FailoverReader " + output_of([project_binary("failoverd"), "--version"])

    def load(self, stage: Stage) -> list[str | Path]:
        own = [f"{one.name}={one.url}" for one in stage.regions]
        return [project_binary("failoverbench"), "follow", stage.state_file, stage.route, str(self.rate), *own]


CONSUMER = SwiftReader
