"""Pictures of the page before, during and after a failover; see scripts/screenshots."""

import pathlib
import sys
import time

from browser import DESKTOP, PHONE, Browser
from stage import Stage

# Long enough for charts that show something.
WARMTH = 45


def take(browsers, out, when):
    for (name, size, theme), browser in browsers.items():
        browser.resize(size)
        time.sleep(0.5)
        path = out / f"{when}-{name}-{theme}.png"
        browser.picture(path, whole=name == "phone")
        print(path, flush=True)


def main(out):
    variants = [(name, size, theme) for name, size in (("desktop", DESKTOP), ("phone", PHONE)) for theme in ("light", "dark")]
    with Stage(interval="500ms") as stage:
        browsers = {}
        try:
            for variant in variants:
                browsers[variant] = Browser(variant[1], variant[2])
                browsers[variant].open(stage.url)
            stage.ready()
            time.sleep(WARMTH)
            take(browsers, out, "1-before")
            stage.fault("us-east", {"status": 503})
            stage.active("eu-west", 120)
            time.sleep(8)
            take(browsers, out, "2-during")
            desktop = browsers[variants[0]]
            desktop.js("document.querySelector('.why').click()")
            desktop.says("#explain", "The last failover")
            desktop.picture(out / "2-during-explain-light.png")
            desktop.js("document.getElementById('explain').close()")
            stage.fault("us-east", None)
            stage.active("us-east", 180)
            time.sleep(8)
            take(browsers, out, "3-after")
            stage.stop_daemon()
            for browser in browsers.values():
                browser.says("#link-text", "stale since")
            take(browsers, out, "4-stale")
        finally:
            for browser in browsers.values():
                browser.driver.quit()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
