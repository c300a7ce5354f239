// A route with its regions as lanes. Built once, then only what changes is touched.
import {
  el, setText, setAttribute, setTime, clock, ago, countdown, span, decimals, milliseconds, limit, percent,
  precisePercent, count, grouped, modeWords, modeTone, verdictTone, now,
} from "./text.js";
import { Series, draw } from "./charts.js";
import { open } from "./explain.js";
import { budgetEnd, budgetLeft, carriers, pinEnd, proving, reportedFigures } from "./words.js";

/** How often the way back is asked for while a route is not where it belongs. */
const outlookInterval = 3000;
/** What a chart shows at least, in milliseconds. */
const leastSpan = 300000;
/** The past of each endpoint, shared by all routes that have it. */
const series = new Map();
export function seriesOf(name) {
  if (!series.has(name)) series.set(name, new Series(name));
  return series.get(name);
}

/** Shapes that differ without colour: a disc with a tick, a triangle, a square with a cross, a ring. */
const shapes = {
  healthy: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm-1 10L3.8 7.8l1.3-1.3L7 8.4l4-4 1.3 1.3z",
  degraded: "M8 1.2 15.4 14.5H.6zM7.2 6v4.2h1.6V6zm0 5.2v1.6h1.6v-1.6z",
  unhealthy: "M1.5 1.5h13v13h-13zm3 1.8L3.3 4.5 6.8 8l-3.5 3.5 1.2 1.2L8 9.2l3.5 3.5 1.2-1.2L9.2 8l3.5-3.5-1.2-1.2L8 6.8z",
  unknown: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 1.8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 8 2.8z",
};
const svg = "http://www.w3.org/2000/svg";
function mark() {
  const node = document.createElementNS(svg, "svg");
  for (const [name, value] of Object.entries({ class: "mark", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" })) {
    node.setAttribute(name, value);
  }
  const path = document.createElementNS(svg, "path");
  path.setAttribute("fill-rule", "evenodd");
  node.append(path);
  return node;
}

/** Only what is on the screen is drawn and asked for. */
const visible = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const row = rows.get(entry.target);
    if (row) row.isVisible = entry.isIntersecting;
    if (row?.isVisible) row.redraw(true);
  }
}, { rootMargin: "200px" });
const rows = new WeakMap();

