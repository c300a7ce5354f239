// Values and the sentences they become; run inside the page by checks.py, which compares. The last argument takes the cases.
const [url, done] = arguments;
const load = (name) => import(new URL(name, url));
Promise.all([load("words.js"), load("text.js")]).then(([words, text]) => {
  const cases = [];
  const check = (name, got, wanted) => cases.push({ case: name, got, wanted });
  const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();

  const routes = (...modes) => Object.fromEntries(modes.map((mode, index) => ["abcdef"[index], { mode, active: "east" }]));
  for (const [modes, wanted, worst] of [
    [["preferred"], "a is on east, as preferred", undefined],
    [["failover"], "a has failed over to east", "failover"],
    [["fail_open"], "a is fail-open on east", "fail_open"],
    [["preferred", "preferred"], "All 2 routes are where they belong", undefined],
    [["preferred", "held"], "b is held; the other one is where it belongs", "held"],
    [["failover", "preferred", "preferred"], "a has failed over; the other 2 are where they belong", "failover"],
    [["fail_open", "fail_open"], "2 of 2 routes are fail-open", "fail_open"],
    [["held", "held", "preferred"], "2 of 3 routes are held", "held"],
    [["failover", "pinned", "fail_open", "failover"], "1 of 4 routes is fail-open, 2 have failed over, 1 is pinned", "fail_open"],
  ]) check(`headline ${modes}`, words.headline(routes(...modes)), { text: wanted, worst });

  const split = { shares: {}, active: "a", endpoints: ["a", "b", "c"], weights: { a: 70, b: 30, c: 0 } };
  check("split", [words.carriers(split), words.carriers(split, 1)], ["a 70 %, b 30 %", "a 70 %, 1 more"]);

  const clear = { vantage: { state: "clear" }, persisted: true };
  check("nothing wrong", words.banners({ ...clear, notifications: { room: { failure: null } } }), []);
  const since = at(-60);
  check("failing notification", words.banners({ ...clear, notifications: { room: { failure: { since, count: 1200, text: "status 404" } } } }),
    [["bad", `Notification room fails since ${text.clock(since)} (1,200 times): status 404`]]);

  const pin = at(3600.5), sooner = at(60), later = at(9000);
  const end = `the pin ends in 60:01, at ${text.clock(pin)}`;
  check("pin", words.pinEnd({ until: pin }), end);
  check("pin, and a freeze that ends before", words.pinEnd({ until: pin }, { until: sooner }), end);
  check("pin, and a freeze that ends after", words.pinEnd({ until: pin }, { until: later }), `${end}, and the freeze at ${text.clock(later)}`);
  check("pin, and a freeze without end", words.pinEnd({ until: pin }, {}), `${end}, and the freeze when somebody lifts it`);
  check("pin without end", words.pinEnd({}, { until: sooner }), "stays until somebody lifts the pin");

  const recovery = { clean_probes_left: 22, hold_down_seconds: 15, proof: 0, proof_needed: 2, penalty: 0 };
  check("to prove", words.proving(recovery), "after 22 clean probes and then 15 s without trouble");
  check("proven", words.proving({ ...recovery, hold_down_ends: at(22.5) }), "in 0:23 if it stays good");
  check("ready", words.proving({ ...recovery, hold_down_ends: at(-1) }), "now");
  for (const [penalty, wanted] of [[0.4, ""], [1, "; 1 failover still counts"], [2, "; 2 failovers still count"]]) {
    check(`penalty ${penalty}`, words.provingWith({ ...recovery, penalty }),
      `after 22 clean probes and then 15 s without trouble (recovery evidence 0.0 of 2.0)${wanted}`);
  }

  const reported = { samples: 1204, bad: 3, void: 0, error_rate: 0.0025, p50_ms: 80, p99_ms: 240, ttft_p50_ms: null, ttft_p99_ms: null,
    last_at: since, in_flight_tokens: 18000, workers: 3 };
  check("reported", words.reportedFigures(reported), [["reported errors", "0.3 % of 1,204"], ["reported p50 / p99", "80 ms / 240 ms"]]);
  check("reported in words", words.reportedWords(reported),
    "1,204 requests in the last minute, 0.3 % bad, p50 / p99 80 ms / 240 ms, 18,000 tokens in flight at 3 workers");
  const silent = { ...reported, samples: 0, error_rate: null, p50_ms: null, p99_ms: null, in_flight_tokens: undefined };
  check("silent", words.reportedFigures(silent), [["reported errors", `none since ${text.clock(since)}`]]);
  check("silent in words", words.reportedWords(silent), `no judged request in the last minute, last heard at ${text.clock(since)}`);

  const budget = (budget_left, covered_seconds, ratio, exhausted_at) => ({ objective: 0.999, budget_left, covered_seconds, ratio, exhausted_at });
  for (const [name, value, wanted, ending] of [
    ["unknown", budget(null, 0, null), undefined],
    ["early", budget(-25.67, 300, 8.01 / 300, at(0)), "too early to tell: 8 s of 43 min"],
    ["early, but more than the period allows", budget(-250, 7200, 0.5, at(0)), "overdrawn by 25,000 %"],
    ["overdrawn", budget(-81.73, 864000, 0.08, at(0)), "overdrawn by 8,173 %"],
    ["used up", budget(0, 864000, 0.001, at(0)), "used up"],
    ["left", budget(0.42, 864000, 0.0004, later), "42 % left", `used up at ${text.clock(later)} at this pace`],
  ]) {
    const left = words.budgetLeft(value, 30);
    check(`budget ${name}`, left?.words ?? null, wanted ?? null);
    if (left) check(`end of the budget ${name}`, words.budgetEnd(value, left) ?? null, ending ?? null);
  }

  for (const [event, code, wanted] of [
    ["error_budget", "burn", "warn"], ["error_budget", "clear", "good"], ["output", "command_failed", "warn"],
    ["output", "output_recovered", "good"], ["certificate", "certificate_expiring", "warn"], ["certificate", "certificate_renewed", "good"],
    ["spend", "spend_exhausted", "warn"], ["spend", "spend_resumed", "good"], ["misconfigured", "clear", "good"],
    ["quality", "fingerprint_changed", "note"], ["pinned", "operator", "note"],
  ]) check(`tone of ${event}, ${code}`, text.eventTone({ event, reason: { code, text: "" } }), wanted);

  check("grouped", [0, 999, 1000, 1234567, "8173.5", "-2925"].map(text.grouped), ["0", "999", "1,000", "1,234,567", "8,173.5", "-2,925"]);
  done(cases);
}).catch((error) => done([{ case: "the modules load", got: String(error), wanted: "" }]));
