"""Results to one Markdown document."""

from collections.abc import Iterable, Sequence
from typing import Any

from . import bars, tables
from .bars import MIB, OURS
from .cost import HEALTHY_SHARE
from .tables import table
from .workload import Mode


def document(results: dict[str, Any]) -> str:
    """The whole document; parts that were not measured are left out."""
    parts = [_head(results), _bars(results), _reading(results)]
    if "cost" in results:
        parts.append(_cost(results))
    if "soak" in results:
        parts.append(_soak(results["soak"]))
    if "detection" in results:
        parts.append(tables.detection(results["detection"]))
    if "queries" in results:
        parts.append(_queries(results["queries"]))
    if "windows" in results:
        parts.append(_windows(results["windows"]))
    return "\n\n".join(parts) + "\n"


def _head(results: dict[str, Any]) -> str:
    machine = results["machine"]
    versions = [f"{name} {text}" if name not in text else text for name, text in machine["versions"].items()]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"    {results['command']}",
            "",
            "measures failoverd beside HAProxy's and Envoy's health checkers, in one run against the same responder, and",
            "wrote this page and `bench/results.json`. Do not edit it. How to run a part: [bench/README.md](../bench/README.md).",
            "",
            f"{machine['date']}, {results['minutes']:.0f} minutes. {machine['processor']}, {machine['cores']} cores, "
            f"{machine['memory_mib']} MiB, {machine['kernel']}.",
            f"Load average {results['load_before']:.1f} before and {results['load_after']:.1f} after; "
            f"other guests of the host took {results['stolen_share']:.1%} of the cores' time.",
            "",
            *(f"- {version}" for version in versions),
        ]
    )


def _bars(results: dict[str, Any]) -> str:
    def verdict(met: bool | None) -> str:
        return {True: "met", False: "**not met**", None: "not measured"}[met]

    rows = [[bar.text, bar.found, verdict(bar.met)] for bar in bars.judge(results)]
    return "## Bars\n\n" + table(["bar", "found", ""], rows)


def _reading(results: dict[str, Any]) -> str:
    seconds = results.get("seconds", 10)
    return f"""## How to read the numbers

- Compare rows of one run, not of two machines. Loads and stolen time are in the tables: a busy neighbour adds to CPU
  time through cold caches, and takes it away where the kernel does not count it. Differences of 10 % mean little.
- CPU is the time of all threads of the process, over {seconds:g} s after it had settled; checks are requests that the
  responder counted. Figures are medians of the rounds, with the least and the greatest. Checkers take turns within
  each round, and a ratio is the median of the rounds' own ratios.
- (!) marks a rate more than 3 % below the number of endpoints, or more than 1 % of the endpoints not healthy at the end.
- On loopback the sender's CPU time includes the receiver's part of TCP. It is the same for all.
- A rate a little under the number of endpoints is a schedule, not an error: HAProxy and Envoy start the next check one
  interval after the last one ended. failoverd keeps a grid.
- HAProxy runs with one thread, Envoy with one worker and its main thread, failoverd with its defaults. failoverd also
  decides, writes its state file at least every 5 s, and keeps windows and evidence; that is in its figures.
- All do the same work: `GET /`, status 200 expected, a limit of 3 s. With TLS: version 1.3, a P-256 leaf under a P-256
  root, chain and name verified, no resumption."""


def _cost(results: dict[str, Any]) -> str:
    cells: list[dict[str, Any]] = results["cost"]
    sections = ["## Cost of a check"]
    for mode in Mode:
        rows = [_cost_row(cell, cells) for cell in cells if cell["mode"] == mode.value]
        if rows:
            header = ["endpoints", "checker", "CPU us per check", "failoverd / it", "checks per s", "of a core"]
            header += ["resident MiB", "anonymous MiB", "load", "stolen"]
            sections.append(f"### {mode.title}\n\n" + table(header, rows))
    if any(cell["peer"] == "failoverd, some fresh" for cell in cells):
        sections.append(
            "`failoverd` reuses its connections 999 times in 1,000 here, to do what Envoy does. `failoverd, some fresh` is\n"
            "what it does unless told otherwise: every tenth probe opens a connection, which is how it still sees faults of\n"
            "connecting and TLS."
        )
    if certificates := results.get("certificates"):
        cases = [key for key in certificates[0] if key != "peer"]
        rows = [[row["peer"], *("accepts" if row[case] else "refuses" for case in cases)] for row in certificates]
        sections.append(
            "Whether each really verifies, shown by three certificates:\n\n"
            + table(["checker", *(f"certificate: {case}" for case in cases)], rows)
        )
    return "\n\n".join(sections)


