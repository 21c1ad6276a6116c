"""A limited time to look and a grey blank before each pair, in Chromium, where a study wants them."""

import pytest
from playwright.sync_api import expect

from radiorate.reading.models import Rating
from tests.reading.scene import reading_study
from tests.reading.screen import drawn, rate
from tests.reading.test_page import open_page
from tests.reading.test_plan import enter, export, rate_next

LIMITED = {"exposure_seconds": "0.60", "blank_ms": 300}
SEEN = "[...document.querySelectorAll('figure > canvas')].map(c => getComputedStyle(c).visibility)"


@pytest.mark.parametrize("study", [LIMITED], indirect=True)
def test_the_images_are_covered_in_time_and_the_answers_stay_open(visit, study):
    page = visit()
    drawn(page, 1)
    expect(page.locator("body.covered")).to_be_attached()
    assert set(page.evaluate(SEEN)) == {"hidden"}
    expect(page.locator("[data-announce]")).to_contain_text("You can still answer")
    rate(page)
    page.keyboard.press("Enter")
    drawn(page, 2)
    rating = Rating.objects.get()
    assert 600 <= rating.event.client_times["exposed_ms"] <= 1000
    (row,) = export(study, "choices")
    assert str(round(rating.event.client_times["exposed_ms"])) in row


@pytest.mark.parametrize("study", [LIMITED], indirect=True)
def test_a_reload_gives_no_second_time(visit, study):
    page = visit()
    drawn(page, 1)
    expect(page.locator("body.covered")).to_be_attached()
    page.reload()
    drawn(page, 1)
    expect(page.locator("body.covered")).to_be_attached()
    assert 600 <= int(page.locator("[name=exposed_ms]").input_value()) < 900


@pytest.mark.parametrize("study", [{"blank_ms": 400}], indirect=True)
def test_mid_grey_lies_over_the_images_before_the_clock_starts(visit, study):
    page = visit()
    drawn(page, 1)
    page.evaluate(
        """() => new MutationObserver((all) => all.forEach(() => {
             const isBlank = document.body.classList.contains('blank');
             if (isBlank) window.began = performance.now();
             if (isBlank) window.grey = getComputedStyle(document.querySelector('figure')).backgroundColor;
           })).observe(document.body, { attributeFilter: ['class'] })"""
    )
    rate(page)
    page.keyboard.press("Enter")
    drawn(page, 2)
    assert page.evaluate("window.grey") == "rgb(128, 128, 128)"
    assert page.evaluate("Number(document.querySelector('[name=t_shown]').value) - window.began") >= 390
    assert set(page.evaluate(SEEN)) >= {"visible"}


@pytest.mark.django_db
def test_no_pair_is_looked_at_twice_where_the_time_is_limited(client):
    study = reading_study(pairs=2, exposure_seconds="5")
    reader = enter(client, study)
    rate_next(reader)
    assert client.get(f"/reading/{study.slug}/?place=1").status_code == 404
    assert 'data-command="back"' not in open_page(client, study)
