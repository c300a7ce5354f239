"""gdnsd, whose zone holds a record for each route."""

from typing import Any

from ...places import system_binary
from ..stage import Stage
from .gdnsd_extfile import SERVICE_TYPES, TEMPLATES, TTL, Gdnsd


class Zone(Gdnsd):
    name = "gdnsd-zone"
    title = "gdnsd, `$INCLUDE` in a zone"
    place = 51
    follows_by = "a file and `gdnsdctl reload-zones`; TTL 1 s"
    outage = 4

    def template(self) -> str:
        return (TEMPLATES / "gdnsd-own-order.mustache").read_text().replace(" 30 ", f" {TTL} ")

    def more(self) -> dict[str, Any]:
        return {"reload": [str(system_binary("gdnsdctl")), "-c", str(self._place / "etc"), "reload-zones"]}

    def plugins(self, stage: Stage) -> str:
        names = [one.name for one in stage.regions]
        places = ", ".join(f"{one.name} => {one.address}" for one in stage.regions)
        resources = "\n".join(
            f"  {stage.route}-{name} => {{ datacenters => [ {', '.join([name, *(x for x in names if x != name)])} ] }}"
            for name in names
        )
        return SERVICE_TYPES.format(more="") + (
            f"plugins => {{ metafo => {{ service_types => own, dcmap => {{ {places} }}, resources => {{\n{resources} }} }} }}\n"
        )

    def record(self, stage: Stage) -> str:
        return f"$INCLUDE {self._place}/routes"


CONSUMER = Zone
