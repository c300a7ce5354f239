"""LiteLLM's router with the filter in contrib/python; the proxy is the same router behind HTTP."""

from ...process import output_of
from ..stage import Stage
from .base import PythonApplication


class LiteLLMRouter(PythonApplication):
    name = "litellm"
    title = "LiteLLM router, contrib/python"
    place = 12
    follows_by = "filter reads the state file, at most every 50 ms"
    program = "litellm_load.py"
    # LiteLLM leaves an endpoint alone for 5 s after failures, whatever anybody says.
    outage = 6

    @classmethod
    def version(cls) -> str:
        code = "import importlib.metadata as m; print(m.version('litellm'))"
        return "litellm " + output_of([cls.python, "-c", code])

    def environment(self, stage: Stage) -> dict[str, str]:
        # It asks the Internet for prices otherwise.
        return {**super().environment(stage), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "CRITICAL"}


CONSUMER = LiteLLMRouter
