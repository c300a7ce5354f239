// How numbers, times and events are told: in the words of failoverctl.

/** An element with attributes, listeners (onclick …) and children; text is always text, never markup. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

/** Only what differs is touched, so that what somebody has selected or focused stays. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value === undefined || value === null || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

// Times

/** How far the daemon's clock is ahead of ours, in milliseconds; people's clocks are wrong, and countdowns must not be. */
let clockShift = 0;
export function learnClock(iso) {
  const shift = Date.parse(iso) - Date.now();
  // What was under way for longest is the worst reading; small differences are the way here.
  if (Math.abs(shift - clockShift) > 1500) clockShift = shift;
}
export const now = () => Date.now() + clockShift;

const two = (number) => String(number).padStart(2, "0");
const clockOf = (date) => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
export const dayOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** 12:04:31 today, 2026-11-20 12:04:31 on another day; local. */
export function clock(iso) {
  const date = new Date(iso);
  return dayOf(date) === dayOf(new Date(now())) ? clockOf(date) : `${dayOf(date)} ${clockOf(date)}`;
}

export const utc = (iso) => `${new Date(iso).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** A <time> in local time that tells UTC in its title. */
export function timeNode(iso) {
  return el("time", { datetime: iso, title: utc(iso) }, clock(iso));
}

export function setTime(node, iso) {
  setAttribute(node, "datetime", iso);
  setAttribute(node, "title", utc(iso));
  setText(node, clock(iso));
}

/** 90 s, 12 min, 3 h, 5 d: the largest unit of which there are at least two. */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min`;
  if (whole < 172800) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86400)} d`;
}

export function ago(iso) {
  const seconds = (now() - Date.parse(iso)) / 1000;
  return seconds < 1 ? "just now" : `${span(seconds)} ago`;
}

/** 0:23, 12:04, 3 h: what is left. */
export function countdown(iso) {
  const left = Math.max(0, Math.ceil((Date.parse(iso) - now()) / 1000));
  return left < 7200 ? `${Math.floor(left / 60)}:${two(left % 60)}` : span(left);
}

// Numbers

export const decimals = (value, digits) => Number(value).toFixed(digits);

/** 11,090: only the whole part, from four digits on. */
export function grouped(number) {
  const [whole, rest] = String(number).split(".");
  const parts = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return rest === undefined ? parts : `${parts}.${rest}`;
}

export function milliseconds(value, inSeconds) {
  if (!inSeconds) return `${decimals(value, value < 10 ? 1 : 0)} ms`;
  return `${decimals(value / 1000, value < 10000 ? 2 : 1)} s`;
}

/** A limit as it was configured: 3 s, 300 ms. */
export const limit = (value) => (value < 1000 ? `${+value.toFixed(3)} ms` : `${+(value / 1000).toFixed(3)} s`);

export function percent(share, digits) {
  const value = share * 100;
  return `${grouped(decimals(value, digits ?? (Math.abs(value) < 9.95 ? 1 : 0)))} %`;
}

/** 99.95 %, with as many digits as its distance from the whole needs. */
export function precisePercent(share) {
  const missing = 1 - share;
  const digits = missing <= 0 ? 0 : Math.min(5, Math.max(1, Math.ceil(-Math.log10(missing * 100)) + 1));
  return `${+(share * 100).toFixed(digits)} %`;
}

export const count = (number, singular) => `${grouped(number)} ${singular}${number === 1 ? "" : "s"}`;

// Words

export const modeWords = (mode) => ({ failover: "failed over", fail_open: "fail-open" })[mode] ?? mode;

/** How much a mode asks for somebody's attention. */
export const modeTone = (mode) =>
  ({ preferred: "good", failover: "warn", pinned: "note", held: "warn", fail_open: "bad" })[mode] ?? "note";

export const verdictTone = (verdict) =>
  ({ healthy: "good", degraded: "warn", unhealthy: "bad", unknown: "none" })[verdict] ?? "none";

export const isMove = (event) => Boolean(event.from && event.to && event.from !== event.to);

const orders = new Set(["pinned", "unpinned", "drained", "undrained", "frozen", "unfrozen", "expired", "config"]);
export const isOrder = (event) => Boolean(event.actor) || orders.has(event.event);

/** Reasons that say that something is over. */
const over = new Set(["clear", "anchor_ok", "output_recovered", "certificate_renewed", "spend_resumed"]);

export function eventTone({ event, reason }) {
  switch (event) {
    case "failover": case "weights": return "warn";
    case "fail_open": case "held": case "dropped": return "bad";
    case "failback": return "good";
    case "vantage": case "misconfigured": return over.has(reason.code) ? "good" : "bad";
    case "error_budget": case "output": case "certificate": case "spend": case "throttled": return over.has(reason.code) ? "good" : "warn";
    // Another build answers now and then with many providers.
    case "quality": return over.has(reason.code) ? "good" : reason.code === "fingerprint_changed" ? "note" : "warn";
    case "config": return reason.code === "reload_refused" ? "bad" : "note";
    case "verdict":
      return /-> unhealthy/.test(reason.text) ? "bad" : /-> healthy/.test(reason.text) ? "good" : "warn";
    default: return "note";
  }
}

/** What happened, to whom and why, in one sentence. */
export function sentence(event) {
  if (["fail_open", "held"].includes(event.event) && !event.share && event.route && event.endpoint) {
    return `${event.route} stays on ${event.endpoint}${event.dry_run ? " (observing only)" : ""}: ${event.reason.text}`;
  }
  const parts = [];
  if (event.route) parts.push(`${event.route}:`);
  if (event.dry_run && isMove(event)) parts.push("would move");
  if (!event.share) {
    if (!event.route && !event.endpoint && event.region_from) parts.push(`region ${event.region_from}`);
    else if (event.from && event.to) parts.push(`${event.from} → ${event.to}`);
    else if (event.endpoint ?? event.to ?? event.from) parts.push(event.endpoint ?? event.to ?? event.from);
  }
  const subject = parts.join(" ");
  const separator = subject === "" ? "" : subject.endsWith(":") ? " " : ": ";
  return subject + separator + event.reason.text + (event.actor ? ` (by ${event.actor})` : "");
}
