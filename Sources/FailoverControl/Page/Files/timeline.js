// What happened, newest first.
import { el, timeNode, sentence, isMove, isOrder, eventTone, dayOf, now } from "./text.js";
import { open } from "./explain.js";

/** Events that are kept, and those that are shown: more scroll than anybody reads. */
const kept = 1000;
const shown = 200;

export class Timeline {
  #events = [];
  #known = new Set();
  #list = document.getElementById("events");
  #kinds = document.getElementById("kinds");
  #of = document.getElementById("of");
  #isDue = false;

  constructor() {
    for (const choice of [this.#kinds, this.#of]) choice.addEventListener("change", () => this.#draw());
  }

  /** `false` for one that is there already, as after a reconnect. */
  add(event) {
    if (this.#known.has(event.id)) return false;
    this.#known.add(event.id);
    this.#events.push(event);
    // An event that was missed may come after later ones of another life of the daemon.
    for (let at = this.#events.length - 1; at > 0 && this.#events[at - 1].at > this.#events[at].at; at -= 1) {
      [this.#events[at - 1], this.#events[at]] = [this.#events[at], this.#events[at - 1]];
    }
    if (this.#events.length > kept) this.#known.delete(this.#events.shift().id);
    if (!this.#isDue) {
      this.#isDue = true;
      requestAnimationFrame(() => this.#draw());
    }
    return true;
  }

  /** Moves of a route that an endpoint took part in, oldest first. */
  moves(route, endpoint) {
    return this.#events
      .filter((event) => event.route === route && isMove(event) && !event.dry_run && [event.from, event.to].includes(endpoint))
      .map((event) => ({ at: Date.parse(event.at), isAway: event.from === endpoint, title: `${event.event}: ${event.from} → ${event.to}` }));
  }

  setRoutes(names) {
    const wanted = ["", ...names];
    const present = [...this.#of.options].map((option) => option.value);
    if (wanted.join("\n") === present.join("\n")) return;
    const chosen = this.#of.value;
    this.#of.replaceChildren(...wanted.map((name) => el("option", { value: name }, name || "all routes")));
    this.#of.value = wanted.includes(chosen) ? chosen : "";
    this.#of.parentElement.hidden = names.length < 2;
  }

  #isWanted(event) {
    if (this.#of.value !== "" && event.route !== this.#of.value) return false;
    switch (this.#kinds.value) {
      case "moves": return isMove(event) || ["fail_open", "held"].includes(event.event);
      case "orders": return isOrder(event);
      case "notable": return event.event !== "verdict";
      default: return true;
    }
  }

  #draw() {
    this.#isDue = false;
    const today = dayOf(new Date(now()));
    let day = today;
    const items = [];
    for (const event of this.#events.filter((event) => this.#isWanted(event)).slice(-shown).reverse()) {
      const own = dayOf(new Date(event.at));
      if (own !== day) items.push(el("li", { class: "day" }, own));
      day = own;
      items.push(this.#item(event));
    }
    this.#list.replaceChildren(...items);
    document.getElementById("no-events").hidden = items.length > 0;
  }

  #item(event) {
    const time = timeNode(event.at);
    time.textContent = time.textContent.slice(-8);
    const why = event.route && isMove(event) && !event.dry_run
      && el("button", { type: "button", class: "small", "aria-haspopup": "dialog",
        "aria-label": `Explain ${event.event} of ${event.route}, generation ${event.generation}`,
        onclick: () => open(event.route, event.generation) }, "why");
    return el("li", { "data-tone": eventTone(event), "data-kind": event.event },
      el("p", { class: "when" }, time, el("span", { class: "kind" }, event.event), why),
      el("p", {}, sentence(event)));
  }
}
