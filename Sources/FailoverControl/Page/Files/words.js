// What the page says of a whole state, in sentences: values go in, words come out.
import { clock, countdown, count, grouped, milliseconds, modeWords, now, percent, span, decimals } from "./text.js";

/** From the one that asks for attention most. */
const away = ["fail_open", "held", "failover", "pinned"];
const day = 86400;

/** How all routes stand; `worst` is the mode that asks for attention most, `undefined` where all are as preferred. */
export function headline(routes) {
  const names = Object.keys(routes);
  const worst = away.find((mode) => names.some((name) => routes[name].mode === mode));
  return { text: names.length === 1 ? single(names[0], routes[names[0]]) : several(names, routes), worst };
}

function single(name, route) {
  if (route.mode === "preferred") return route.shares ? `${name} is split as configured` : `${name} is on ${route.active}, as preferred`;
  const where = route.shares ? "" : ` ${route.mode === "failover" ? "to" : "on"} ${route.active}`;
  return `${name} ${is(route.mode, 1)} ${modeWords(route.mode)}${where}`;
}

function several(names, routes) {
  const others = names.filter((name) => routes[name].mode !== "preferred");
  if (others.length === 0) return `All ${names.length} routes are where they belong`;
  if (others.length === 1) {
    const rest = names.length === 2 ? "the other one is where it belongs" : `the other ${names.length - 1} are where they belong`;
    const { mode } = routes[others[0]];
    return `${others[0]} ${is(mode, 1)} ${modeWords(mode)}; ${rest}`;
  }
  const modes = [...away, ...new Set(others.map((name) => routes[name].mode).filter((mode) => !away.includes(mode)))];
  const parts = modes.map((mode) => [mode, others.filter((name) => routes[name].mode === mode).length]).filter(([, number]) => number > 0)
    .map(([mode, number], index) => `${number}${index === 0 ? ` of ${names.length} routes` : ""} ${is(mode, number)} ${modeWords(mode)}`);
  return parts.join(", ");
}

const is = (mode, number) => (mode === "failover" ? (number === 1 ? "has" : "have") : number === 1 ? "is" : "are");

/** What carries the traffic of a route: one endpoint, or by their weights all, or the first of them. */
export function carriers(route, most = Infinity) {
  if (!route.shares) return route.active;
  const names = route.endpoints.filter((name) => route.weights[name] > 0);
  const rest = names.length > most ? `, ${names.length - most} more` : "";
  return names.slice(0, most).map((name) => `${name} ${route.weights[name]} %`).join(", ") + rest;
}

/** What is wrong with all of it, as `[tone, sentence]`. */
export function banners(state) {
  const texts = [];
  if (state.vantage.state !== "clear") {
    texts.push(["bad", `This vantage is ${state.vantage.state}, nothing moves: ${state.vantage.reason?.text ?? "decisions are held"}`]);
  }
  if (state.frozen) {
    texts.push(["warn", `All automatic moves are frozen by ${state.frozen.by}${state.frozen.until ? ` until ${clock(state.frozen.until)}` : ""}: ${state.frozen.reason}`]);
  }
  if (!state.persisted) texts.push(["bad", "Not persisted: the decision is not on disk"]);
  if (state.probing?.trouble) texts.push(["bad", `Probing is hampered since ${clock(state.probing.trouble.since)}: ${state.probing.trouble.text}`]);
  for (const [address, anchor] of Object.entries(state.vantage.anchors ?? {})) {
    if (anchor.verdict === "unhealthy") texts.push(["warn", `Anchor ${address} fails while others answer: it cannot witness`]);
  }
  for (const [path, { failure }] of Object.entries(state.outputs ?? {})) {
    if (failure) texts.push(["bad", `${path} fails since ${clock(failure.since)}: ${failure.text}`]);
  }
  for (const [name, { failure }] of Object.entries(state.notifications ?? {})) {
    const times = failure?.count > 1 ? ` (${grouped(failure.count)} times)` : "";
    if (failure) texts.push(["bad", `Notification ${name} fails since ${clock(failure.since)}${times}: ${failure.text}`]);
  }
  return texts;
}

