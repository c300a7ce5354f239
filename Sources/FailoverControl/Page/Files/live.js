// One connection for all that is live: events, and the status document each second. It heals by itself.

/** Longest wait between two tries; after the first failures it is much shorter. */
const longestWait = 15000;
/** A comment comes every 15 s; after three that are missing the connection is dead, whatever it says. */
const silence = 45000;

export class Live {
  #on;
  #lastID;
  #tries = 0;
  #abort;
  #wait;
  #heard = 0;
  #isRefused = false;

  /** `on` has `state(document)`, `event(document)` and `link({ kind, at })`, of kind open, waiting or login. */
  constructor(on) {
    this.#on = on;
    setInterval(() => {
      if (this.#abort && performance.now() - this.#heard > silence) this.#abort.abort();
    }, 5000);
    // Somebody looks, or the network is back: do not let them wait.
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retry());
  }

  async start() {
    try {
      const answer = await fetch("v1/events?limit=400", { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.ok) for (const event of (await answer.json()).events) this.#tell(event, true);
    } catch { /* The stream brings them as soon as there is a daemon. */ }
    while (true) {
      await this.#follow();
      const wait = Math.min(longestWait, 500 * 2 ** this.#tries++) * (0.75 + Math.random() / 2);
      this.#on.link({ kind: this.#isRefused ? "login" : "waiting", at: Date.now() + wait });
      await new Promise((resolve) => {
        this.#wait = resolve;
        setTimeout(resolve, wait);
      });
      this.#wait = undefined;
    }
  }

  /** Does not wait for the next try any longer. */
  retry() {
    this.#wait?.();
  }

  async #follow() {
    this.#abort = new AbortController();
    this.#heard = performance.now();
    try {
      const headers = { Accept: "text/event-stream" };
      if (this.#lastID) headers["Last-Event-ID"] = this.#lastID;
      const answer = await fetch("v1/events?with=state", { headers, cache: "no-store", signal: this.#abort.signal });
      this.#isRefused = answer.status === 401;
      if (!answer.ok) return;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      while (true) {
        const { value, done } = await reader.read();
        if (done) return;
        this.#heard = performance.now();
        const messages = (rest + value).split("\n\n");
        rest = messages.pop();
        for (const message of messages) this.#take(message);
      }
    } catch { /* Whatever it was: the next try comes. */ } finally {
      this.#abort = undefined;
    }
  }

  #take(message) {
    let kind = "message", data = "", id;
    for (const line of message.split("\n")) {
      if (line.startsWith("event: ")) kind = line.slice(7);
      else if (line.startsWith("data: ")) data += line.slice(6);
      else if (line.startsWith("id: ")) id = line.slice(4);
    }
    if (data === "") return;
    const document = JSON.parse(data);
    if (kind === "state") {
      this.#tries = 0;
      this.#on.link({ kind: "open" });
      this.#on.state(document);
    } else {
      if (id) this.#lastID = id;
      this.#tell(document, false);
    }
  }

  #tell(event, isPast) {
    this.#lastID = event.id;
    this.#on.event(event, isPast);
  }
}
