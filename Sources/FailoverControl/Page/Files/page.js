// Puts the parts together: what is live comes in, the page is what goes out.
import { el, setText, setAttribute, clock, modeTone, modeWords, isMove, sentence, now, learnClock, utc } from "./text.js";
import { Live } from "./live.js";
import { setHistory } from "./charts.js";
import { RouteView } from "./routes.js";
import { Timeline } from "./timeline.js";
import * as words from "./words.js";

const at = (id) => document.getElementById(id);
const timeline = new Timeline();
const views = new Map();
/** A daemon that is well says something each second; a state of thousands of endpoints comes less often. */
const patience = 6000;
const budgetInterval = 60000;
const longestAnswer = 30000;

let state;
let heardAt = 0;
let pace = 1000;
let written = { at: "", since: 0 };
let link = { kind: "waiting", at: Date.now() };
let version;

const context = {
  minutes: () => Number(at("span").value),
  moves: (route, endpoint) => timeline.moves(route, endpoint),
};

const live = new Live({
  state(document) {
    const time = performance.now();
    if (heardAt) pace = Math.min(30000, Math.max(1000, 0.8 * pace + 0.2 * (time - heardAt)));
    heardAt = time;
    if (written.at !== document.written_at) written = { at: document.written_at, since: time };
    learnClock(seenAt(document));
    state = document;
    render();
  },
  event(event, isPast) {
    if (!timeline.add(event) || isPast) return;
    if (isMove(event) || ["fail_open", "held"].includes(event.event)) {
      announce(event);
      // The move is in the history after 5 s; not all pages ask at once.
      askBudgets(5000 + Math.random() * 5000);
      for (const view of views.values()) view.redraw(true);
    }
  },
  link(value) {
    link = value;
    renderLink();
  },
});

/** When the figures were taken. */
const seenAt = (document) => document.vantages[document.vantage.name]?.seen_at ?? document.written_at;

/** Only moves are read out; whoever listens must not hear each second. */
function announce(event) {
  const told = { failover: "failed over", failback: "failed back", fail_open: "fail-open" }[event.event] ?? event.event;
  setText(at("announcer"), `${told}: ${sentence(event)}`);
}

// What is known

function render() {
  const names = Object.keys(state.routes);
  for (const [name, view] of views) {
    if (!state.routes[name]) {
      view.node.remove();
      views.delete(name);
    }
  }
  for (const name of names) {
    if (!views.has(name)) {
      views.set(name, new RouteView(name, context));
      at("routes").append(views.get(name).node);
    }
    views.get(name).update(state.routes[name], state);
  }
  if (!asking.isDue) askBudgets(0);
  timeline.setRoutes(names);
  setText(at("vantage"), `at ${state.vantage.name}`);
  headline();
  jump(names);
  banners();
  renderLink();
  setText(at("foot"), `generation ${state.generation} · failoverd ${state.instance.version} · configuration `
    + `${state.instance.config_hash} · instance ${state.instance.id.slice(0, 8)} · times are local, UTC in their titles`);
  if (version !== undefined && version !== state.instance.version) location.reload();
  version = state.instance.version;
}

function headline() {
  const { text, worst } = words.headline(state.routes);
  setAttribute(at("headline"), "data-tone", modeTone(worst ?? "preferred"));
  headlineText = text;
  titleText = `${worst ? "▲ " : ""}${text} – failoverd`;
}
let headlineText = "Connecting";
let titleText = "failoverd";

/** Endpoints of a weighted route that its link names. */
const inChip = 3;
function jump(names) {
  const nav = at("jump");
  nav.hidden = names.length < 2;
  const wanted = names.map((name) => `${name} ${state.routes[name].mode} ${words.carriers(state.routes[name], inChip)}`).join("\n");
  if (nav.hidden || wanted === jump.shown) return;
  jump.shown = wanted;
  const focused = document.activeElement?.getAttribute("href");
  nav.replaceChildren(...names.map((name) => {
    const route = state.routes[name];
    return el("a", { href: `#route-${name}`, "data-tone": modeTone(route.mode) },
      el("span", { class: "name" }, name), el("span", { class: "quiet" }, `${route.mode === "preferred" ? "" : `${modeWords(route.mode)}, `}${words.carriers(route, inChip)}`));
  }));
  if (focused) [...nav.children].find((link) => link.getAttribute("href") === focused)?.focus();
}