/** Until when a pin holds, and what holds the route after it. */
export function pinEnd(pin, frozen) {
  if (!pin?.until) return "stays until somebody lifts the pin";
  const end = `the pin ends in ${countdown(pin.until)}, at ${clock(pin.until)}`;
  if (!frozen || (frozen.until && Date.parse(frozen.until) <= Date.parse(pin.until))) return end;
  return `${end}, and the freeze ${frozen.until ? `at ${clock(frozen.until)}` : "when somebody lifts it"}`;
}

/** What an endpoint has still to prove: after 22 clean probes and then 15 s without trouble. */
export function proving(recovery) {
  const ends = recovery.hold_down_ends;
  if (!ends) return `after ${count(recovery.clean_probes_left, "clean probe")} and then ${span(recovery.hold_down_seconds)} without trouble`;
  return Date.parse(ends) <= now() ? "now" : `in ${countdown(ends)} if it stays good`;
}

/** The same with its arithmetic. */
export function provingWith(recovery) {
  const failovers = Math.round(recovery.penalty);
  const penalty = failovers > 0 ? `; ${count(failovers, "failover")} still ${failovers === 1 ? "counts" : "count"}` : "";
  const end = recovery.hold_down_ends && Date.parse(recovery.hold_down_ends) > now() ? `, at ${clock(recovery.hold_down_ends)}` : "";
  return `${proving(recovery)}${end} (recovery evidence ${decimals(recovery.proof, 1)} of ${decimals(recovery.proof_needed, 1)})${penalty}`;
}

/** What applications report, as figures beside those of the probes: `[name, value]`. */
export function reportedFigures(reported) {
  const figures = [["reported errors", reported.error_rate === null
    ? `none since ${clock(reported.last_at)}` : `${percent(reported.error_rate)} of ${grouped(reported.samples)}`]];
  const answers = pair(reported.p50_ms, reported.p99_ms);
  if (answers) figures.push(["reported p50 / p99", answers]);
  return figures;
}

/** The same in one sentence. */
export function reportedWords(reported) {
  const parts = [reported.error_rate === null ? "no judged request in the last minute"
    : `${count(reported.samples, "request")} in the last minute, ${percent(reported.error_rate)} bad`];
  if (reported.void > 0) parts.push(`${grouped(reported.void)} void`);
  const answers = pair(reported.p50_ms, reported.p99_ms);
  if (answers) parts.push(`p50 / p99 ${answers}`);
  const tokens = pair(reported.ttft_p50_ms, reported.ttft_p99_ms);
  if (tokens) parts.push(`first token ${tokens}`);
  if (reported.in_flight_tokens !== undefined) {
    parts.push(`${count(reported.in_flight_tokens, "token")} in flight at ${count(reported.workers ?? 0, "worker")}`);
  }
  if (reported.error_rate === null) parts.push(`last heard at ${clock(reported.last_at)}`);
  return parts.join(", ");
}

function pair(p50, p99) {
  if (p50 === null || p99 === null) return undefined;
  return `${milliseconds(p50, p99 >= 1000)} / ${milliseconds(p99, p99 >= 1000)}`;
}

/** What is left of an error budget, with its tone and the share of it; `undefined` where nothing is known. */
export function budgetLeft(budget, days) {
  const left = budget?.budget_left;
  if (left === null || left === undefined) return undefined;
  const bad = budget.ratio * budget.covered_seconds;
  const allowed = (1 - budget.objective) * days * day;
  // A bad moment weighs heavily while little is known; what the whole period allows is what it is held against.
  if (budget.covered_seconds < day && bad < allowed) {
    return { words: `too early to tell: ${span(bad)} of ${span(allowed)}`, tone: "note", share: 1 - bad / allowed, isEarly: true };
  }
  const tone = left <= 0 ? "bad" : left < 0.25 ? "warn" : "good";
  return { words: left < 0 ? `overdrawn by ${percent(-left)}` : left === 0 ? "used up" : `${percent(left)} left`, tone, share: left, isEarly: false };
}

/** When all of it will be gone if nothing changes; `undefined` where it lasts, is gone already, or nobody can tell yet. */
export function budgetEnd(budget, left) {
  if (!budget.exhausted_at || left.isEarly || left.share <= 0) return undefined;
  return Date.parse(budget.exhausted_at) > now() ? `used up at ${clock(budget.exhausted_at)} at this pace` : "used up";
}
