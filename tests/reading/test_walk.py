"""A random walk of faults through the reading page, held against one rule.

What the page showed as saved has exactly one row, and every other answer none or one. Once the faults are over, each
answer that the page said it keeps is stored as well.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Error, Page, Route, expect

from radiorate.reading.models import Rating, RatingEvent
from tests.conftest import Program, eventually
from tests.reading.scene import reading_study
from tests.reading.screen import KEYS

READY = "#pair:not([inert]) figure[data-state=drawn]"  # inert: what an earlier page kept is still being sent


@pytest.fixture
def death(tmp_path: Path) -> Path:
    return tmp_path / "death"


@pytest.fixture
def live_server_process(start_web: Callable[..., Program], death: Path) -> Program:
    return start_web("tests.reading.faulty", DEATH=death)


@pytest.fixture
def study(transactional_db: None, steps: int) -> Any:
    return reading_study(pairs=steps + 2, break_every=10_000)


class Walk:
    """One reader, one browser: each step rates the pair on the screen while one thing goes wrong."""

    FAULTS = ("none", "offline", "reload", "second_window", "error", "slow", "cut", "killed", "expired")

    def __init__(self, page: Page, sign_in: Callable[[], None], server: Program, death: Path, seed: int) -> None:
        self.page, self.sign_in, self.server, self.death = page, sign_in, server, death
        self.address = page.url
        self.random = np.random.default_rng(seed)
        self.ahead: list[str] = []  # the faults to come: each once, in a random order, before any comes again
        self.saved: set[str] = set()
        self.sent: list[str] = []
        self.faults: Counter[str] = Counter()

    def step(self) -> None:
        if not self.ahead:
            self.ahead = [str(fault) for fault in self.random.permutation(self.FAULTS)]
        fault = self.ahead.pop()
        name = f"step {len(self.sent)}"
        self.faults[fault] += 1
        expect(self.page.locator(READY)).to_have_count(2)
        expect(self.page.locator("[name=t_shown]")).not_to_have_value("")
        before = self.page.locator("h1").inner_text()
        self.fill(name)
        self.sent.append(name)
        getattr(self, fault)()
        self.wait(name, before)

    def fill(self, name: str) -> None:
        self.page.locator("#pair [name=comment]").evaluate("(field, name) => { field.value = name; }", name)
        self.page.locator("#pair input[type=radio]").first.focus()
        for key in KEYS:
            self.page.keyboard.press(key)

    def send(self) -> None:
        with contextlib.suppress(Error):
            self.page.locator("#pair [type=submit]").click(no_wait_after=True)

    def wait(self, name: str, before: str) -> None:
        """Until the page shows another pair; what it says of the answer then is noted."""
        eventually(lambda: self.page.locator("h1").first.inner_text() != before)
        if "Saved" in self.page.locator("[data-saved]").inner_text():
            self.saved.add(name)

    def unsent(self) -> None:
        """Until the page has said that the answer waits."""
        expect(self.page.locator("[data-saved]")).to_contain_text("Not yet saved")

    def on_posts(self, act: Callable[[Route], None], times: int) -> None:
        left = [times]

        def handle(route: Route) -> None:
            if route.request.method == "POST" and not route.request.url.endswith("draft/") and left[0]:
                left[0] -= 1
                act(route)
            else:
                route.fallback()

        self.page.route("**/reading/*/", handle)

    def none(self) -> None:
        self.send()

    def offline(self) -> None:
        self.page.context.set_offline(True)
        self.send()
        self.unsent()
        self.page.context.set_offline(False)

    def reload(self) -> None:
        """While the answer is under way; it is kept, and sent by the page that comes."""
        self.on_posts(lambda route: None, 1)
        self.send()
        expect(self.page.locator("[data-saved]")).to_have_text("Saving")
        self.page.reload()
        expect(self.page.locator("[data-saved]")).to_have_text("✓ Saved")

    def second_window(self) -> None:
        """Opened while the answer waits: it sends it, and is closed again."""
        self.on_posts(lambda route: route.abort(), 1_000_000)
        self.send()
        self.unsent()
        other = self.page.context.new_page()
        other.goto(self.address)
        expect(other.locator(READY)).to_have_count(2)
        other.close()
        self.page.unroute_all()

    def error(self) -> None:
        self.on_posts(lambda route: route.fulfill(status=500, body="<h1>Server error</h1>"), 2)
        self.send()

    def slow(self) -> None:
        def later(route: Route) -> None:
            self.page.wait_for_timeout(700)
            route.continue_()

        self.on_posts(later, 1)
        self.send()

    def cut(self) -> None:
        """The answer is stored and what the server says of it never comes."""

        def cut(route: Route) -> None:
            with contextlib.suppress(Error):
                route.fetch()
            route.abort()

        self.on_posts(cut, 1)
        self.send()

    def killed(self) -> None:
        self.death.write_text(str(self.random.choice(["worker", "all"])))
        everything = self.death.read_text() == "all"
        self.send()
        eventually(lambda: not self.death.exists())
        if everything:
            self.server.kill()
            self.server.start()

    def expired(self) -> None:
        self.page.context.clear_cookies(name="sessionid")
        self.send()
        self.unsent()
        self.sign_in()


def ledger() -> Counter[str]:
    """How many rows hold the answer of each step."""
    return Counter(answers["comment"] for answers in RatingEvent.objects.values_list("answers", flat=True))


@pytest.fixture
def walk(visit, study, client, live_server_process, death) -> Callable[[int], Walk]:
    def start(seed: int) -> Walk:
        page = visit()

        def sign_in() -> None:
            client.force_login(study.readers.get().user)
            value, url = client.cookies["sessionid"].value, live_server_process.url
            page.context.add_cookies([{"name": "sessionid", "value": value, "url": url}])

        return Walk(page, sign_in, live_server_process, death, seed)

    return start


def walked(made: Walk, steps: int) -> None:
    for _ in range(steps):
        made.step()
        made.page.unroute_all()
    print(f"{len(made.saved)} of {steps} shown as saved, faults {dict(made.faults)}")  # noqa: T201
    rows = ledger()
    assert {name: rows[name] for name in made.saved} == dict.fromkeys(made.saved, 1)
    assert max(rows.values()) == 1
    assert set(rows) == set(made.sent), "an answer was lost, or a row has none"
    assert Rating.objects.count() == steps
    assert len(made.saved) > steps // 2, "the page hardly ever said what became of an answer"


@pytest.mark.parametrize("steps", [len(Walk.FAULTS)])
def test_a_short_walk_loses_and_doubles_nothing(walk, steps):
    walked(walk(4), steps)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [200])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_hundred_steps_lose_and_double_nothing(walk, steps, seed):
    walked(walk(seed), steps)


@pytest.mark.parametrize("steps", [2])
def test_control_without_the_outbox_an_answer_is_lost(visit, study, live_server_process):
    page = visit("../")
    nothing = "export const headers = () => ({});"
    page.route(
        re.compile(r"/saving\.\w+\.js"), lambda route: route.fulfill(body=nothing, content_type="text/javascript")
    )
    page.goto(f"{live_server_process.url}/reading/{study.slug}/")
    expect(page.locator(READY)).to_have_count(2)
    expect(page.locator("[name=t_shown]")).not_to_have_value("")
    for key in KEYS:
        page.keyboard.press(key)
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.keyboard.press("Enter")
    expect(page.locator("[data-saved]")).to_have_text("")
    page.context.set_offline(False)
    page.reload()
    expect(page.locator(READY)).to_have_count(2)
    waiting = """new Promise((done) => { indexedDB.open('radiorate').onsuccess = ({ target }) => {
        target.result.transaction('outbox').objectStore('outbox')
        .count().onsuccess = (event) => done(event.target.result); }; })"""
    assert page.evaluate(waiting) == 0
    assert not RatingEvent.objects.exists()
