"""HAProxy from Debian, which asks failoverd about its servers; configured as examples/haproxy/haproxy.cfg."""

import socket
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
    # Two of its questions, and the time between those to one server and to another.
    pace = 1.2

    @classmethod
    def missing(cls) -> str | None:
        return None if Path("/usr/sbin/haproxy").exists() else "install the package haproxy"

    @classmethod
    def version(cls) -> str:
        return output_of([system_binary("haproxy"), "-v"]).split(" - ")[0].splitlines()[0]

    def outputs(self, directory: Path) -> dict[str, Any]:
        return {"haproxy_agent": {"listen": f"127.0.0.1:{AGENT_PORT}"}}

    def start(self, stage: Stage) -> None:
        place = stage.directory / "haproxy.sock"
        lines = [
            "global",
            f"    stats socket {place} level admin",
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
        wait_until(place.exists, 10, "HAProxy serves", program)

    def complaints(self, stage: Stage) -> dict[str, int]:
        lines = [line.split(",") for line in _asked(stage.directory / "haproxy.sock", "show stat").splitlines() if line]
        head = lines[0]
        backend = next(dict(zip(head, line)) for line in lines if line[:2] == ["chat", "BACKEND"])
        front = next(dict(zip(head, line)) for line in lines if line[:2] == ["llm", "FRONTEND"])
        own = [dict(zip(head, line)) for line in lines if line[0] == "chat" and line[1].endswith(".own")]
        return {
            "status 5xx": int(front["hrsp_5xx"]),
            "connections failed": int(backend["econ"]),
            # Its own order is for when failoverd has nothing to say.
            "by its own order": sum(int(one["stot"]) for one in own),
        }


def _asked(path: Path, words: str) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(words.encode() + b"\n")
        answer = b""
        while part := client.recv(65536):
            answer += part
    return answer.decode()


CONSUMER = HAProxy
