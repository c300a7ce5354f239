"""Follow failoverd from Python: which endpoint of a route to use, now.

Needs nothing but the standard library. ``failoverd.chats`` adds chats over the ``openai`` client, and
``failoverd.litellm`` a filter for LiteLLM's router.
"""

from .reader import DEFAULT_PATH, Decision, Endpoint, Reader
from .reporter import Reporter

__all__ = ["DEFAULT_PATH", "Decision", "Endpoint", "Reader", "Reporter"]