function banners() {
  const texts = words.banners(state);
  const shown = JSON.stringify(texts);
  if (shown === banners.shown) return;
  banners.shown = shown;
  at("banners").replaceChildren(...texts.map(([tone, text]) => el("p", { class: "banner", "data-tone": tone }, text)));
}

// The link

/** Since when what is shown cannot be trusted, in milliseconds of the page's clock; `undefined` while it can. */
function staleSince() {
  if (!state) return undefined;
  const time = performance.now();
  if (time - heardAt > Math.max(patience, 4 * pace)) return heardAt;
  const valid = Date.parse(state.valid_until) - Date.parse(state.written_at);
  return time - written.since > valid ? written.since + valid : undefined;
}

function renderLink() {
  const since = link.kind === "open" ? staleSince() : state ? heardAt : undefined;
  const isStale = state !== undefined && since !== undefined;
  document.body.classList.toggle("stale", isStale);
  const old = isStale ? `stale since ${clock(new Date(now() - (performance.now() - since)).toISOString())}` : "";
  let text, kind;
  if (link.kind === "login") [kind, text] = ["broken", "log in again"];
  else if (link.kind === "waiting") {
    const left = Math.max(0, Math.ceil((link.at - Date.now()) / 1000));
    [kind, text] = ["broken", `${old || "no daemon"}, ${left > 0 ? `trying again in ${left} s` : "trying again"}`];
  } else if (isStale) [kind, text] = ["broken", `${old}, the daemon is silent`];
  else [kind, text] = ["live", state ? `live, ${clock(seenAt(state))}` : "connecting"];
  setAttribute(at("link"), "data-link", kind);
  setText(at("link-text"), text);
  setAttribute(at("link"), "title", state ? `figures of ${utc(seenAt(state))}` : undefined);
  // What may be over is never said as if it were so.
  setText(at("headline"), isStale ? `Last known: ${headlineText}` : headlineText);
  document.title = isStale ? `(stale) ${titleText}` : titleText;
  login(link.kind === "login");
  retryButton(kind === "broken" && link.kind !== "login");
}

function retryButton(isWanted) {
  if (isWanted === Boolean(at("retry"))) return;
  if (isWanted) at("link").append(el("button", { type: "button", id: "retry", class: "small", onclick: () => live.retry() }, "try now"));
  else at("retry").remove();
}

function login(isWanted) {
  if (isWanted === Boolean(at("login"))) return;
  if (isWanted) at("link").append(el("a", { id: "login", href: "" }, "log in"));
  else at("login").remove();
}

// What comes slowly

/** One question at a time is planned; of two answers that cross, the one that was asked for later counts. */
const asking = { isDue: false, timer: undefined, number: 0 };
function askBudgets(after) {
  asking.isDue = true;
  clearTimeout(asking.timer);
  asking.timer = setTimeout(budgets, after);
}

async function budgets() {
  const number = (asking.number += 1);
  const { found, isBusy } = await answerOfBudgets();
  if (number !== asking.number) return;
  askBudgets(isBusy ? 1000 + Math.random() * 4000 : budgetInterval);
  // What is shown stays while others ask, or while nobody answers, which the link tells.
  if (isBusy || found === undefined) return;
  at("days-label").hidden = !found;
  setHistory(Boolean(found));
  for (const view of views.values()) view.setBudgets(found);
}

/** `found` is `null` where there is no history, and `undefined` where nothing was learned. */
async function answerOfBudgets() {
  try {
    const answer = await fetch(`v1/budgets?days=${at("days").value}`, { cache: "no-store", signal: AbortSignal.timeout(longestAnswer) });
    if (answer.ok) return { found: await answer.json() };
    if (answer.status === 503) return (await answer.json()).title === "No history" ? { found: null } : { isBusy: true };
    return { found: answer.status === 404 ? null : undefined };
  } catch {
    return {};
  }
}

at("days").addEventListener("change", () => askBudgets(0));
at("span").addEventListener("change", () => { for (const view of views.values()) view.redraw(true); });
addEventListener("resize", () => { for (const view of views.values()) view.redraw(false); });
at("explain").addEventListener("click", (event) => { if (event.target === at("explain")) at("explain").close(); });

let ticks = 0;
setInterval(() => {
  ticks += 1;
  renderLink();
  for (const view of views.values()) {
    view.tick();
    if (ticks % 5 === 0) view.redraw(false);
  }
}, 1000);
live.start();
