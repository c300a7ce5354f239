"""A headless Chromium that looks at the page, and notes what it asks for and complains about."""

import importlib.util
import json
import pathlib
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

DESKTOP = (1400, 900)
PHONE = (360, 780)


class Browser:
    def __init__(self, size=DESKTOP, theme="light"):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # Tests run as root in containers, which have little shared memory and no name to resolve but their own.
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                         "--no-first-run", "--disable-background-networking", "--disable-component-update",
                         "--disable-sync", "--no-proxy-server", "--lang=en", f"--window-size={size[0]},{size[1]}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(30)
        self.requests, self.bytes, self.complaints = [], 0, []
        self.resize(size)
        self.theme(theme)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def resize(self, size):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600})

    def theme(self, name, reduced=False):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": name},
            {"name": "prefers-reduced-motion", "value": "reduce" if reduced else "no-preference"}]})

    def open(self, url):
        self.driver.get(url)

    # Looking

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def until(self, what, condition, limit=30):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if found := condition():
                return found
            time.sleep(0.05)
        raise AssertionError(f"not within {limit} s: {what}; the page says: {self.text('body')[:1500]}")

    def says(self, selector, words, limit=30):
        self.until(f"{selector} says {words!r}", lambda: words in self.text(selector), limit)

    def scrolls_sideways(self):
        """What is wider than the window, by name; empty where nothing is."""
        return self.js("""
            if (document.documentElement.scrollWidth <= innerWidth) return [];
            return [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
              .map((node) => `${node.tagName}.${node.className}`).slice(0, 10);""")

    def picture(self, path, whole=False):
        if whole:
            height = self.js("return document.documentElement.scrollHeight")
            width = self.js("return innerWidth")
            self.resize((width, max(height, 400)))
            time.sleep(0.3)
        self.driver.save_screenshot(str(path))

    # What it did

    def drain(self):
        """Takes over what the browser has noted since the last time."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.loadingFinished":
                self.bytes += int(message["params"].get("encodedDataLength", 0))
        self.complaints += [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def axe(self):
        """What axe-core finds wrong, in a line each."""
        package = importlib.util.find_spec("axe_playwright_python")
        source = (pathlib.Path(package.origin).parent / "axe.min.js").read_text()
        # By the protocol, past the page's own policy, which forbids what is not its own.
        self.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": source})
        found = self.driver.execute_cdp_cmd("Runtime.evaluate", {
            "expression": "axe.run(document, { resultTypes: ['violations'] }).then((found) => JSON.stringify("
                          "found.violations.map((one) => `${one.id}: ${one.help}: ` + one.nodes.map((node) => "
                          "`${node.target} ${node.any.map((check) => check.message).join('; ')}`).join(' | '))))",
            "awaitPromise": True, "returnByValue": True})
        assert "exceptionDetails" not in found, found
        return json.loads(found["result"]["value"])
