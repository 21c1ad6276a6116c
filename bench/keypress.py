"""From the key press to the next pair painted, in Chromium: with the next pair loaded ahead, and without (the control).

    python bench/keypress.py [PAIRS]

Pixels of 1024 x 1024, on loopback and at 20 Mbit/s with 40 ms. Goals: a median of at most 60 and 100 milliseconds.
"""

import os
import statistics
import sys
from typing import Any

from reading_ground import ground, serving, session_of

NETWORKS = {"loopback": (None, 60), "20 Mbit/s, 40 ms": (20e6 / 8, 100)}  # bytes a second; the goal in milliseconds
LATENCY_MS = 40
# From the event's own time to the second frame after both canvases were drawn: the pair is on the screen then.
WATCH = """
    window.spans = [];
    document.addEventListener('keydown', ({ key, timeStamp }) => {
        if (key === 'Enter') window.pressed = timeStamp;
    }, true);
    document.addEventListener('pair:drawn', () => {
        if (window.pressed) window.spans.push(performance.now() - window.pressed);
        window.pressed = 0;
    }, true);
"""
LOADED = "performance.getEntriesByType('resource').filter(e => e.name.includes('/image/')).length"
# The address of the next pair's pixels is gone before the viewer looks for it.
NOTHING_AHEAD = """
    document.addEventListener('pair:drawn', () => {
        document.querySelector('[data-next]')?.removeAttribute('data-next');
    }, true);
"""


def spans(page: Any, pairs: int, preloading: bool) -> list[float]:
    """Milliseconds of each change of pair; a key is pressed once what can be loaded ahead is there."""
    from playwright.sync_api import expect

    from tests.reading.screen import drawn, rate

    for place in range(1, pairs + 1):
        drawn(page, place)
        if preloading:
            while page.evaluate(LOADED) < 2 * place + 2:
                page.wait_for_timeout(20)
            page.wait_for_timeout(100)  # and decoded
        rate(page)
        page.keyboard.press("Enter")
    drawn(page, pairs + 1)
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    return page.evaluate("window.spans")


def main(pairs: int = 20) -> None:
    print(f"load of this machine     {os.getloadavg()[0]:.1f}")
    with ground():
        from playwright.sync_api import sync_playwright

        from tests import browser
        from tests.reading import scene

        scene.CANVAS = 1024
        runs = [(name, preloading) for name in NETWORKS for preloading in (True, False)]
        study = scene.reading_study(pairs=pairs + 2, readers=len(runs), break_every=10_000)
        sessions = [session_of(reader.user) for reader in study.readers.select_related("user")]
        medians: dict[tuple[str, bool], float] = {}
        with serving() as server, sync_playwright() as playwright:
            found = browser.find(playwright.chromium.executable_path)
            chromium = playwright.chromium.launch(executable_path=found, args=browser.ARGUMENTS)
            for run, session in zip(runs, sessions, strict=True):
                name, preloading = run
                address = f"http://127.0.0.1:{server.port}"
                context = chromium.new_context(viewport={"width": 1366, "height": 768})
                context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
                page = context.new_page()
                page.add_init_script(WATCH + ("" if preloading else NOTHING_AHEAD))
                if speed := NETWORKS[name][0]:
                    network = {
                        "offline": False,
                        "latency": LATENCY_MS,
                        "downloadThroughput": speed,
                        "uploadThroughput": speed,
                    }
                    context.new_cdp_session(page).send("Network.emulateNetworkConditions", network)
                page.goto(f"{address}/reading/{study.slug}/")
                taken = spans(page, pairs, preloading)
                medians[run] = statistics.median(taken)
                context.close()
                print(
                    f"{name}, {'ahead' if preloading else 'control'}: median {medians[run]:.0f} ms of {len(taken)}"
                    f" ({min(taken):.0f} to {max(taken):.0f})",
                    flush=True,
                )
            chromium.close()
    for name, (_, goal) in NETWORKS.items():
        ahead, control = medians[name, True], medians[name, False]
        print(f"{name:24} {ahead:.0f} ms (goal: {goal}), {control / ahead:.1f} times faster than without loading ahead")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
