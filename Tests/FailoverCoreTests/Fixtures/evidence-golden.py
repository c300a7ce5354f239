"""An independent model of the evidence rule; writes evidence-golden.json beside itself. Needs numpy.

Written from the equations of docs/decision-rule.md, with arrays over alternatives, and not from the program.
"""
import json
from pathlib import Path

import numpy as np

YEAR = 31557600.0
PRESETS = {  # false failovers a year, blip of errors, blip of slowness
    "instant": (52, 0.1, 0.1), "fast": (12, 1.0, 3.0), "balanced": (4, 3.0, 3.0), "cautious": (1, 5.0, 5.0)}
PARTS = {"availability": np.array([0.43, 0.07, 0.10]), "latency": np.array([0.22, 0.08, 0.10])}
SITUATIONS = ["clear", "good4", "good2", "good1", "lapse", "bad1", "bad2", "bad3", "bad5", "bad9", "bad17"]


def situation(bad, good, lapsed):
    if lapsed:
        return "lapse"
    for least in (17, 9, 5, 3, 2, 1):
        if bad >= least:
            return f"bad{least}"
    return "clear" if good >= 8 else "good4" if good >= 4 else "good2" if good >= 2 else "good1"


class Chart:
    def __init__(self, kind, preset, interval, confirm, degraded_at=0.05, blips_per_day=1.0):
        budget, blip_errors, blip_slow = PRESETS[preset]
        self.slow = kind == "latency"
        self.allowed = 0.01 if self.slow else 0.001
        self.tau = blip_slow if self.slow else blip_errors
        self.rate = 0.5 * self.allowed / interval if self.slow else blips_per_day / 86400
        self.interval, self.degraded_at = interval, degraded_at
        often = self.allowed + self.rate * self.tau * 0.95
        start = np.minimum(1, np.array([0.98, 0.40, degraded_at + 2 * often]))
        self.threshold = np.maximum(0.3, np.log10(start * YEAR / interval / (budget * PARTS[kind])))
        self.score = np.zeros(3)
        self.pi = self.busy = 0.0
        self.last = None
        self.bad = self.lapsed = 0
        self.good = 8
        self.seen, self.expected = np.zeros(11), np.zeros(11)
        self.new_seen, self.new_expected = np.zeros(11), np.zeros(11)
        self.trouble = self.before_trouble = None
        self.longest_trouble = max(30 * self.tau, 18 * interval)
        self.learned_at = None
        self.factor = np.ones(11)
        gap = min(interval, confirm)
        stay = np.exp(-gap / self.tau)
        start = min(self.rate * interval, 0.5)
        pi = 0.95 * start / (0.95 * start + self.allowed * (1 - start))
        pi = pi * stay + (1 - pi) * min(self.rate * gap, 0.5)
        after_one, in_row = (0.95 * x + self.allowed * (1 - x) for x in (pi, stay))
        self.weights = np.array([1.0, 3, 3, 3, 0.3, min(3, 300 * after_one)] + [14 * in_row / (1 - in_row)] * 5)

    def step(self, t, bad):
        gap = self.interval if self.last is None else max(0.0, t - self.last)
        if self.learned_at is None:
            self.learned_at = t
        self.last = t
        if gap > 2 * self.interval:
            self.score = self.score * 2.0 ** (-(gap - 2 * self.interval) / 60)
        prior = self.pi * np.exp(-gap / self.tau) + (1 - self.pi) * min(self.rate * gap, 0.5)
        model = 0.95 * prior + self.allowed * (1 - prior)
        self.pi = 0.95 * prior / model if bad else 0.05 * prior / (1 - model)
        where = SITUATIONS.index(situation(self.bad, self.good, self.lapsed))
        name = SITUATIONS[where]
        if name in ("clear", "good4"):
            self.trouble = t if bad else None
            self.before_trouble = (self.new_seen.copy(), self.new_expected.copy()) if bad else None
        too_long = self.trouble is not None and t - self.trouble > self.longest_trouble
        f = min(self.factor[where], 1.0) if too_long else self.factor[where]
        most = self.degraded_at if name in ("good4", "good2") else 0.80
        q = min(max(most, model), model * f) if f != 1 else model
        if self.slow and f < 1:
            busy = self.busy * np.exp(-gap / 3600) + (1 - self.busy) * min(gap / (14 * 86400), 1)
            q = busy * model + (1 - busy) * q
            self.busy = busy * (model if bad else 1 - model) / (q if bad else 1 - q)
        p = np.maximum([0.98, 0.40, max(self.degraded_at, min(0.98, 2 * q / (1 + q)))], q)
        step = np.log10(p / q) if bad else np.log10((1 - p) / (1 - q))
        self.score = np.maximum(0, self.score + step)
        if not too_long:
            self.new_expected[where] += model
            self.new_seen[where] += bad
        elif self.before_trouble is not None:
            self.new_seen, self.new_expected = self.before_trouble
            self.before_trouble = None
        row = self.bad
        self.bad = row + self.lapsed + 1 if bad else 0
        self.lapsed = row if not bad and row >= 3 else 0
        self.good = 0 if bad else min(8, self.good + 1)
        return q

    def forget_new(self):
        self.new_seen, self.new_expected = np.zeros(11), np.zeros(11)
        self.before_trouble = None

    def learn(self, t):
        keep = 2.0 ** (-(t - self.learned_at) / (90 * 86400))
        self.learned_at = t
        self.seen, self.expected = self.seen * keep, self.expected * keep
        seen, expected = self.seen + self.new_seen, self.expected + self.new_expected
        if not self.slow or seen[:4].sum() <= expected[:4].sum():
            self.seen, self.expected = seen, expected
        self.forget_new()
        near = 1.0
        for i, name in enumerate(SITUATIONS):
            if name in ("lapse", "bad1"):
                near = 1.0
            weight = self.weights[i]
            seen, expected = self.seen[i] + weight * near, self.expected[i] + weight
            if seen < expected:
                seen += np.sqrt(seen if name == "clear" else self.seen[i])
            elif i >= 7 and not self.slow:
                seen += 0.5 * np.sqrt(self.seen[i])
            f = seen / expected
            if name == "clear":
                near = f = min(f, 1.0) if self.slow else 1.0
            self.factor[i] = max(f, 0.1 if self.slow and i <= 3 else 1.0)
            if name != "clear":
                near = self.factor[i]


