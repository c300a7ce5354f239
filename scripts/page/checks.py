"""What the page has to hold, in a real Chromium, before a real daemon and regions that fail.

Run by Tests/EndToEndTests/PageTests.swift, or by hand:
  .build/page/bin/python scripts/page/checks.py
"""

import pathlib
import signal
import sys
import threading
import time
import unittest

from browser import DESKTOP, PHONE, Browser
from stage import Stage

HERE = pathlib.Path(__file__).parent
TOKEN = "page-test-token-0123456789"
DOWN = {"status": 503}
# Weighted, by latency, only observed, and far more endpoints than fit on a screen.
MORE = [f"pool-{number:03}" for number in range(100)]


def more_endpoints(stage_ports):
    regions = list(stage_ports)
    return "".join(
        f'  {name}: {{ region: pool-{number % 5}, url: "http://127.0.0.1:{stage_ports[regions[number % 3]]}/", '
        "probe: { interval: 5s } }\n"
        for number, name in enumerate(MORE)
    )


def announced(browser):
    return browser.js("return document.getElementById('announcer').textContent")


class PageCase(unittest.TestCase):
    def no_complaints(self, browser, stage, allowed=()):
        """Nothing from elsewhere was asked for, and the console is empty."""
        browser.drain()
        elsewhere = [url for url in browser.requests if not url.startswith((stage.url, "data:"))]
        self.assertEqual(elsewhere, [])
        # Without history the page asks for budgets and is told that there are none, which Chromium writes down.
        known = ("/v1/budgets", "/v1/history", *allowed)
        self.assertEqual([one for one in browser.complaints if not any(word in one["message"] for word in known)], [])


class FailoverOnThePage(PageCase):
    """One failover and its failback, watched at desktop and at phone width, in both themes."""

    def test_a_failover_is_seen_live_in_words(self):
        with Stage(interval="100ms") as stage, Browser(DESKTOP) as desktop, Browser(PHONE, "dark") as phone:
            stage.ready()
            for browser in (desktop, phone):
                browser.open(stage.url)
                browser.says("#headline", "chat is on us-east, as preferred")
                browser.says(".answer", "us-east")
                browser.says(".next", "moves to eu-west if us-east trips")
                browser.says("#link-text", "live")
                self.assertEqual(browser.scrolls_sideways(), [])
                self.assertEqual(announced(browser), "")
            self.first_load(desktop, stage)
            self.keyboard(desktop)
            self.whole(desktop, "before")

            delays = self.fail_over(stage, desktop)
            print(f"on the page {delays * 1000:.0f} ms after the state file", flush=True)
            for browser in (desktop, phone):
                browser.says("#headline", "chat has failed over to eu-west")
                browser.says(".answer", "eu-west")
                browser.says(".reason", "availability")
                browser.says(".next", "back to us-east after")
                browser.says("#events", "us-east → eu-west")
                self.assertIn("failed over: chat: us-east → eu-west", announced(browser))
                self.assertEqual(browser.scrolls_sideways(), [])
                self.assertEqual(browser.js("return document.querySelectorAll('.chart .move').length"), 2)
            self.whole(phone, "during")
            self.dialog(desktop)
            self.assertLess(delays, 30, "a bound that only a broken page misses")

            stage.fault("us-east", None)
            stage.active("us-east", 120)
            for browser in (desktop, phone):
                browser.says("#headline", "chat is on us-east, as preferred")
                browser.says("#events", "failback")
                self.assertIn("failed back", announced(browser))
                self.no_complaints(browser, stage)

    def first_load(self, browser, stage):
        browser.drain()
        self.assertLess(browser.bytes, 150_000)
        self.assertEqual(len({url for url in browser.requests if url.endswith((".js", ".css"))}), 9)

    def whole(self, browser, when):
        """No violation of what axe-core knows: contrast, names, roles, landmarks; in both themes."""
        for theme in ("light", "dark"):
            browser.theme(theme, reduced=True)
            self.assertEqual(browser.axe(), [], f"{when}, {theme}")

    def fail_over(self, stage, browser):
        """Seconds from the state file to the page, by the clock that both share."""
        browser.js("""
            const active = document.querySelector(".active");
            new MutationObserver(() => { window.movedAt ??= Date.now(); }).observe(active, { childList: true, characterData: true, subtree: true });
        """)
        written = {}

        def watch():
            while "at" not in written:
                try:
                    if stage.state()["routes"]["chat"]["active"] != "us-east":
                        written["at"] = stage.state_file.stat().st_ctime  # of the rename
                except (OSError, ValueError):
                    pass
                time.sleep(0.001)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        stage.fault("us-east", DOWN)
        watcher.join(90)
        self.assertIn("at", written, "the route moved")
        moved = browser.until("the page moves", lambda: browser.js("return window.movedAt"))
        return moved / 1000 - written["at"]

    def keyboard(self, browser):
        """By the tabulator everything is reached in the order in which it is read, and the focus can be seen."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys
        browser.js("document.activeElement.blur()")
        reached = []
        for _ in range(6):
            ActionChains(browser.driver).send_keys(Keys.TAB).perform()
            reached.append(browser.js("""
                const node = document.activeElement;
                const style = getComputedStyle(node);
                return [node.id || node.className, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0];"""))
        names = [name for name, _ in reached]
        wanted = [name for name in ("skip", "span", "days", "why", "kinds") if name in names or name != "days"]
        self.assertEqual([name for name in names if name in wanted][:len(wanted)], wanted)
        self.assertEqual([name for name, is_seen in reached if not is_seen and name in wanted], [])

    def dialog(self, browser):
        """The arithmetic opens in a dialog that takes the focus, keeps it, and gives it back."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys
        browser.js("document.querySelector('.why').focus()")
        ActionChains(browser.driver).send_keys(Keys.ENTER).perform()
        browser.says("#explain", "The last failover")
        browser.says("#explain", "tripped")
        self.assertTrue(browser.js("return document.getElementById('explain').contains(document.activeElement)"))
        self.whole(browser, "with its dialog")
        ActionChains(browser.driver).send_keys(Keys.ESCAPE).perform()
        self.assertFalse(browser.js("return document.getElementById('explain').open"))
        self.assertEqual(browser.js("return document.activeElement.className"), "why")
        browser.js("[...document.querySelectorAll('#events button')].find((node) => /failover/.test(node.ariaLabel)).click()")
        browser.says("#explain", "Decided")
        ActionChains(browser.driver).send_keys(Keys.ESCAPE).perform()


