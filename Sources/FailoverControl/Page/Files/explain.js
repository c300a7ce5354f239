// Why a route stands as it does: the arithmetic of the rule in tables.
import { el, timeNode, dayOf, decimals, percent, modeWords, modeTone, verdictTone, sentence, count } from "./text.js";
import { provingWith, reportedWords } from "./words.js";

const dialog = () => document.getElementById("explain");
/** Rows that are shown of one indicator, the newest ones; earlier ones are summed up in a line. */
const longest = 20;

/** Opens the dialog about a route as it is, or as it was at a generation; the focus returns where it was. */
export async function open(route, generation) {
  const box = dialog();
  const title = generation === undefined ? `Why ${route} is where it is` : `Why ${route} moved, generation ${generation}`;
  show(box, title, el("p", { class: "quiet" }, "Asking the daemon."));
  if (!box.open) box.showModal();
  const path = `v1/routes/${encodeURIComponent(route)}/explain` + (generation === undefined ? "" : `?generation=${generation}`);
  let content;
  try {
    const answer = await fetch(path, { cache: "no-store" });
    const document = await answer.json();
    content = !answer.ok ? [el("p", {}, document.detail)] : generation === undefined ? present(document) : past(document);
  } catch {
    content = [el("p", {}, "The daemon cannot be reached.")];
  }
  show(box, title, ...content);
}

function show(box, title, ...content) {
  const close = el("button", { type: "button", class: "close", onclick: () => box.close(), "aria-label": "Close" }, "✕");
  const head = el("header", {}, el("h2", { id: "explain-title" }, title), close);
  box.replaceChildren(head, el("div", { class: "explain-body", tabindex: "0", role: "region", "aria-label": "Explanation" }, ...content));
  if (box.open) close.focus();
}

function present(document) {
  const parts = [
    el("p", { class: "verdict-line" }, badge(modeWords(document.mode), modeTone(document.mode)), ` on ${document.active} since `,
      timeNode(document.since), `: ${document.reason.text}`),
    el("p", { class: "quiet" }, `The rule: ${document.limit}`),
  ];
  if (document.trouble) parts.push(el("p", { class: "banner", "data-tone": "bad" }, document.trouble.text));
  for (const endpoint of document.endpoints) parts.push(member(endpoint));
  const last = document.last_failover;
  if (last) {
    parts.push(el("section", {}, el("h3", {}, "The last failover"),
      el("p", {}, timeNode(last.at), ` ${sentence(last)}`), last.grounds ? indicators(last.grounds) : undefined));
  }
  return parts;
}

function past(document) {
  const { decision, move, next, others } = document;
  const line = (title, event) => event && el("p", {}, el("strong", {}, `${title}: `), timeNode(event.at), ` ${sentence(event)}`);
  return [
    line("Decided", decision),
    decision.grounds && indicators(decision.grounds),
    line("The move before", move),
    next ? line("Until", next) : el("p", { class: "quiet" }, "It is still in force."),
    ...(others ?? []).map((other) => el("p", {}, `The share of ${other.share} was on ${other.endpoint}.`)),
  ];
}

function member(endpoint) {
  const facts = [];
  const fact = (name, ...value) => facts.push(el("dt", {}, name), el("dd", {}, ...value));
  if (endpoint.pinned) fact("pinned", `by ${endpoint.pinned.by}: ${endpoint.pinned.reason}`);
  if (endpoint.drained) fact("drained", `by ${endpoint.drained.by}: ${endpoint.drained.reason}`);
  if (endpoint.witness) fact("witness", witness(endpoint.witness));
  if (endpoint.reported) fact("users", reportedWords(endpoint.reported));
  if (endpoint.recovery) fact("the way back", provingWith(endpoint.recovery));
  return el("section", {},
    el("h3", {}, `${endpoint.endpoint} `, badge(endpoint.verdict, verdictTone(endpoint.verdict))),
    el("p", {}, endpoint.reason.text),
    facts.length > 0 && el("dl", {}, ...facts),
    indicators(endpoint));
}

function witness(value) {
  const sources = value.sources.map((source) => `${source.anchor ? "anchor " : ""}${source.name} ${source.good}/${source.needed} good`).join(", ");
  return {
    vouched: `${sources} (not our network)`,
    waiting: `none yet, bad probes wait for one${sources ? `: ${sources}` : ""}`,
    missing: `none, it may be our own network${sources ? `: ${sources}` : ""}`,
    unneeded: "none needed: nobody could be one",
  }[value.standing] ?? sources;
}

function indicators(endpoint) {
  return el("div", {}, ...endpoint.indicators.map(indicator));
}

/** The alternative whose score is nearest to its threshold; the graver one of equals. */
function leadingOf(value, scores = value.scores) {
  const share = (name) => scores[name] / thresholdOf(value, name);
  return ["outage", "partial", "degraded"].filter((name) => name in scores)
    .reduce((leading, name) => (leading === undefined || share(name) > share(leading) ? name : leading), undefined);
}

/** The alternative that reached its threshold first, among the probes that are told. */
function trippedOf(value) {
  return value.steps.map((step) => [step, leadingOf(value, step.scores)]).find(([step, name]) => isTrip(value, step, name))?.[1];
}

/** Whether a probe made the score of an alternative reach its threshold. */
function isTrip(value, step, alternative) {
  const threshold = thresholdOf(value, alternative);
  return step.scores[alternative] >= threshold && before(step, alternative) < threshold;
}

