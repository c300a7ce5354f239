"""nginx, whose upstream is rendered by failoverd from examples/templates and read again with a reload."""

import os
import pwd
from pathlib import Path
from typing import Any

from ...places import ROOT, Missing, system_binary
from ...process import output_of, wait_until
from ..stage import FRONT_PORT, Stage
from .base import Gateway

_TEMPLATES = ROOT / "examples" / "templates"


class Nginx(Gateway):
    name = "nginx"
    title = "nginx, upstream by template"
    place = 34
    follows_by = "a file, checked, and a reload"
    # A check, a reload and new workers; more than one reload at a time says nothing of nginx.
    pace = 0.8

    @classmethod
    def missing(cls) -> str | None:
        try:
            system_binary("nginx")
        except Missing as missing:
            return str(missing)
        return None

    @classmethod
    def version(cls) -> str:
        return output_of([system_binary("nginx"), "-v"]).removeprefix("nginx version: ")

    def outputs(self, directory: Path) -> dict[str, Any]:
        self._place = directory / "nginx"
        self._place.mkdir(parents=True)
        self._file = self._place / "upstreams.conf"
        return {
            "templates": [
                {
                    "source": str(_TEMPLATES / "nginx-upstream.conf.mustache"),
                    "destination": str(self._file),
                    "check": [str(_TEMPLATES / "check-nginx"), "{candidate}"],
                    "reload": ["nginx", *self._arguments(), "-s", "reload"],
                }
            ]
        }

    def _arguments(self) -> list[str]:
        return ["-p", str(self._place), "-c", str(self._place / "nginx.conf"), "-e", str(self._place / "error.log")]

    def start(self, stage: Stage) -> None:
        wait_until(self._file.exists, 20, "failoverd writes the file of nginx")
        user = pwd.getpwuid(os.getuid()).pw_name
        temporary = "\n".join(
            f"    {kind}_temp_path {self._place}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self._place / "nginx.conf").write_text(f"""
daemon off;
user {user};
worker_processes 2;
pid {self._place}/nginx.pid;
error_log {self._place}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
{temporary}
    include {self._file};
    server {{
        listen 127.0.0.1:{FRONT_PORT};
        location / {{
            proxy_pass http://failoverd_{stage.route};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_connect_timeout 1s;
        }}
    }}
}}
""")
        program = self.run([system_binary("nginx"), *self._arguments()], self._place / "nginx.log")
        wait_until((self._place / "nginx.pid").exists, 20, "nginx listens", program)

    def complaints(self, stage: Stage) -> dict[str, int]:
        said = (self._place / "error.log").read_text(errors="replace")
        words = {"files refused": "[emerg]", "nobody is left": "no live upstreams", "upstreams that failed": "[error]"}
        return {what: said.count(word) for what, word in words.items()}


CONSUMER = Nginx