class Endpoint:
    def __init__(self, preset, interval, confirm=1e9):
        self.charts = {k: Chart(k, preset, interval, confirm) for k in ("availability", "latency")}
        self.look = None
        self.down, self.proof, self.trip_at, self.last_bad = False, 0.0, 0.0, 0.0
        self.blip, self.interval = PRESETS[preset][1], interval

    def step(self, t, outcome):
        error, bad = outcome == "error", outcome != "good"
        charts = list(self.charts.values())
        q = [charts[0].step(t, error), charts[1].step(t, bad)]
        if self.look is None:
            self.look = t + 1800
        self.proof = min(max(0, self.proof + (np.log10(0.01 / 0.2) if bad else np.log10(0.99 / 0.8))), 3.5)
        if bad:
            self.last_bad = t
        if self.down:
            if self.proof >= 2:
                self.down = False
                for c in charts:
                    c.score = np.zeros(3)
                    if self.last_bad - self.trip_at > max(8 * self.blip, 2 * self.interval):
                        c.forget_new()
            return q
        full = max((c.score / c.threshold).max() for c in charts)
        if t >= self.look:
            calm = self.proof >= 2 and full < 0.15 and all(c.bad == 0 for c in charts)
            if calm:
                for c in charts:
                    c.learn(t)
            self.look = t + (1800 if calm else 300)
        if full >= 1:
            self.down, self.proof, self.trip_at = True, 0.0, t
        return q


def case(name, preset, interval, steps, prelude=(), confirm=None):
    """prelude: [count, outcome] played at the interval and not recorded; steps: (gap before it, outcome)."""
    confirm = confirm or interval
    e, t = Endpoint(preset, interval, confirm), -interval
    for count, outcome in prelude:
        for _ in range(count):
            t += interval
            e.step(t, outcome)
    out = {"name": name, "preset": preset, "interval_s": interval, "confirm_s": confirm, "prelude": [list(p) for p in prelude]}
    out["factors_after_prelude"] = {k: dict(zip(SITUATIONS, np.round(c.factor, 9).tolist())) for k, c in e.charts.items()}
    rows = []
    for g, outcome in steps:
        t += g
        q = e.step(t, outcome)
        rows.append({"start_s": round(t, 6), "outcome": outcome, "healthy": np.round(q, 9).tolist(),
                     "availability": np.round(e.charts["availability"].score, 9).tolist(),
                     "latency": np.round(e.charts["latency"].score, 9).tolist(),
                     "down": bool(e.down)})
    out["steps"] = rows
    return out


def every(interval, text):
    return [(float(interval), {"e": "error", "s": "slow", "g": "good"}[c]) for c in text]


HICCUPS = [(2000, "good"), (2, "error"), (3000, "good"), (3, "error"), (1, "good"), (1, "error"), (5000, "good"),
           (4, "error"), (4000, "good"), (2, "error"), (1500, "good")]


