"""HAProxy from Debian, which asks failoverd about its servers; configured as examples/haproxy/haproxy.cfg."""

from pathlib import Path
from typing import Any

from ...places import system_binary
from ...process import output_of, wait_until
from ..stage import FRONT_PORT, Stage
from .base import Gateway

AGENT_PORT = 18201


class HAProxy(Gateway):
    name = "haproxy"
    title = "HAProxy, agent-check every 500 ms"
    place = 30
    follows_by = "asks failoverd about each server every 500 ms"
    # Its own checks have to find the healed endpoint again, for when failoverd is gone.
    outage = 3

    @classmethod
    def missing(cls) -> str | None:
        return None if Path("/usr/sbin/haproxy").exists() else "install the package haproxy"

    @classmethod
    def version(cls) -> str:
        return output_of([system_binary("haproxy"), "-v"]).split(" - ")[0].splitlines()[0]

    def outputs(self, directory: Path) -> dict[str, Any]:
        return {"haproxy_agent": {"listen": f"127.0.0.1:{AGENT_PORT}"}}

    def start(self, stage: Stage) -> None:
        socket = stage.directory / "haproxy.sock"
        lines = [
            "global",
            f"    stats socket {socket} level admin",
            "defaults",
            "    mode http",
            "    timeout connect 2s",
            "    timeout client 1m",
            "    timeout server 1m",
            "    retries 3",
            "    option redispatch 1",
            "frontend llm",
            f"    bind 127.0.0.1:{FRONT_PORT}",
            "    default_backend chat",
            "backend chat",
            "    default-server check inter 2s downinter 500ms fall 2 rise 1",
            "    default-server observe layer4 error-limit 5 on-error mark-down",
            f"    default-server disabled agent-check agent-addr 127.0.0.1 agent-port {AGENT_PORT} agent-inter 500ms",
        ]
        for region in stage.regions:
            question = f'"{stage.route}/{region.name}\\n"'
            lines.append(f"    server {region.name} 127.0.0.1:{region.port} agent-send {question}")
        lines.append("    default-server enabled no-agent-check backup")
        lines += [f"    server {region.name}.own 127.0.0.1:{region.port}" for region in stage.regions]
        configuration = stage.directory / "haproxy.cfg"
        configuration.write_text("\n".join(lines) + "\n")
        command = [system_binary("haproxy"), "-db", "-f", configuration]
        program = self.run(command, stage.directory / "haproxy.log")
        wait_until(socket.exists, 10, "HAProxy serves", program)


CONSUMER = HAProxy
