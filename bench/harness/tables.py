"""Markdown tables."""

import statistics
from collections.abc import Iterable, Sequence
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


_MEANING = """Seconds from the fault to the published decision: p50 / p95 / p99 / max, nearest rank. For failoverd that is the
route's file with another endpoint in it, durable before it is published; for HAProxy its log line that the server is
DOWN; for Envoy the time in its event that the host is ejected. None of them is polled. HAProxy has fall 3, Envoy a
threshold of 3 and kept connections, all a limit of 1 s. All checkers watch the same endpoints, each of which meets one
fault, once, at a random time.

- crash: SIGKILL; blackhole: nftables drops every packet of the endpoint (takes about 5 ms, which counts); http500:
  status 500; slow: the answer after 5 s; stall: headers, then nothing.
- HAProxy looks at the status only, so a stalled endpoint is healthy to it. Envoy calls an endpoint down at the first
  status that it does not expect, whatever its threshold.
- failoverd's presets differ in how long a hiccup they sit out ([decision-rule.md](decision-rule.md)); three in a row has
  no such notion."""


def detection(rows: Sequence[dict[str, Any]]) -> str:
    sections = ["## From fault to decision", _MEANING]
    for campaign, interval in dict.fromkeys((row["campaign"], row["interval"]) for row in rows):
        mine = [row for row in rows if (row["campaign"], row["interval"]) == (campaign, interval)]
        sections.append(_campaign(campaign, interval, mine))
    return "\n\n".join(sections)


def _campaign(campaign: str, interval: float, rows: Sequence[dict[str, Any]]) -> str:
    measured = [row for row in rows if row["note"] is None]
    faults = list(dict.fromkeys(row["fault"] for row in measured))
    lines = []
    for checker in dict.fromkeys(row["checker"] for row in rows):
        cells = {row["fault"]: row for row in measured if row["checker"] == checker}
        if cells:
            lines.append([checker, *(_cell(cells[fault]) for fault in faults)])
        else:
            lines.append([checker, "not supported by this build", *[""] * (len(faults) - 1)])
    title = f"### Every {interval:g} s" + (", many crashes" if campaign == "tail" else "")
    if not measured:
        return f"{title}\n\n" + table(["checker", ""], lines)
    note = (
        f"{measured[0]['runs']} runs of each cell; load {measured[0]['load']:.1f}, "
        f"stolen {measured[0]['stolen_share']:.1%}; decided before the fault: {sum(row['early'] for row in measured)}."
    )
    return f"{title}\n\n{note}\n\n" + table(["checker", *faults], lines)


def _cell(row: dict[str, Any]) -> str:
    if "p50" not in row:
        return "never"
    text = " / ".join(f"{row[key]:.2f}" for key in ("p50", "p95", "p99", "max"))
    missing = row["runs"] - row["noticed"] - row["early"]
    return text + (f" ({missing} never)" if missing else "")