/** A bar from nothing to its limit, with its figures beside it. */
class Meter {
  constructor(name) {
    this.fill = el("span", { class: "fill" });
    this.bar = el("span", { class: "meter", role: "meter", "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
    this.name = name;
  }

  set(share, tone, words) {
    const whole = Math.round(Math.max(0, Math.min(1, share)) * 100);
    this.fill.style.inlineSize = `${whole}%`;
    setAttribute(this.bar, "data-tone", tone);
    setAttribute(this.bar, "aria-valuenow", whole);
    setAttribute(this.bar, "aria-valuetext", words);
    setAttribute(this.bar, "aria-label", this.name);
  }
}

/** The indicators of an endpoint, by probe; the only probe has no name. */
function probes(endpoint) {
  const found = new Map();
  for (const [name, indicator] of Object.entries(endpoint.indicators)) {
    const parts = name.split(".");
    const kind = parts.pop();
    const probe = parts.join(".");
    if (!found.has(probe)) found.set(probe, { name: probe });
    found.get(probe)[kind] = indicator;
  }
  return [...found.values()].sort((left, right) => left.name.localeCompare(right.name));
}

/** The sum nearest to its threshold, among those that can trip. */
function leading(endpoint) {
  let most;
  for (const [name, { evidence, threshold }] of Object.entries(endpoint.indicators)) {
    if (!(threshold > 0) || name.split(".").pop() === "quality") continue;
    if (!most || evidence / threshold > most.evidence / most.threshold) most = { name, evidence, threshold };
  }
  return most;
}

function times(indicator) {
  if (!indicator) return undefined;
  const goal = indicator.objective === null ? "" : ` of ${limit(indicator.objective)}`;
  if (indicator.p50_ms === null) return `–${goal}`;
  const inSeconds = Math.max(indicator.p99_ms, indicator.objective ?? 0) >= 1000;
  const most = indicator.censored ? ">" : "";
  return `${milliseconds(indicator.p50_ms, inSeconds)} / ${most}${milliseconds(indicator.p99_ms, inSeconds)}${goal}`;
}

function errors(indicator) {
  if (!indicator) return "–";
  const rate = indicator.error_rate === null ? "" : `${percent(indicator.error_rate)} of ${grouped(indicator.samples)}`;
  const isMostlyVoid = indicator.void > 0 && indicator.void >= indicator.samples;
  return [rate, isMostlyVoid ? `${indicator.void} void` : ""].filter(Boolean).join(", ") || "–";
}

class Row {
  isVisible = false;

  constructor(name, route, context) {
    this.name = name;
    this.route = route;
    this.context = context;
    this.series = seriesOf(name);
    this.series.listeners.add(() => this.redraw(false));
    this.mark = mark();
    this.verdict = el("span", { class: "verdict" });
    this.role = el("span", { class: "role" });
    this.chart = document.createElementNS(svg, "svg");
    this.chart.setAttribute("class", "chart");
    this.chart.setAttribute("role", "img");
    this.chart.setAttribute("preserveAspectRatio", "none");
    this.figures = el("dl", { class: "figures" });
    this.evidence = new Meter(`Evidence against ${name}`);
    this.evidenceText = el("span", { class: "meter-text" });
    this.budget = el("p", { class: "quiet budget", hidden: true });
    this.notes = el("ul", { class: "notes", hidden: true });
    this.node = el("li", { class: "endpoint" },
      el("div", { class: "who" },
        el("h4", {}, this.mark, el("span", { class: "name" }, name)), el("p", {}, this.role, this.verdict)),
      this.chart,
      this.figures,
      el("div", { class: "evidence" }, el("span", { class: "label" }, "evidence"), this.evidence.bar, this.evidenceText, this.budget),
      this.notes);
    rows.set(this.node, this);
    visible.observe(this.node);
    this.terms = new Map();
  }

  update(route, endpoint, state) {
    this.endpoint = endpoint;
    setAttribute(this.node, "data-tone", verdictTone(endpoint.verdict));
    const shape = shapes[endpoint.verdict] ?? shapes.unknown;
    setAttribute(this.mark.firstChild, "d", shape);
    const isRefused = endpoint.reason.code === "misconfigured";
    setText(this.verdict, isRefused ? `refused (was ${endpoint.verdict})` : endpoint.verdict);
    this.#role(route);
    this.#figures(endpoint);
    const sum = leading(endpoint);
    if (sum) {
      const share = sum.evidence / sum.threshold;
      const words = `${decimals(sum.evidence, 1)} of ${decimals(sum.threshold, 1)}`;
      this.evidence.set(share, share >= 1 ? "bad" : share >= 0.5 ? "warn" : "good", `${words} (${sum.name})`);
      setText(this.evidenceText, share >= 0.05 ? `${words} ${sum.name}` : words);
    }
    this.#notes(endpoint);
    const latency = this.latency;
    this.series.note(now(), latency);
  }

  get latency() {
    const kinds = probes(this.endpoint);
    return (kinds.find((probe) => probe.latency) ?? {}).latency;
  }

  #role(route) {
    const weight = route.weights[this.name] ?? 0;
    const own = route.shares?.[this.name]?.weight;
    const isActive = route.shares ? weight > 0 : route.active === this.name;
    setAttribute(this.node, "data-active", isActive ? "yes" : undefined);
    let text = "";
    if (route.shares) text = own !== undefined && own !== weight ? `${weight} % (own ${own} %)` : `${weight} %`;
    else if (isActive) text = "active";
    else if (route.order[1] === this.name) text = "next";
    else if (["healthy", "degraded"].includes(this.endpoint.verdict) && !route.order.includes(this.name)) text = "not ready";
    setText(this.role, text);
    setAttribute(this.role, "hidden", text === "" ? "" : undefined);
    setAttribute(this.role, "data-role", isActive ? "active" : undefined);
  }

  #figures(endpoint) {
    const wanted = [];
    const all = probes(endpoint);
    for (const probe of all) {
      const prefix = probe.name === "" ? "" : `${probe.name} `;
      wanted.push([`${prefix}p50 / p99`, times(probe.latency) ?? "no objective"]);
      if (probe.ttft) wanted.push([`${prefix}first token`, times(probe.ttft)]);
      wanted.push([`${prefix}errors`, errors(probe.availability)]);
      if (probe.quality?.bad > 0) wanted.push([`${prefix}poor answers`, errors(probe.quality)]);
    }
    if (endpoint.reported) wanted.push(...reportedFigures(endpoint.reported));
    const names = wanted.map(([name]) => name).join("\n");
    if (names !== this.shown) {
      this.shown = names;
      this.terms = new Map(wanted.map(([name]) => [name, el("dd", {})]));
      this.figures.replaceChildren(...[...this.terms].map(([name, value]) => el("div", {}, el("dt", {}, name), value)));
    }
    for (const [name, value] of wanted) setText(this.terms.get(name), value);
  }

