"""Envoy, whose routes and clusters are rendered by failoverd from examples/templates and read from their directory."""

import http.client
import json
from pathlib import Path
from typing import Any

from ...places import ROOT, Missing, envoy_binary
from ...process import output_of, wait_until
from ..stage import FRONT_PORT, ROUTE, Stage
from .base import Gateway

_TEMPLATES = ROOT / "examples" / "templates"
ADMIN_PORT = 18202
_TYPES = "type.googleapis.com/envoy.extensions"


class Envoy(Gateway):
    name = "envoy"
    title = "Envoy, routes by template"
    place = 32
    follows_by = "a file moved into a watched directory"

    @classmethod
    def missing(cls) -> str | None:
        try:
            envoy_binary()
        except Missing as missing:
            return str(missing)
        return None

    @classmethod
    def version(cls) -> str:
        # "…/envoy  version: HASH/1.34.0/Clean/RELEASE/BoringSSL"
        words = output_of([envoy_binary(), "--version"]).split("version:")[-1].split("/")
        return "Envoy " + (words[1] if len(words) > 1 else words[0].strip())

    def outputs(self, directory: Path) -> dict[str, Any]:
        self._place = directory / "envoy"
        self._watched = self._place / "watched"
        self._watched.mkdir(parents=True)
        for name in ("clusters", "rds"):
            # The shipped one is for a route "chat".
            text = (_TEMPLATES / f"envoy-{name}.yaml.mustache").read_text().replace("route.chat", f"route.{ROUTE}")
            (self._place / f"{name}.mustache").write_text(text)
        return {
            "templates": [
                {
                    "source": str(self._place / f"{name}.mustache"),
                    "destination": str(self._watched / f"{name}.yaml"),
                }
                for name in ("clusters", "rds")
            ]
        }

    def start(self, stage: Stage) -> None:
        for name in ("clusters", "rds"):
            wait_until((self._watched / f"{name}.yaml").exists, 20, "failoverd writes the files of Envoy")
        configuration = self._place / "envoy.json"
        configuration.write_text(json.dumps(self._configuration(stage.route), indent=1))
        program = self.run(
            [envoy_binary(), "-c", configuration, "--concurrency", "2", "--disable-hot-restart", "--log-level", "warn"],
            self._place / "envoy.log",
        )
        program.check_alive()

    def _configuration(self, route: str) -> dict[str, Any]:
        manager = {
            "@type": f"{_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "http",
            "rds": {"route_config_name": route, "config_source": self._source("rds")},
            "http_filters": [
                {"name": "router", "typed_config": {"@type": f"{_TYPES}.filters.http.router.v3.Router"}}
            ],
        }
        return {
            "node": {"id": "bench", "cluster": "bench"},
            "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": ADMIN_PORT}}},
            "dynamic_resources": {"cds_config": self._source("clusters")},
            "static_resources": {
                "listeners": [
                    {
                        "name": "front",
                        "address": {"socket_address": {"address": "127.0.0.1", "port_value": FRONT_PORT}},
                        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                    }
                ]
            },
        }

    def complaints(self, stage: Stage) -> dict[str, int]:
        connection = http.client.HTTPConnection("127.0.0.1", ADMIN_PORT, timeout=10)
        try:
            connection.request("GET", "/stats")
            lines = connection.getresponse().read().decode().splitlines()
        finally:
            connection.close()
        counters = {name: int(value) for name, _, value in (line.partition(": ") for line in lines) if value.isdigit()}
        ends = {
            "routes refused": f"rds.{stage.route}.update_rejected",
            "clusters refused": "cluster_manager.cds.update_rejected",
            "no cluster": "http.no_cluster",
            "nobody healthy": "upstream_cx_none_healthy",
            "status 5xx": "http.downstream_rq_5xx",
        }
        return {what: sum(value for name, value in counters.items() if name.endswith(end)) for what, end in ends.items()}

    def _source(self, name: str) -> dict[str, Any]:
        return {
            "resource_api_version": "V3",
            "path_config_source": {
                "path": str(self._watched / f"{name}.yaml"),
                "watched_directory": {"path": str(self._watched)},
            },
        }


CONSUMER = Envoy