def main():
    thresholds = []
    for preset in PRESETS:
        for interval in (1.0, 2.0, 5.0, 10.0, 30.0):
            e = Endpoint(preset, interval)
            thresholds.append({"preset": preset, "interval_s": interval,
                               **{k: np.round(c.threshold, 9).tolist() for k, c in e.charts.items()}})
    cases = []
    for preset in PRESETS:
        for interval in (1, 5):
            cases.append(case(f"all errors {preset} every {interval} s", preset, float(interval), every(interval, "e" * 40)))
            cases.append(case(f"all slow {preset} every {interval} s", preset, float(interval), every(interval, "s" * 60)))
    cases.append(case("alternating", "balanced", 5.0, every(5, "egegegegeg")))
    cases.append(case("two-probe blip then good", "balanced", 5.0, every(5, "ee" + "g" * 40)))
    cases.append(case("a good one inside a row", "balanced", 5.0, every(5, "eeegegeee")))
    cases.append(case("half slow", "fast", 5.0, every(5, "sgsgssggsgsssgs")))
    cases.append(case("confirmation every second", "balanced", 5.0, [(5.0, "error")] + every(1, "eeegee") + every(5, "ggee"), confirm=1.0))
    cases.append(case("confirmation after some hiccups", "balanced", 5.0, [(5.0, "error")] + every(1, "e" * 30), HICCUPS, 1.0))
    cases.append(case("a gap of three minutes", "balanced", 5.0, every(5, "ee") + [(180.0, "error"), (5.0, "error")]))
    cases.append(case("errors after some hiccups", "balanced", 5.0, every(5, "e" * 16), HICCUPS))
    slow = sum(([(400, "good"), (1, "slow")] for _ in range(30)), []) + [(900, "good"), (2, "slow"), (1000, "good")]
    cases.append(case("slow after a month of few slow ones", "balanced", 5.0, every(5, "s" * 16), slow))
    cases.append(case("a fifth slow after few slow ones", "balanced", 5.0, every(5, "sgggg" * 14), slow))
    cases.append(case("fast after some hiccups", "fast", 5.0, every(5, "e" * 10), HICCUPS))
    cases.append(case("every 30 s after some hiccups", "balanced", 30.0, every(30, "e" * 8), HICCUPS))
    outage = [(1000, "good"), (200, "error"), (2000, "good")]
    cases.append(case("a long outage teaches nothing", "balanced", 5.0, every(5, "e" * 6), outage))
    short = [(1000, "good"), (6, "error"), (2000, "good")]
    cases.append(case("a short one does", "balanced", 5.0, every(5, "e" * 12), short))
    cases.append(case("trouble too long for a hiccup is not excused", "balanced", 5.0, every(5, "egg" * 16), HICCUPS))
    wavering = [(1000, "good")] + [(1, "error"), (2, "good")] * 3 + [(3000, "good")]
    cases.append(case("trouble that ends is learned", "balanced", 5.0, every(5, "egg" * 4), wavering * 3))
    lasting = [(1000, "good")] + [(1, "slow"), (6, "good")] * 12 + [(3000, "good")]
    cases.append(case("trouble that lasts is not", "balanced", 5.0, every(5, "sggggss"), lasting * 3))
    few = [(700, "good"), (1, "slow"), (9, "good"), (1, "slow"), (3, "good"), (1, "slow"), (6, "good"), (1, "slow")]
    cases.append(case("partly slow after single slow ones", "fast", 5.0, every(5, "sgsggsgggggs" * 3), few * 3 + [(2000, "good")]))
    cases.append(case("partly slow after many partly slow minutes", "balanced", 5.0, every(5, "sgggsgggsggggsggggg" * 2), few * 16 + [(2000, "good")]))
    write({"unit": "log10 likelihood ratio", "alternatives": ["outage", "partial", "degraded"],
           "healthy": ["availability", "latency"], "thresholds": thresholds, "cases": cases})


def write(document):
    """One line for each threshold and each step, so that a change can be read."""
    lists = {"thresholds", "cases", "steps"}

    def text(value, key=None):
        if key in lists:
            return "[\n" + ",\n".join(text(one) for one in value) + "\n]"
        if isinstance(value, dict) and lists & value.keys():
            return "{" + ", ".join(f"{json.dumps(k)}: {text(v, k)}" for k, v in value.items()) + "}"
        return json.dumps(value)

    Path(__file__).with_name("evidence-golden.json").write_text(text(document) + "\n", encoding="utf-8")


main()