  #notes(endpoint) {
    const notes = [];
    const until = (time) => (time ? ` until ${clock(time)}` : "");
    if (endpoint.drained) {
      const place = endpoint.drained.region ? ` with region ${endpoint.drained.region}` : "";
      notes.push(`drained${place} by ${endpoint.drained.by}${until(endpoint.drained.until)}: ${endpoint.drained.reason}`);
    }
    const next = endpoint.drain_scheduled;
    if (next) notes.push(`to be drained at ${clock(next.at)} by ${next.by}${until(next.until)}: ${next.reason}`);
    const isUsual = endpoint.verdict === "healthy" && ["within_objectives", "hold_down"].includes(endpoint.reason.code);
    if (!isUsual) notes.push(endpoint.reason.text);
    for (const connection of Object.values(endpoint.connections ?? {})) {
      if (connection.certificate?.expires_soon) notes.push(`certificate expires ${clock(connection.certificate.expires_at)}`);
    }
    const pace = endpoint.spend?.pace;
    if (pace && pace !== "full") {
      notes.push({ slower: "probes are further apart, to stay within a cap", cheaper: "cheaper probes stand in between, to stay within a cap",
        exhausted: "only cheaper probes until midnight UTC: a cap is reached" }[pace] ?? pace);
    }
    const text = notes.join("\n");
    if (text === this.noted) return;
    this.noted = text;
    this.notes.replaceChildren(...notes.map((note) => el("li", {}, note)));
    this.notes.hidden = notes.length === 0;
  }

  setBudget(budget, days) {
    const left = budgetLeft(budget?.availability, days);
    setText(this.budget, left ? `budget ${left.words}` : "");
    this.budget.hidden = !left;
  }

  redraw(isUrgent) {
    if (!this.isVisible || !this.endpoint) return;
    const minutes = this.context.minutes();
    this.series.want(minutes, isUrgent);
    const to = now();
    // Without history the time since the page is open fills the chart.
    const from = Math.max(to - minutes * 60000, this.series.isWhole ? 0 : to - Math.max(leastSpan, to - this.series.beginning));
    draw(this.chart, {
      name: this.name,
      points: this.series.points(from),
      objective: this.latency?.objective ?? undefined,
      moves: this.context.moves(this.route, this.name),
      from,
      to,
      isWhole: this.series.isWhole,
    });
  }
}

/** One route: what is active, why, since when, what would change it, and its endpoints. */
export class RouteView {
  #rows = new Map();
  #askedAt = 0;
  #outlook;

  constructor(name, context) {
    this.name = name;
    this.context = context;
    const id = `route-${name}`;
    this.mode = el("span", { class: "badge" });
    this.policy = el("span", { class: "quiet policy" });
    this.active = el("strong", { class: "active" });
    this.where = el("span", { class: "quiet" });
    this.since = el("time", {});
    this.sinceAgo = el("span", {});
    this.sinceWord = el("span", {});
    this.reason = el("p", { class: "reason" });
    this.next = el("p", { class: "next" });
    this.flags = el("div", { class: "flags" });
    this.budget = el("div", { class: "route-budget", hidden: true });
    this.lanes = el("div", { class: "lanes" });
    this.node = el("section", { class: "route", id, "aria-labelledby": `${id}-title`, tabindex: "-1" },
      el("header", {},
        el("h2", { id: `${id}-title` }, name), this.mode, this.policy,
        el("button", { type: "button", class: "why", "aria-haspopup": "dialog", onclick: () => open(name),
          "aria-label": `Explain ${name}` }, "Explain")),
      el("div", { class: "now" },
        el("p", { class: "answer" }, this.active, this.where),
        el("p", { class: "since" }, this.sinceWord, this.since, this.sinceAgo)),
      this.reason, this.next, this.flags, this.budget, this.lanes);
  }

