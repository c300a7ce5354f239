"""The rolling windows, measured by a program of the project."""

import json
import subprocess

from .cost import Say
from .places import Missing, project_binary


def run(say: Say) -> dict[str, object]:
    """Rows of `{"name", "operations", "ns_per_operation"}`; a note instead where this build has no such program."""
    try:
        program = project_binary("failoverbench")
    except Missing:
        say("windows: not supported by this build")
        return {"note": "not supported by this build", "rows": []}
    done = subprocess.run([program, "windows", "--json"], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        return {"note": f"failed: {done.stderr.strip()[:200]}", "rows": []}
    rows = json.loads(done.stdout)["rows"]
    for row in rows:
        say(f"windows, {row['name']}: {row['ns_per_operation']:.1f} ns")
    return {"note": None, "rows": rows}
