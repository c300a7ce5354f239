"""State files as failoverd writes them, as far as readers look."""

from __future__ import annotations

import json
import os
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any


def document(
    order: tuple[str, ...] = ("us-east", "eu-west"),
    weights: dict[str, int] | None = None,
    valid_for: float = 30,
    **more: Any,
) -> dict[str, Any]:
    end = datetime.fromtimestamp(time.time() + valid_for, timezone.utc)
    route = {
        "active": order[0],
        "order": list(order),
        "weights": weights or {name: 100 if name == order[0] else 0 for name in order},
        "mode": "preferred",
        "generation": 7,
    }
    endpoints = {name: {"url": f"https://{name}.example/v1", "region": name} for name in order}
    state = {
        "schema": "failoverd.state/1",
        "valid_until": end.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "routes": {"chat": route},
        "endpoints": endpoints,
    }
    return {**state, **more}


def publish(path: Path, state: Any) -> None:
    """As the daemon does it: under another name, then renamed."""
    text = state if isinstance(state, str) else json.dumps(state)
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)