  update(route, state) {
    const isNewMode = this.route?.mode !== route.mode || this.route?.active !== route.active;
    if (this.route && isNewMode) this.#flash();
    this.route = route;
    this.state = state;
    setAttribute(this.node, "data-tone", modeTone(route.mode));
    setAttribute(this.mode, "data-tone", modeTone(route.mode));
    setText(this.mode, modeWords(route.mode));
    setText(this.policy, route.policy === "active-standby" ? "" : route.policy);
    setText(this.active, carriers(route));
    const region = state.endpoints[route.active]?.region;
    setText(this.where, route.shares || !region || region === route.active ? "" : ` in ${region}`);
    const began = ["preferred", "failover"].includes(route.mode);
    setText(this.sinceWord, began ? "since " : route.shares ? "weights since " : `on ${route.active} since `);
    setTime(this.since, route.since);
    setText(this.reason, route.mode === "pinned" && route.pinned ? pinWords(route.pinned) : route.reason.text);
    this.#flags(route);
    this.#lanes(route, state);
    for (const [name, row] of this.#rows) {
      if (state.endpoints[name]) row.update(route, state.endpoints[name], state);
    }
    if (isNewMode) this.#outlook = undefined;
    this.#askOutlook(isNewMode);
    this.tick();
  }

  /** Once a second, also without news: times go on. */
  tick() {
    if (!this.route) return;
    setText(this.sinceAgo, `, ${ago(this.route.since)}`);
    const words = this.#nextWords();
    setText(this.next, words);
    this.next.hidden = words === "";
  }

  redraw(isUrgent) {
    for (const row of this.#rows.values()) row.redraw(isUrgent);
  }

  setBudgets(budgets) {
    const own = budgets?.routes?.[this.name];
    for (const [name, row] of this.#rows) row.setBudget(budgets?.endpoints?.[name], budgets?.days);
    this.budget.hidden = !own;
    if (own) this.budget.replaceChildren(...budgetParts(own, budgets.days));
    this.redraw(true);
  }

  #flash() {
    this.node.classList.remove("moved");
    // Read, so that the animation begins anew.
    void this.node.offsetWidth;
    this.node.classList.add("moved");
  }

  #flags(route) {
    const flags = [];
    if (route.pinned && route.mode !== "pinned") flags.push(pinWords(route.pinned));
    if (route.dry_run) {
      const isAway = route.would_be_weights
        ? route.endpoints.some((name) => (route.would_be_weights[name] ?? 0) !== (route.weights[name] ?? 0))
        : route.would_be_active !== route.active;
      const wish = route.would_be_weights
        ? route.endpoints.filter((name) => route.would_be_weights[name] > 0).map((name) => `${name} ${route.would_be_weights[name]} %`).join(", ")
        : route.would_be_active;
      flags.push(`observe mode: decides but does not move; ${isAway ? `would be ${wish}` : "would stay"}`);
    }
    if (route.provisional) flags.push(`provisional: ${route.active} has not been judged since the daemon started`);
    for (const [owner, share] of Object.entries(route.shares ?? {})) {
      if (share.stopped) flags.push(`canary ${owner} stopped since ${clock(share.stopped.since)}: ${share.stopped.reason.text}`);
      else if (share.active !== owner) flags.push(`${share.weight} % of ${owner} is on ${share.active} since ${clock(share.since)}: ${share.reason.text}`);
    }
    const speed = route.speed;
    if (speed) {
      const paces = route.endpoints.filter((name) => speed.endpoints[name])
        .map((name) => `${name} ${speed.endpoints[name].median_ms === null ? "unknown" : milliseconds(speed.endpoints[name].median_ms, false)}`);
      flags.push(`${speed.figure === "ttft" ? "first token" : "latency"}, median of ${span(speed.window_seconds)}: ${paces.join(", ")}`);
    }
    const text = flags.join("\n");
    if (text === this.flagged) return;
    this.flagged = text;
    this.flags.replaceChildren(...flags.map((flag) => el("p", { class: "flag" }, flag)));
  }