class WhenTheDaemonIsGone(PageCase):
    def test_it_says_so_and_heals_by_itself(self):
        with Stage(interval="250ms", token=TOKEN) as stage, Browser(DESKTOP) as browser:
            stage.healthy()
            browser.open(stage.url)
            # Without the token there is the form, and nothing else.
            browser.says("h1", "failoverd")
            self.assertTrue(browser.js("return document.getElementById('wrong').hidden"))
            self.assertEqual(browser.axe(), [])
            browser.find("#token").send_keys("not the token at all")
            browser.find("button").click()
            browser.says("#wrong", "That is not the token.")
            self.assertEqual(browser.axe(), [])
            browser.find("#token").send_keys(TOKEN)
            browser.find("button").click()
            browser.says("#headline", "chat is on us-east")
            self.assertNotIn(TOKEN, browser.driver.current_url + browser.js("return document.cookie"))

            # A daemon that stands still, and then goes on.
            stage.daemon.send_signal(signal.SIGSTOP)
            browser.says("#link-text", "stale since")
            self.assertTrue(browser.js("return document.body.classList.contains('stale')"))
            browser.says("#link-text", "the daemon is silent")
            browser.says("#headline", "Last known: chat is on us-east")
            stage.daemon.send_signal(signal.SIGCONT)
            browser.says("#link-text", "live")
            events = browser.js("return document.querySelectorAll('#events li').length")

            # One that is killed: its successor has sessions of its own.
            stage.stop_daemon(signal.SIGKILL)
            browser.says("#link-text", "stale since")
            browser.says("#link-text", "trying again")
            self.assertEqual(browser.axe(), [])
            stage.start_daemon()
            browser.says("#link-text", "log in again")
            browser.find("#login").click()
            browser.until("the form", lambda: browser.js("return document.getElementById('token') !== null"))
            browser.find("#token").send_keys(TOKEN)
            browser.find("button").click()
            browser.says("#link-text", "live")
            self.assertGreater(browser.js("return document.querySelectorAll('#events li').length"), events - 1)
            self.no_complaints(browser, stage, allowed=("401", "ERR_", "net::", "404"))

    def test_a_restart_brings_it_back_with_what_was_missed(self):
        with Stage(interval="250ms") as stage, Browser(PHONE) as browser:
            stage.healthy()
            browser.open(stage.url)
            browser.says("#link-text", "live")
            stage.stop_daemon()
            browser.says("#link-text", "stale since")
            stage.start_daemon()
            browser.says("#link-text", "live")
            browser.until("both beginnings, each once", lambda: browser.js(
                "return [...document.querySelectorAll('#events .kind')].filter((node) => node.textContent === 'started').length") == 2)
            stage.ctl("freeze", "--reason", "look at the page", "--for", "5m")
            browser.says("#banners", "All automatic moves are frozen by")
            browser.says("#banners", "look at the page")
            stage.ctl("unfreeze")
            browser.until("the banner goes", lambda: browser.text("#banners") == "")
            stage.ctl("pin", "chat", "ap-southeast", "--reason", "trial", "--for", "5m")
            browser.says(".answer", "ap-southeast")
            browser.says(".next", "the pin ends in")
            self.no_complaints(browser, stage, allowed=("ERR_", "net::"))