/** The score of an alternative without this probe, if that was a bad one. */
const before = (step, alternative) => (step.scores[alternative] ?? 0) - (step.increments[alternative] ?? 0);

const thresholdOf = (value, alternative) => value.thresholds?.[alternative] ?? value.threshold;

function indicator(value) {
  const leading = leadingOf(value);
  const sum = leading ? value.scores[leading] : 0;
  const threshold = thresholdOf(value, leading);
  // Poor answers never move traffic.
  const canTrip = value.name.split(".").pop() !== "quality";
  // What tripped it, also when something else fades later.
  const shown = (canTrip && trippedOf(value)) || leading;
  const limits = !canTrip ? "; degrades from half of that, and never trips"
    : shown !== leading ? `, tripped by ${shown}` : sum >= threshold ? ", tripped" : "";
  const line = leading
    ? `${value.name}: ${canTrip ? leading : "poor answers"} ${decimals(sum, 2)} of ${decimals(threshold, 2)}${limits}`
    : `${value.name}: trips at ${decimals(threshold, 2)}`;
  if (!leading || value.steps.length === 0) return el("p", { class: "sum" }, line);
  const all = runs(value, shown, canTrip);
  const hidden = all.slice(0, -longest);
  return el("details", { open: sum > 0 }, el("summary", {}, line),
    earlier(value, hidden, shown, canTrip),
    scroll(line, el("table", {},
      el("thead", {}, el("tr", {}, ...["time", "finding", "if healthy", "adds", "sum"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, ...all.slice(-longest).map(row)))),
    ...learned(value).map((line) => el("p", { class: "quiet" }, line)));
}

/** How many times the model's chance it was held to be, because of what was learned; undefined where that says nothing. */
function correction({ healthy_probability: healthy, model_probability: model }) {
  return model > 0 && Math.abs(healthy / model - 1) > 0.01 ? healthy / model : undefined;
}

/** What corrected these probes, in sentences; what changes most first, at most three. */
function learned({ baseline = [], steps }) {
  const met = new Set(steps.filter((step) => correction(step) !== undefined).map(({ situation }) => situation));
  const found = baseline.filter(({ situation, bad, expected }) => met.has(situation) && Math.max(bad, expected) >= 0.05);
  const number = (value) => decimals(value, value < 100 ? 1 : 0);
  return found.sort((left, right) => Math.abs(Math.log(right.factor)) - Math.abs(Math.log(left.factor))).slice(0, 3).map(({ text, bad, expected, factor, since }) =>
    `Learned: ${text}: ${number(bad)} bad, ${number(expected)} expected, so ${times(factor)} (since ${dayOf(new Date(since))})`);
}

const times = (factor) => `×${decimals(factor, factor < 2 ? 2 : 1)}`;

/** Probes that are told in one row: a bad one alone, or good ones in a row, of which there may be many. */
function runs(value, alternative, canTrip) {
  const found = [];
  let hasTripped = false;
  for (const step of value.steps) {
    const added = step.increments[alternative] ?? 0;
    const sum = step.scores[alternative] ?? 0;
    // The first that reaches the threshold is what counted.
    const isFirst = canTrip && !hasTripped && isTrip(value, step, alternative);
    hasTripped ||= isFirst;
    const last = found.at(-1);
    if (!step.bad && last?.isGood) Object.assign(last, { number: last.number + 1, step, added: last.added + added, sum });
    else found.push({ number: 1, step, added, sum, isTrip: isFirst, isGood: !step.bad });
  }
  return found;
}

/** (20 earlier probes, sum 26.88, tripped at 13:04:21): what is not shown, or not even told. */
function earlier(value, hidden, alternative, canTrip) {
  const first = value.steps[0];
  const sum = first.bad ? before(first, alternative) : 0;
  const isCut = sum > 0.005;
  if (hidden.length === 0 && !isCut) return false;
  const number = hidden.reduce((sum, run) => sum + run.number, 0);
  const probes = number === 0 ? "earlier probes" : (isCut ? "at least " : "") + count(number, "earlier probe");
  const trip = hidden.find((run) => run.isTrip);
  const when = trip ? [", tripped at ", timeNode(trip.step.at)]
    : canTrip && sum >= thresholdOf(value, alternative) ? [", tripped by then"] : [];
  return el("p", { class: "quiet earlier" }, "(", `${probes}, sum ${decimals(hidden.at(-1)?.sum ?? sum, 2)}`, ...when, ")");
}

function row({ number, step, added, sum, isTrip }) {
  return el("tr", { "data-tone": step.bad ? "bad" : undefined },
    el("td", {}, timeNode(step.at)), el("td", {}, number === 1 ? step.finding : `${number} ok`),
    el("td", {}, number === 1 ? chance(step) : ""),
    el("td", {}, `${added < 0 ? "−" : "+"}${decimals(Math.abs(added), 2)}`),
    el("td", {}, isTrip ? "trip " : "", decimals(sum, 2)));
}

/** 40 % (model 16 %) */
function chance(step) {
  const own = correction(step) === undefined ? "" : ` (model ${percent(step.model_probability)})`;
  return percent(step.healthy_probability) + own;
}

/** Wide tables scroll by themselves, also by keyboard; the page never does. */
const scroll = (name, table) => el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name }, table);

const badge = (text, tone) => el("span", { class: "badge", "data-tone": tone }, text);