  #lanes(route, state) {
    const shape = route.endpoints.map((name) => `${name} ${state.endpoints[name]?.region}`).join("\n");
    if (shape === this.laned) return;
    this.laned = shape;
    const regions = new Map();
    for (const name of route.endpoints) {
      const region = state.endpoints[name]?.region ?? "";
      if (!regions.has(region)) regions.set(region, []);
      regions.get(region).push(name);
    }
    for (const name of this.#rows.keys()) if (!route.endpoints.includes(name)) this.#rows.delete(name);
    this.lanes.replaceChildren(...[...regions].map(([region, names]) => {
      const rows = names.map((name) => {
        if (!this.#rows.has(name)) this.#rows.set(name, new Row(name, this.name, this.context));
        return this.#rows.get(name).node;
      });
      const drained = names.every((name) => state.endpoints[name]?.drained?.region);
      return el("section", { class: "lane" }, el("h3", {}, region, drained ? " (drained)" : ""), el("ul", {}, ...rows));
    }));
  }

  /** The way back is arithmetic that only the daemon knows; asked for while it matters. */
  async #askOutlook(isUrgent) {
    if (["preferred", "pinned"].includes(this.route.mode)) return;
    if (!isUrgent && performance.now() - this.#askedAt < outlookInterval) return;
    this.#askedAt = performance.now();
    try {
      const answer = await fetch(`v1/routes/${encodeURIComponent(this.name)}/explain`, { cache: "no-store" });
      if (answer.ok) this.#outlook = await answer.json();
    } catch { /* The link says so. */ }
    this.tick();
  }

  /** What would change it. */
  #nextWords() {
    const { route, state } = this;
    if (route.mode === "pinned") return pinEnd(route.pinned, state.frozen);
    if (state.frozen) return `stays until ${state.frozen.until ? `${clock(state.frozen.until)}, ${countdown(state.frozen.until)} more` : "somebody lifts the freeze"}`;
    switch (route.mode) {
      case "held": return "moves as soon as what holds it is over";
      case "fail_open": {
        const way = this.#ways(route.endpoints).map(([name, way]) => `${name} is fit again ${way}`).join("; ");
        return `nobody can take over${way ? `; ${way}` : ": moves as soon as somebody is well"}`;
      }
      case "failover": {
        if (route.shares) return this.#sharesWords(route);
        const before = route.endpoints.slice(0, Math.max(1, route.endpoints.indexOf(route.active)));
        const way = this.#returning(before);
        return way ? `back ${way}` : "";
      }
      default: return this.#leaving(route, state);
    }
  }

  #sharesWords(route) {
    const away = Object.entries(route.shares).filter(([owner, share]) => share.active !== owner && !share.stopped);
    const way = this.#returning(away.map(([owner]) => owner));
    return way ? `back ${way}` : "";
  }

  #returning(names) {
    return this.#ways(names).map(([name, way]) => `to ${name} ${way}`).join("; ");
  }

  /** What the first ones have still to prove. */
  #ways(names) {
    return (this.#outlook?.endpoints ?? []).filter((endpoint) => names.includes(endpoint.endpoint) && endpoint.recovery)
      .slice(0, 2).map((endpoint) => [endpoint.endpoint, proving(endpoint.recovery)]);
  }

  #leaving(route, state) {
    const challenger = route.speed?.challenger;
    if (challenger) {
      return `${challenger.endpoint} has been faster since ${clock(challenger.since)}`
        + (challenger.due ? `; traffic goes there in ${countdown(challenger.due)} if that stays so` : "; nothing moves by itself");
    }
    if (route.shares) return "";
    const sum = state.endpoints[route.active] && leading(state.endpoints[route.active]);
    const others = route.order.filter((name) => name !== route.active);
    if (others.length === 0) return "nobody could take over now";
    const evidence = sum ? ` (evidence ${decimals(sum.evidence, 1)} of ${decimals(sum.threshold, 1)})` : "";
    return `moves to ${others[0]} if ${route.active} trips${evidence}`;
  }
}

function pinWords(pin) {
  return `pinned to ${pin.endpoint} by ${pin.by}${pin.until ? ` until ${clock(pin.until)}` : ""}: ${pin.reason}`;
}

function budgetParts(route, days) {
  const { as_routed: routed, without_failover: without } = route;
  const left = budgetLeft(routed, days);
  if (!left || routed.ratio === null) return [el("p", { class: "quiet" }, `Error budget over ${count(days, "day")}: no samples yet`)];
  const meter = new Meter(`Error budget left over ${count(days, "day")}`);
  meter.set(left.share, left.tone, left.words);
  const facts = [`${precisePercent(1 - routed.ratio)} good, objective ${precisePercent(route.objective ?? routed.objective)}`];
  if (without && without.ratio !== null && without.ratio !== routed.ratio) {
    facts.push(`without failover ${precisePercent(1 - without.ratio)}`);
  }
  const burn = Object.entries(routed.burn ?? {}).filter(([name, value]) => ["1h", "6h"].includes(name) && value !== null);
  if (burn.length > 0) facts.push(`burn ${burn.map(([name, value]) => `${decimals(value, value < 10 ? 1 : 0)}× over ${name}`).join(", ")}`);
  const end = budgetEnd(routed, left);
  if (end) facts.push(end);
  if (routed.covered_seconds && routed.covered_seconds < days * 86400 * 0.98) facts.push(`known for ${span(routed.covered_seconds)}`);
  return [
    el("span", { class: "label" }, `error budget, ${count(days, "day")}`), meter.bar,
    el("span", { class: "meter-text" }, left.words), el("span", { class: "quiet facts" }, facts.join(" · ")),
  ];
}