class ManyEndpoints(PageCase):
    def test_a_hundred_endpoints_and_all_kinds_of_routes_are_shown(self):
        class Large(Stage):
            def _configure(self):
                self.more_endpoints = more_endpoints(self.ports["regions"])
                self.more_routes = (
                    f"  pool: {{ endpoints: [{', '.join(MORE)}] }}\n"
                    f"  split: {{ policy: weighted, weights: {{ {MORE[0]}: 70, {MORE[1]}: 25, {MORE[2]}: 5 }} }}\n"
                    f"  quick: {{ policy: lowest-latency, endpoints: [{', '.join(MORE[:3])}] }}\n"
                    f"  trial: {{ endpoints: [{', '.join(MORE[:3])}], decision: {{ observe: true }} }}\n"
                )
                super()._configure()

        with Large(interval="1s") as stage, Browser(DESKTOP) as browser:
            browser.open(stage.url)
            browser.until("all rows", lambda: browser.js("return document.querySelectorAll('.endpoint').length") == 112)
            browser.says("#route-split .answer", "pool-000 70 %, pool-001 25 %, pool-002 5 %")
            browser.says("#jump", "pool-000 70 %, pool-001 25 %, pool-002 5 %")
            browser.says("#route-trial .flags", "observe mode: decides but does not move")
            browser.says("#route-quick .flags", "median of")
            browser.until("figures", lambda: browser.js(
                "return [...document.querySelectorAll('.verdict')].filter((node) => node.textContent === 'healthy').length") > 100)
            for size in (DESKTOP, PHONE):
                browser.resize(size)
                self.assertEqual(browser.scrolls_sideways(), [])
            # A second of it does not keep the browser busy.
            busy = browser.js("return performance.now()")
            time.sleep(2)
            browser.says("#link-text", "live")
            self.assertGreater(browser.js("return performance.now()"), busy)
            self.no_complaints(browser, stage)


class WhatPeopleAreTold(PageCase):
    """Beside the figures of the probes: applications, notifications, orders, budgets; and each sentence by itself."""

    def test_what_others_report_and_what_was_ordered_is_told(self):
        class Told(Stage):
            def _configure(self):
                self.more_routes = "  other: { endpoints: [eu-west, us-east] }\n"
                super()._configure()
                with open(self.directory / "config.yaml", "a") as config:
                    config.write("notifications:\n  - { name: room, events: [all], command: [/bin/false], retries: 0, min_interval: 0s }\n")

        with Told(interval="250ms") as stage, Browser(DESKTOP) as browser:
            stage.ready()
            stage.report([{"endpoint": "us-east", "outcome": "success", "latency_ms": 40, "count": 1000},
                          {"endpoint": "us-east", "outcome": "failure", "kind": "http_503", "count": 204}])
            stage.ctl("freeze", "--reason", "look at the page", "--for", "5m")
            stage.ctl("pin", "chat", "ap-southeast", "--reason", "trial", "--for", "1h")
            browser.open(stage.url)
            browser.says("#headline", "1 of 2 routes is held, 1 is pinned")
            browser.says("#banners", "Notification room fails since")
            browser.says("#route-chat .figures", "reported errors")
            browser.says("#route-chat .figures", "17 % of 1,204")
            browser.says("#route-chat .next", "the pin ends in 59:")
            browser.says("#route-other .next", "stays until")
            browser.js("document.querySelector('#route-chat .why').click()")
            browser.says("#explain", "1,204 requests in the last minute, 17 % bad")
            browser.js("document.getElementById('explain').close()")
            self.busy(browser)
            self.assertEqual(browser.axe(), [])
            self.no_complaints(browser, stage)

    def busy(self, browser):
        """Budgets and their choice stay while others ask, and are asked for again."""
        browser.until("budgets", lambda: browser.js("return !document.getElementById('days-label').hidden"))
        browser.says("#route-chat .route-budget", "too early to tell: 0 s of 43 min")
        browser.js("""
            window.asked = [];
            const real = window.fetch;
            window.fetch = (path, options) => {
              if (!String(path).startsWith("v1/budgets")) return real(path, options);
              window.asked.push(path);
              if (window.asked.length > 2) return real(path, options);
              return Promise.resolve(new Response(JSON.stringify({ title: "Too many questions", status: 503 }), { status: 503 }));
            };
            const days = document.getElementById("days");
            days.value = "7";
            days.dispatchEvent(new Event("change"));""")
        browser.until("it asks again", lambda: browser.js("return window.asked.length") == 2)
        self.assertFalse(browser.js("return document.getElementById('days-label').hidden"))
        self.assertIn("error budget, 30 days", browser.text("#route-chat .route-budget"))
        browser.says("#route-chat .route-budget", "error budget, 7 days")

    def test_sentences(self):
        with Stage() as stage, Browser(DESKTOP) as browser:
            browser.open(stage.url)
            told = browser.driver.execute_async_script((HERE / "sentences.js").read_text(), stage.url)
            self.assertNotEqual(told, [])
            for case in told:
                with self.subTest(case["case"]):
                    self.assertEqual(case["got"], case["wanted"])


if __name__ == "__main__":
    unittest.main(verbosity=2, argv=[sys.argv[0], *sys.argv[1:]])
