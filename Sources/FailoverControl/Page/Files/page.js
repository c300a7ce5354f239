// Puts the parts together: what is live comes in, the page is what goes out.
import { el, setText, setAttribute, clock, ago, modeTone, modeWords, isMove, sentence, now, learnClock, utc, span } from "./text.js";
import { Live } from "./live.js";
import { setHistory } from "./charts.js";
import { RouteView } from "./routes.js";
import { Timeline } from "./timeline.js";

const at = (id) => document.getElementById(id);
const timeline = new Timeline();
const views = new Map();
/** A daemon that is well says something each second; a state of thousands of endpoints comes less often. */
const patience = 6000;
const budgetInterval = 60000;

let state;
let heardAt = 0;
let pace = 1000;
let written = { at: "", since: 0 };
let link = { kind: "waiting", at: Date.now() };
let version;
let wasAsked = false;

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
      setTimeout(budgets, 5000);
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
  const words = { failover: "failed over", failback: "failed back", fail_open: "fail-open" }[event.event] ?? event.event;
  setText(at("announcer"), `${words}: ${sentence(event)}`);
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
  if (!wasAsked) {
    wasAsked = true;
    budgets();
  }
  timeline.setRoutes(names);
  setText(at("vantage"), `at ${state.vantage.name}`);
  headline(names);
  jump(names);
  banners();
  renderLink();
  setText(at("foot"), `generation ${state.generation} · failoverd ${state.instance.version} · configuration `
    + `${state.instance.config_hash} · instance ${state.instance.id.slice(0, 8)} · times are local, UTC in their titles`);
  if (version !== undefined && version !== state.instance.version) location.reload();
  version = state.instance.version;
}

function headline(names) {
  const away = names.filter((name) => state.routes[name].mode !== "preferred");
  let text;
  if (names.length === 1) {
    const route = state.routes[names[0]];
    const where = route.shares ? "" : ` ${route.mode === "failover" ? "to" : "on"} ${route.active}`;
    text = route.mode === "preferred" && route.shares
      ? `${names[0]} is split as configured` : `${names[0]} ${route.mode === "failover" ? "has" : "is"} ${modeWords(route.mode)}${where}`;
    if (route.mode === "preferred" && !route.shares) text = `${names[0]} is on ${route.active}, as preferred`;
  } else if (away.length === 0) text = `All ${names.length} routes are where they belong`;
  else if (away.length === 1) text = `${away[0]} is ${modeWords(state.routes[away[0]].mode)}; the other ${names.length - 1} are where they belong`;
  else text = `${away.length} of ${names.length} routes are not where they belong`;
  const worst = ["fail_open", "held", "failover", "pinned"].find((mode) => names.some((name) => state.routes[name].mode === mode));
  setAttribute(at("headline"), "data-tone", modeTone(worst ?? "preferred"));
  headlineText = text;
  titleText = `${worst ? "▲ " : ""}${text} – failoverd`;
}
let headlineText = "Connecting";
let titleText = "failoverd";

function jump(names) {
  const nav = at("jump");
  nav.hidden = names.length < 2;
  const wanted = names.map((name) => `${name} ${state.routes[name].mode} ${state.routes[name].active}`).join("\n");
  if (nav.hidden || wanted === jump.shown) return;
  jump.shown = wanted;
  const focused = document.activeElement?.getAttribute("href");
  nav.replaceChildren(...names.map((name) => {
    const route = state.routes[name];
    return el("a", { href: `#route-${name}`, "data-tone": modeTone(route.mode) },
      el("span", { class: "name" }, name), el("span", { class: "quiet" }, `${route.mode === "preferred" ? "" : `${modeWords(route.mode)}, `}${route.active}`));
  }));
  if (focused) [...nav.children].find((link) => link.getAttribute("href") === focused)?.focus();
}

function banners() {
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
  for (const [path, output] of Object.entries(state.outputs ?? {})) {
    if (output.failure) texts.push(["bad", `${path} fails since ${clock(output.failure.since)}: ${output.failure.text}`]);
  }
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

async function budgets() {
  let found;
  try {
    const answer = await fetch(`v1/budgets?days=${at("days").value}`, { cache: "no-store" });
    if (answer.ok) found = await answer.json();
  } catch { /* Without history there are none. */ }
  at("days-label").hidden = !found;
  setHistory(Boolean(found));
  for (const view of views.values()) view.setBudgets(found);
}

at("days").addEventListener("change", budgets);
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
setInterval(budgets, budgetInterval);
live.start();
