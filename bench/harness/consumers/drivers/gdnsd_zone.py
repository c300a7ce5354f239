"""gdnsd, whose zone holds a record for each route."""

from typing import Any

from ...places import system_binary
from ..stage import Stage
from .gdnsd_extfile import TEMPLATES, TTL, Gdnsd


class Zone(Gdnsd):
    name = "gdnsd-zone"
    title = "gdnsd, `$INCLUDE` in a zone"
    place = 51
    follows_by = "a file and `gdnsdctl reload-zones`; TTL 1 s"
    outage = 4

    def template(self) -> str:
        text = (TEMPLATES / "gdnsd-zone.mustache").read_text()
        record = (
            "{{#is_address}}{{#is_ipv6}}AAAA{{/is_ipv6}}{{^is_ipv6}}A{{/is_ipv6}} {{host}}{{/is_address}}"
            "{{^is_address}}CNAME {{host}}.{{/is_address}}"
        )
        return text.replace(record, "CNAME {{name}}").replace(" 30 ", f" {TTL} ")

    def more(self) -> dict[str, Any]:
        return {"reload": [str(system_binary("gdnsdctl")), "-c", str(self._place / "etc"), "reload-zones"]}

    def record(self, stage: Stage) -> str:
        return f"$INCLUDE {self._place}/routes"


CONSUMER = Zone
