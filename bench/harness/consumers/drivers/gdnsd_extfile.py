"""gdnsd, whose answers follow: by states of addresses, or by the records of a zone."""

from pathlib import Path
from typing import Any

from ...places import ROOT, Missing, system_binary
from ...process import output_of, wait_until
from ..stage import FRONT_PORT, Stage
from .base import Gateway

TEMPLATES = ROOT / "examples" / "templates"
# gdnsd allows no less; what an answer is kept for.
TTL = 1
# Checks of gdnsd's own, for when failoverd is gone; it allows none more often.
SERVICE_TYPES = (
    "service_types => {{ own => {{ plugin => tcp_connect, port => 80, interval => 2, timeout => 1, "
    "up_thresh => 1, ok_thresh => 1, down_thresh => 2 }}\n  {more} }}\n"
)


class Gdnsd(Gateway):
    """Requests go to the address that the name has, which is looked up again when its TTL is over."""

    # Two of its checks, the second at which it changes its table, and the TTL.
    alone = 12
    # One of its checks, and the second at which it changes its table.
    rise = 40

    @classmethod
    def missing(cls) -> str | None:
        try:
            system_binary("gdnsd")
            system_binary("gdnsdctl")
        except Missing as missing:
            return str(missing)
        return None

    @classmethod
    def version(cls) -> str:
        return "gdnsd " + output_of(["dpkg-query", "-W", "-f", "${Version}", "gdnsd"])

    def outputs(self, directory: Path) -> dict[str, Any]:
        self._place = directory / "gdnsd"
        for name in ("etc/zones", "run", "state"):
            (self._place / name).mkdir(parents=True)
        source = self._place / "source.mustache"
        source.write_text(self.template())
        return {
            "templates": [{"source": str(source), "destination": str(self._place / "routes"), **self.more()}]
        }

    def template(self) -> str:
        """The source, with names in the place of hosts, which are all alike here."""
        raise NotImplementedError

    def more(self) -> dict[str, Any]:
        """Further keys of the output."""
        return {}

    def plugins(self, stage: Stage) -> str:
        """What gdnsd's configuration has beside its options."""
        return ""

    def record(self, stage: Stage) -> str:
        """What the zone has for the route."""
        raise NotImplementedError

    def start(self, stage: Stage) -> None:
        wait_until((self._place / "routes").exists, 20, "failoverd writes the file of gdnsd")
        (self._place / "etc" / "config").write_text(
            f"options => {{ listen => 127.0.0.1:{FRONT_PORT}, run_dir => {self._place}/run, min_ttl => {TTL}\n"
            f"  state_dir => {self._place}/state, udp_threads => 1, tcp_threads => 1 }}\n{self.plugins(stage)}"
        )
        addresses = "".join(f"{one.name} {TTL} A {one.address}\n" for one in stage.regions)
        (self._place / "etc" / "zones" / "example.com").write_text(
            "@ 300 SOA ns1 hostmaster 1 7200 1800 259200 5\n@ 300 NS ns1\nns1 300 A 127.0.0.1\n"
            f"{addresses}{self.record(stage)}\n"
        )
        log = self._place / "gdnsd.log"
        program = self.run([system_binary("gdnsd"), "-c", self._place / "etc", "start"], log)
        wait_until(lambda: b"listeners started" in log.read_bytes(), 20, "gdnsd listens", program)

    def complaints(self, stage: Stage) -> dict[str, int]:
        said = (self._place / "gdnsd.log").read_text(errors="replace")
        return {
            "zones refused": said.count("Reloading zone data failed"),
            "errors": sum(1 for line in said.splitlines() if line.startswith(("error:", "fatal:"))),
        }

    def load(self, stage: Stage) -> list[str | Path]:
        http = super().load(stage)
        return [http[0], Path(http[1]).with_name("dns_load.py"), str(FRONT_PORT), f"{stage.route}.example.com", str(self.rate)]


class Extfile(Gdnsd):
    name = "gdnsd-extfile"
    title = "gdnsd, `extfile`"
    place = 50
    follows_by = "a file that gdnsd looks at, and its own checks; TTL 1 s"
    # Two seconds until it answers so, and one until nobody holds the old answer.
    outage = 6
    pace = 1

    def template(self) -> str:
        text = (TEMPLATES / "gdnsd-extfile.mustache").read_text()
        return text.replace("{{host}}{{^is_address}}.{{/is_address}}", "{{attributes.address}}").replace("/30", f"/{TTL}")

    def plugins(self, stage: Stage) -> str:
        return SERVICE_TYPES.format(
            more=f"failoverd => {{ plugin => extfile, direct => true, interval => 2, file => {self._place}/routes }}"
        ) + self._resource(stage)

    @staticmethod
    def _resource(stage: Stage) -> str:
        names = [one.name for one in stage.regions]
        first = ", ".join(
            f"{one.name} => {{ service_types => [ failoverd, own ], 1 => {one.address} }}" for one in stage.regions
        )
        own = ", ".join(f"{one.name}.own => {one.address}" for one in stage.regions)
        order = ", ".join([*names, *(f"{name}.own" for name in names)])
        return (
            f"plugins => {{ metafo => {{ service_types => own, resources => {{ {stage.route} => {{ "
            f"datacenters => [ {order} ], dcmap => {{ {first}, {own} }} }} }} }} }}\n"
        )

    def record(self, stage: Stage) -> str:
        return f"{stage.route} {TTL} DYNA metafo!{stage.route}"


CONSUMER = Extfile
