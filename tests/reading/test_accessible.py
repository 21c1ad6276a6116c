"""Readers' pages for everybody: axe on each, and by hand what axe does not see: borders, targets, order, zoom."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.reading.screen import drawn, rate, ready_to_pin
from tests.test_languages import full_study

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SIZES = [(1366, 768), (1920, 1080), (2560, 1440), (3840, 2160), (1024, 1366)]
CONTROLS = "button, a, label, summary, select, textarea, input:not([type=hidden])"


def axe(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def small(page: Page) -> list[str]:
    """What can be touched and is less than 24 px in a direction; a link within a sentence may be."""
    return page.evaluate(
        f"""[...document.querySelectorAll('{CONTROLS}')]
            .filter(e => e.checkVisibility() && !e.closest('.skip-link, p:not(.actions), noscript')
                && !(e.matches('input') && e.closest('label')) && !e.matches('label[for]'))
            .filter(e => {{ const b = e.getBoundingClientRect(); return b.width && (b.width < 24 || b.height < 24) }})
            .map(e => e.outerHTML.slice(0, 120))"""
    )


# Luminance and contrast as WCAG 2.2 defines them; a border must differ from what is behind the control.
FAINT = """() => {
    const light = c => c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const colour = text => text.match(/[\\d.]+/g).map(Number);
    const behind = e => { for (let up = e.parentElement; up; up = up.parentElement) {
        const c = colour(getComputedStyle(up).backgroundColor); if (c.length < 4 || c[3] > .9) return c.slice(0, 3); }
        return [0, 0, 0] };
    const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05) };
    return [...document.querySelectorAll('button, .button, summary, input, textarea, select')]
        .filter(e => e.checkVisibility() && !e.matches('.link, .hint, :disabled'))
        .filter(e => !e.matches('[type=hidden], [type=checkbox], [type=range]'))
        .filter(e => !(e.matches('[type=radio]') && !e.closest('body.reading')))
        .map(e => [e, getComputedStyle(e)])
        .filter(([e, s]) => ratio(colour(s.borderBottomColor).slice(0, 3), behind(e)) < 3
            && ratio(colour(s.backgroundColor).slice(0, 3), behind(e)) < 3)
        .map(([e, s]) => `${e.outerHTML.slice(0, 90)} ${s.borderBottomColor} on ${behind(e)}`)
}"""


@pytest.fixture
def study(transactional_db, request) -> Any:
    return full_study(**getattr(request, "param", {}))


def onward(page: Page, name: str = "Go on") -> None:
    page.locator("main").get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()


def fine(page: Page) -> None:
    axe(page)
    assert small(page) == []
    assert page.evaluate(FAINT) == []


def test_every_page_from_consent_to_the_last_question(visit):
    page = visit()
    fine(page)  # consent
    page.get_by_label("I have read this").check()
    onward(page, "Agree and begin")
    fine(page)  # profile
    page.get_by_label("Years of experience").fill("3")
    page.get_by_label("I have looked at some").check()
    onward(page)
    fine(page)  # display check
    for choice in page.get_by_label("No").all():
        choice.check()
    onward(page)
    expect(page.get_by_role("alert")).to_be_visible()
    fine(page)  # its advice
    page.get_by_role("link", name="go on all the same").click()
    drawn(page, 1, "practice ")
    rate(page)
    fine(page)  # the pair
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Practice:")).to_be_visible()
    fine(page)  # feedback
    onward(page)
    drawn(page, 1)
    rate(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Time for a break")).to_be_visible()
    fine(page)
    onward(page)
    drawn(page, 2)
    page.get_by_role("button", name="Help").click()
    axe(page)
    page.keyboard.press("Escape")
    page.locator(".hud").first.click()
    fine(page)  # the sliders
    page.keyboard.press("Escape")
    page.locator("#pair h2 button").first.click()
    axe(page)  # what the levels mean
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Pause").click()
    axe(page)
    page.keyboard.press("Escape")
    page.locator("#pair input").first.focus()
    rate(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="That was the last pair")).to_be_visible()
    fine(page)
    onward(page, "Go to the questions")
    fine(page)
    page.get_by_role("textbox").first.fill("nothing")
    onward(page)
    fine(page)  # the later questions
    for address in ("/reading/", "/reading/s7/instructions/", "/accounts/profile/", "/accounts/second-factor/"):
        page.goto(re.sub(r"(//[^/]+).*", rf"\1{address}", page.url))
        fine(page)
    page.context.clear_cookies()
    page.goto(re.sub(r"(//[^/]+).*", r"\1/accounts/login/", page.url))
    fine(page)


BARE = {"consent": "", "reader_profile": False, "display_check": False, "practice_pairs": 0}


FIRST = BARE | {"finding_asked": True}


@pytest.mark.parametrize("study", [FIRST, FIRST | {"findings": "fracture\nnone"}], indirect=True)
def test_the_first_look_of_a_phased_study(visit, study):
    page = visit()
    expect(page.get_by_role("heading", name="What do you see?")).to_be_visible()
    expect(page.locator("figure[data-state=drawn]")).to_have_count(2)
    fine(page)
    for letter in "AB":
        asked = page.get_by_label(f"Image {letter}").or_(page.get_by_role("group", name=f"Image {letter}"))
        if study.findings:
            asked.get_by_label("fracture").check()
        else:
            asked.fill("fracture")
    onward(page)
    drawn(page, 1, "practice ")
    fine(page)  # with what was seen above the scores


@pytest.mark.parametrize("study", [BARE], indirect=True)
def test_nothing_scrolls_at_any_size_and_at_200_percent_all_can_be_reached(visit):
    page = visit(locale="de-DE")  # the longer words
    drawn_in_german = re.compile("Übung|von")
    expect(page.locator(".progress span")).to_have_text(drawn_in_german)
    expect(page.locator("figure[data-state=drawn]")).to_have_count(2)
    rate(page)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        over = page.evaluate(
            """() => { const e = document.documentElement, q = document.querySelector('.questions');
               return [e.scrollHeight - innerHeight, e.scrollWidth - innerWidth, q.scrollHeight - q.clientHeight] }"""
        )
        assert max(over) <= 0, (width, height, over)
        covered = page.evaluate(
            """() => { const all = [...document.querySelectorAll('.tools > *, .viewing button, .progress')]
                   .filter(e => e.checkVisibility() && e.textContent.trim() && !e.matches('.viewing'))
                   .map(e => [e.textContent.trim(), e.getBoundingClientRect()]);
               return all.flatMap(([a, p], i) => all.slice(i + 1).filter(([, q]) => p.left < q.right - 1
                   && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1)
                   .map(([b]) => `${a} / ${b}`)) }"""
        )
        assert covered == [], (width, height)
        assert small(page) == []
        cut = page.evaluate(
            """[...document.querySelectorAll('.questions h2, .questions label, .tools button, .hud, .foot > *')]
               .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"""
        )
        assert cut == [], (width, height)
    page.set_viewport_size({"width": 683, "height": 384})  # 1366x768 at 200 %
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight")
    wide = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    assert (
        page.evaluate(
            f"{wide}.filter(e => e.checkVisibility() && !e.closest('figure')).map(e => e.outerHTML.slice(0, 90))"
        )
        == []
    )
    page.get_by_role("button", name="Nächstes Paar").scroll_into_view_if_needed()
    page.get_by_role("button", name="Nächstes Paar").click()
    expect(page.locator("#pair")).to_have_class("notice-page")


@pytest.mark.parametrize("study", [BARE], indirect=True)
def test_tab_walks_from_the_tools_over_the_images_to_the_questions_and_on(visit):
    page = visit()
    drawn(page, 1, "practice ")
    ready_to_pin(page, 1, "practice ")
    page.evaluate("document.querySelector('[data-command=link]').focus()")
    place = """() => { const e = document.activeElement;
        return e.closest('.tools') ? 'tools' : e.closest('figure') ? e.closest('figure').ariaLabel
            : e.closest('fieldset') ? e.name : e.closest('details') ? 'comment'
            : e.type === 'submit' ? 'next' : e.tagName }"""
    walk = []
    while not walk or walk[-1] != "next":
        here = page.evaluate(place)
        if not walk or walk[-1] != here:
            walk.append(here)
        assert len(walk) < 40
        page.keyboard.press("Tab")
    scores = [
        f"{key}-{side}"
        for key in ("anatomy", "joint_fidelity", "collimation", "artifacts")
        for side in ("left", "right")
    ]
    order = ["tools", "Radiograph A", "Radiograph B", *scores, "believed_real", "confidence", "comment", "next"]
    assert [stop for stop in walk if stop not in ("BUTTON", "A")] == order


@pytest.mark.parametrize("study", [BARE], indirect=True)
def test_a_new_pair_is_announced_and_the_focus_is_on_its_first_question(visit):
    page = visit()
    drawn(page, 1, "practice ")
    rate(page)
    page.keyboard.press("Enter")
    onward(page)
    drawn(page, 1)
    expect(page.locator("[data-announce]")).to_have_text("Pair 1 of 2")
    expect(page.locator("[data-announce]")).to_have_role("status")
    assert page.evaluate("document.activeElement.name") == "anatomy-left"


@pytest.mark.parametrize("study", [BARE], indirect=True)
def test_forced_colours_and_reduced_motion_are_honoured(visit):
    page = visit(forced_colors="active", reduced_motion="reduce")
    drawn(page, 1, "practice ")
    rate(page)
    chosen, other = (
        page.locator(f"#pair [name=anatomy-left][value='{value}']").evaluate(
            "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.borderBottomWidth] }"
        )
        for value in (4, 5)
    )
    assert chosen != other
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter(e => parseFloat(getComputedStyle(e).transitionDuration)).length"
    )
    assert moving == 0
