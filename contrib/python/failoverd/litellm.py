"""A filter for LiteLLM's router: of several deployments of a model it keeps the one that failoverd has made active.

Tag each deployment with the endpoint that failoverd probes, and name the filter among the callbacks::

    model_list:
      - model_name: chat
        litellm_params: { model: openai/gpt, api_base: "https://us-east.example/v1", api_key: os.environ/KEY }
        model_info: { failoverd: us-east }
    litellm_settings:
      callbacks: failoverd.litellm.handler

It fails open: whatever is missing, stale or wrong, LiteLLM chooses as it would without it. It never raises, because an
exception here would end the request.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

from .reader import DEFAULT_PATH, Reader

#: The key in ``model_info`` that names the endpoint.
TAG = "failoverd"

_log = logging.getLogger("failoverd")


class FailoverdFilter(CustomLogger):
    """``routes`` maps names of models to routes; a model that is not in it has the route ``route``, or that of its own name."""

    def __init__(
        self, route: str | None = None, routes: Mapping[str, str] | None = None, path: str = DEFAULT_PATH
    ) -> None:
        super().__init__()
        self._route = route
        self._routes = dict(routes or {})
        self._path = path
        self._readers: dict[str, Reader] = {}
        self._silent: set[str] = set()

    async def async_filter_deployments(
        self,
        model: str,
        healthy_deployments: list[Any],
        messages: Any,
        request_kwargs: dict[str, Any] | None = None,
        parent_otel_span: Any = None,
    ) -> list[Any]:
        try:
            return self._kept(model, healthy_deployments, _tried(request_kwargs))
        except Exception:
            return healthy_deployments

    def _kept(self, model: str, deployments: list[Any], tried: frozenset[str]) -> list[Any]:
        if len(deployments) < 2:
            return deployments
        reader = self._reader(model)
        order = reader.decision().picked()
        # The best that is left: LiteLLM itself takes out what fails often, and a retry asks where this request has not failed.
        untried = [one for one in deployments if (one.get("model_info") or {}).get("id") not in tried]
        for candidates in (untried, deployments):
            for endpoint in order:
                kept = [one for one in candidates if (one.get("model_info") or {}).get(TAG) == endpoint.name]
                if kept:
                    self._silent.discard(model)
                    return kept
        self._tell(model, reader, [endpoint.name for endpoint in order])
        return deployments

    def _tell(self, model: str, reader: Reader, order: list[str]) -> None:
        """Once, until it works again: a name that is wrong somewhere would not be noticed before the failover."""
        if model in self._silent:
            return
        self._silent.add(model)
        if order:
            why = f"no deployment has model_info {TAG}: {' or '.join(order)}"
        else:
            why = f"{reader.path} decides nothing for route {reader.route}"
        _log.warning("failoverd is not followed for model %s, LiteLLM chooses among all: %s", model, why)

    def _reader(self, model: str) -> Reader:
        route = self._routes.get(model) or self._route or model
        # As many as there are routes and models in LiteLLM's own configuration.
        if route not in self._readers:
            self._readers[route] = Reader(route, path=self._path)
        return self._readers[route]


def _tried(request: dict[str, Any] | None) -> frozenset[str]:
    """Identifiers of the deployments at which this request has failed: LiteLLM notes them before each retry."""
    tried: set[str] = set()
    for key in ("metadata", "litellm_metadata"):
        for attempt in ((request or {}).get(key) or {}).get("previous_models") or ():
            if isinstance(attempt, Mapping) and isinstance(attempt.get("deployment_id"), str):
                tried.add(attempt["deployment_id"])
    return frozenset(tried)


#: For LiteLLM's proxy, which takes an object by its name: the route is FAILOVERD_ROUTE, or that of the model's name.
handler = FailoverdFilter(
    route=os.environ.get("FAILOVERD_ROUTE"), path=os.environ.get("FAILOVERD_STATE_FILE", DEFAULT_PATH)
)