def _cost_row(cell: dict[str, Any], cells: Iterable[dict[str, Any]]) -> Sequence[str]:
    name = [f"{cell['endpoints']:,}", cell["peer"]]
    runs = cell["runs"]
    if not runs:
        return [*name, cell["note"] or "no run", *[""] * 7]

    def middle(key: str, scale: float = 1, digits: int = 1) -> str:
        return f"{tables.median(run[key] * scale for run in runs):.{digits}f}"

    costs = [run["cpu_us_per_check"] for run in runs]
    ratio = None if cell["peer"] == OURS else bars.paired_ratio(cells, cell["mode"], cell["endpoints"], cell["peer"])
    ill = min(run["healthy"] for run in runs) < HEALTHY_SHARE * cell["endpoints"]
    rate = tables.median(run["checks"] / run["seconds"] for run in runs)
    return [
        *name,
        f"**{tables.median(costs):.1f}** ({min(costs):.1f}-{max(costs):.1f})",
        "" if ratio is None else f"{ratio:.2f}",
        f"{rate:.0f}" + (" (!)" if rate < 0.97 * cell["endpoints"] or ill else ""),
        f"{tables.median(run['core_share'] for run in runs):.0%}",
        middle("resident_bytes", 1 / MIB),
        middle("anonymous_bytes", 1 / MIB),
        f"{max(run['load'] for run in runs):.1f}",
        f"{max(run['stolen_share'] for run in runs):.0%}",
    ]


def _soak(soak: dict[str, Any]) -> str:
    title = "## Many endpoints for minutes"
    if soak["note"] is not None:
        return f"{title}\n\n{soak['note']}"
    rows = [
        ["endpoints, one check a second each", f"{soak['endpoints']:,}, {soak['mode']}"],
        ["length", f"{soak['seconds']:.0f} s"],
        ["checks completed / scheduled", f"{soak['checks']:,} / {soak['scheduled']:,}"],
        ["missed", f"{soak['missed']:,} ({soak['missed'] / soak['scheduled']:.3%})"],
        ["lowest rate within ten seconds", f"{soak['lowest_rate']:.0f}/s"],
        ["CPU per check", f"{soak['cpu_us_per_check']:.1f} us"],
        ["CPU per check with 100 endpoints", f"{soak['reference_us_per_check']:.1f} us"],
        ["CPU", f"{soak['core_share']:.0%} of a core"],
        ["resident memory at the end", f"{soak['resident_bytes'] / 1e6:.0f} MB"],
        ["anonymous memory at the end", f"{soak['anonymous_bytes'] / 1e6:.0f} MB"],
        ["healthy at the end", f"{soak['healthy']:,}"],
        ["load, stolen", f"{soak['load']:.1f}, {soak['stolen_share']:.1%}"],
    ]
    return (
        f"{title}\n\n{table(['', 'failoverd'], rows)}\n\nCounting at both ends is late by some milliseconds of "
        f"schedule; up to {bars.MISSED_TOLERANCE:.2%} is no miss."
    )


def _queries(queries: dict[str, Any]) -> str:
    title = "## Questions while it works"
    if queries["note"] is not None:
        return f"{title}\n\n{queries['note']}"
    rows = [
        [r["target"], f"{r['bytes']:,}", f"{r['p50_ms']:.2f}", f"{r['p99_ms']:.2f}", f"{r['max_ms']:.2f}"]
        for r in queries["rows"]
    ]
    return (
        f"{title}\n\n{queries['rows'][0]['questions']} questions each over the Unix socket, a connection each, at "
        f"{queries['probes_per_s']:.0f} probes a second ({queries['mode']}, {queries['endpoints']:,} endpoints); load "
        f"{queries['load']:.1f}. Milliseconds until the whole answer was read.\n\n"
        + table(["question", "bytes", "p50", "p99", "max"], rows)
    )


def _windows(windows: dict[str, Any]) -> str:
    title = "## Windows"
    if windows["note"] is not None:
        return f"{title}\n\n{windows['note']}"
    rows = [[row["name"], f"{row['operations']:,}", f"{row['ns_per_operation']:.1f}"] for row in windows["rows"]]
    return f"{title}\n\n" + table(["operation", "operations", "ns each"], rows)
