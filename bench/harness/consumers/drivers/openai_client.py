"""The `openai` client with the module in contrib/python."""

from ...process import output_of
from .base import PythonApplication


class OpenAIClient(PythonApplication):
    name = "openai"
    title = "`openai` client, contrib/python"
    place = 10
    follows_by = "reads the state file, at most every 50 ms"
    program = "openai_load.py"

    @classmethod
    def version(cls) -> str:
        return "openai " + output_of([cls.python, "-c", "import openai; print(openai.__version__)"])


CONSUMER = OpenAIClient
