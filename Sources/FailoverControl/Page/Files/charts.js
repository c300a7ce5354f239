// Latency against its objective, drawn as SVG; the text beside it says the same to those who cannot see it.
import { limit, milliseconds, clock } from "./text.js";

const height = 56;
const top = 5;
const floor = 49;
/** Endpoints whose past is asked for at a time: the daemon answers two, and others ask as well. */
const atOnce = 1;
/** The newest minute is not over yet, so it is asked for again. */
const refresh = 15000;
/** What a page keeps of its own when there is no history: an hour of every fifth second. */
const kept = 720;

const waiting = [];
let running = 0;
let hasHistory = false;

/** Whether there is a past to ask for; without it the page makes do with what it sees itself. */
export function setHistory(isThere) { hasHistory = isThere; }

/** The past of an endpoint, or what was seen since the page is open. */
export class Series {
  #endpoint;
  #minutes = 60;
  #asked = 0;
  #isWaiting = false;
  #past;
  #own = [];
  /** The rows that show it are told when it has grown. */
  listeners = new Set();

  constructor(endpoint) { this.#endpoint = endpoint; }

  /** Adds what is so now. */
  note(at, indicator) {
    if (!indicator || indicator.p50_ms === null) return;
    if (at - (this.#own.at(-1)?.at ?? 0) < 5000) return;
    this.#own.push({ at, p50: indicator.p50_ms, p99: indicator.p99_ms, bad: 0, samples: 1 });
    if (this.#own.length > kept) this.#own.shift();
    if (!this.#past) this.#tell();
  }

  /** Asks for the past if it is due; only called for what is on the screen. */
  want(minutes, isUrgent) {
    const isNew = minutes !== this.#minutes;
    this.#minutes = minutes;
    if (!hasHistory) return;
    const time = performance.now();
    if (this.#isWaiting) return;
    if (!isNew && this.#asked !== 0 && time - this.#asked < (isUrgent ? 2000 : refresh)) return;
    this.#asked = time;
    this.#isWaiting = true;
    waiting.push(() => this.#fetch().finally(() => { this.#isWaiting = false; }));
    pump();
  }

  async #fetch() {
    const minutes = this.#minutes;
    const question = `endpoint=${encodeURIComponent(this.#endpoint)}&minutes=${minutes}`;
    const answer = await fetch(`v1/history/series?${question}`, { cache: "no-store" });
    // Busy or damaged: what is known stays, and the next try comes, not at the same moment as that of others.
    if (!answer.ok) {
      if (answer.status === 503) this.#asked = performance.now() - refresh + 1000 + Math.random() * 4000;
      return;
    }
    const series = await answer.json();
    this.#past = series.points.map((point) => ({
      at: Date.parse(point.at) + series.step_seconds * 500,
      p50: point.p50_ms, p99: point.p99_ms, bad: point.bad, samples: point.samples,
    }));
    this.#tell();
  }

  #tell() { for (const listener of this.listeners) listener(); }

  /** Oldest first, within the time that is shown; `null` figures are gaps. */
  points(from) {
    return (this.#past ?? this.#own).filter((point) => point.at >= from);
  }

  get isWhole() { return this.#past !== undefined; }

  /** When the page saw it first, in milliseconds. */
  get beginning() { return this.#own[0]?.at ?? Infinity; }
}

function pump() {
  while (running < atOnce && waiting.length > 0) {
    running += 1;
    waiting.shift()().catch(() => {}).finally(() => { running -= 1; pump(); });
  }
}

const namespace = "http://www.w3.org/2000/svg";
function shape(tag, attributes) {
  const node = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** Redraws `svg`; moves are `{ at, isAway, title }`. */
export function draw(svg, { name, points, objective, moves, from, to, isWhole }) {
  const width = Math.max(60, Math.round(svg.clientWidth || 240));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const known = points.filter((point) => point.p99 !== null && point.p99 !== undefined);
  const highest = known.reduce((most, point) => Math.max(most, point.p99), 0);
  // The objective is always in sight; what is far beyond it is cut off, and marked.
  const goal = objective ? objective * 1.35 : 0;
  const scale = Math.max(1, goal, Math.min(highest * 1.15, objective ? objective * 3 : Infinity));
  const x = (at) => ((at - from) / (to - from)) * width;
  const y = (value) => floor - Math.min(1, value / scale) * (floor - top);
  const parts = [shape("line", { class: "ground", x1: 0, x2: width, y1: floor + 0.5, y2: floor + 0.5 })];
  for (const line of lines(known, isWhole ? (to - from) / 20 : 30000)) {
    const upper = line.map((point) => `${x(point.at).toFixed(1)},${y(point.p99).toFixed(1)}`);
    const lower = line.map((point) => `${x(point.at).toFixed(1)},${y(point.p50).toFixed(1)}`);
    if (line.length === 1) {
      parts.push(shape("circle", { class: "p99-dot", cx: x(line[0].at), cy: y(line[0].p99), r: 1.8 }));
      continue;
    }
    parts.push(shape("polygon", { class: "between", points: [...upper, ...lower.reverse()].join(" ") }));
    parts.push(shape("polyline", { class: "p50", points: lower.join(" ") }));
    parts.push(shape("polyline", { class: "p99", points: upper.join(" ") }));
  }
  for (const point of points) {
    if (!(point.bad > 0)) continue;
    const tall = Math.max(3, (point.bad / Math.max(1, point.samples)) * (floor - top) * 0.5);
    parts.push(shape("rect", { class: "errors", x: x(point.at) - 1, y: floor - tall, width: 2, height: tall }));
  }
  for (const point of known.filter((point) => point.p99 > scale)) {
    parts.push(shape("path", { class: "beyond", d: `M${x(point.at) - 3} ${top} l3 -5 l3 5 z` }));
  }
  if (objective) {
    const line = Math.round(y(objective)) + 0.5;
    const label = shape("text", { class: "goal", x: 1, y: line - 3 });
    label.textContent = limit(objective);
    parts.push(shape("line", { class: "objective", x1: 0, x2: width, y1: line, y2: line }), label);
  }
  for (const move of moves) {
    if (move.at < from || move.at > to) continue;
    const at = Math.round(x(move.at)) + 0.5;
    const mark = shape("g", { class: move.isAway ? "move away" : "move here" });
    const title = shape("title", {});
    title.textContent = move.title;
    mark.append(
      title,
      shape("line", { x1: at, x2: at, y1: 0, y2: floor }),
      shape("path", { d: move.isAway ? `M${at - 4} ${floor + 7} h8 l-4 -6 z` : `M${at - 4} ${floor + 1} h8 l-4 6 z` }),
    );
    parts.push(mark);
  }
  svg.replaceChildren(...parts);
  svg.setAttribute("aria-label", words(name, known, objective, moves, from, to, highest));
}

/** Points without a gap between them. */
function lines(points, longestGap) {
  const lines = [];
  for (const point of points) {
    const last = lines.at(-1);
    if (last && point.at - last.at(-1).at <= longestGap) last.push(point);
    else lines.push([point]);
  }
  return lines;
}

function words(name, points, objective, moves, from, to, highest) {
  const goal = objective ? `, objective ${limit(objective)}` : "";
  const shown = moves.filter((move) => move.at >= from && move.at <= to);
  const marks = shown.length === 0 ? "" : `, ${shown.map((move) => `${move.title} at ${clock(move.at)}`).join(", ")}`;
  const last = points.at(-1);
  if (!last) return `Latency of ${name}: nothing known yet${goal}${marks}`;
  const inSeconds = Math.max(highest, objective ?? 0) >= 1000;
  const figure = (value) => milliseconds(value, inSeconds);
  return `Latency of ${name} since ${clock(from)}: p50 ${figure(last.p50)}, p99 ${figure(last.p99)}, `
    + `highest p99 ${figure(highest)}${goal}${marks}`;
}
