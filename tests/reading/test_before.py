"""What comes before a reader's pairs: the profile once a study, the display check once a session and screen."""

from datetime import timedelta

import pgtrigger
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import ProgrammingError
from django.db.models import F
from django.test import Client
from playwright.sync_api import expect

from radiorate.reading.models import DisplayCheck, Presentation
from radiorate.studies.models import Reader
from tests import factories
from tests.reading.scene import posted, reading_study
from tests.reading.screen import drawn
from tests.reading.test_browser import RULES
from tests.reading.test_page import form_action, open_page
from tests.reading.test_plan import enter, export, two_sessions

pytestmark = pytest.mark.django_db
SEEN = {"dark_seen": "yes", "bright_seen": "yes"}


def test_a_reader_says_who_she_is_before_the_first_pair_and_once(client, admin_client):
    study = reading_study(pairs=1, reader_profile=True)
    reader = enter(client, study)
    Reader.objects.update(years=4, subspecialty="bones")
    address = f"/reading/{study.slug}/profile/"
    assert client.get(f"/reading/{study.slug}/")["Location"] == address
    page = client.get(address).content.decode()
    assert 'value="4"' in page
    assert 'value="bones"' in page  # what was typed at enrolment
    refused = client.post(address, {"years": "5", "subspecialty": "hands"})
    assert (refused.status_code, Presentation.objects.count()) == (422, 0)
    client.post(address, {"years": "5", "subspecialty": "hands", "ai_exposure": "often"})
    again = client.post(address, {"years": "50", "subspecialty": "", "ai_exposure": "none"})
    assert again["Location"] == f"/reading/{study.slug}/"
    assert "1 of 1" in open_page(client, study)
    (row,) = export(study, "readers")
    assert row[:5] == [study.slug, "R1", "5", "hands", "often"]
    assert row[5]
    admin_client.force_login(factories.admin())
    page = admin_client.get(f"/studies/{study.slug}/").content.decode()
    assert "often" in page
    reader.refresh_from_db()
    assert (reader.years, reader.ai_exposure) == (5, "often")


def test_the_display_is_checked_before_each_session(client):
    reader = enter(client, two_sessions(display_check=True))
    study = reader.study
    address = f"/reading/{study.slug}/display/"
    assert client.get(f"/reading/{study.slug}/")["Location"] == address
    assert client.post(address, {"dark_seen": "yes"}).status_code == 422
    sizes = {"window_width": "1300", "window_height": "700", "screen_width": "1366", "screen_height": "768"}
    client.post(address, SEEN | sizes | {"pixel_ratio": "1.250"})
    html = open_page(client, study)
    assert 'data-screen="1366x768"' in html
    client.post(form_action(html), posted())
    assert client.get(f"/reading/{study.slug}/")["Location"] == address  # the second session
    client.post(address, SEEN)
    assert "2 of 2" in open_page(client, study)
    assert export(study, "displays") == [
        [study.slug, "R1", "1", "true", "true", "1300", "700", "1366", "768", "1.250"],
        [study.slug, "R1", "2", "true", "true", "", "", "", "", ""],
    ]


def test_another_device_and_another_day_want_a_check_of_their_own(client):
    study = reading_study(pairs=1, display_check=True)
    reader = enter(client, study)
    address = f"/reading/{study.slug}/display/"
    client.post(address, SEEN)
    assert "1 of 1" in open_page(client, study)
    other = Client()
    other.force_login(reader.user)
    assert other.get(f"/reading/{study.slug}/")["Location"] == address
    with pgtrigger.ignore("reading.DisplayCheck:append_only"):
        DisplayCheck.objects.update(checked_at=F("checked_at") - timedelta(hours=13))
    assert client.get(f"/reading/{study.slug}/")["Location"] == address


def test_a_step_that_is_not_seen_is_stored_advised_on_and_no_dead_end(client):
    study = reading_study(pairs=1, display_check=True)
    enter(client, study)
    page = client.post(f"/reading/{study.slug}/display/", {"dark_seen": "no", "bright_seen": "yes"}).content.decode()
    assert "Dim the room" in page
    assert "in dark areas" in page
    check = DisplayCheck.objects.get()
    assert (check.dark_seen, check.bright_seen) == (False, True)
    assert "1 of 1" in open_page(client, study)
    with pytest.raises(ProgrammingError):
        DisplayCheck.objects.update(dark_seen=True)


@pytest.mark.parametrize("study", [{"display_check": True, "reader_profile": True}], indirect=True)
def test_the_steps_have_their_exact_greys_and_another_screen_is_checked_anew(visit, study, client):
    page = visit()
    page.get_by_label("Years of experience").fill("11")
    page.get_by_label("I have looked at some").check()
    assert not Axe().run(page, options=RULES).response["violations"]
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Is the display ready?")).to_be_visible()
    assert not Axe().run(page, options=RULES).response["violations"]
    greys = page.evaluate("[...document.querySelectorAll('svg rect')].map(r => getComputedStyle(r).fill)")
    assert greys == [f"rgb({grey}, {grey}, {grey})" for grey in (0, 13, 255, 242)]
    for group in page.get_by_role("group").all():
        group.get_by_label("Yes").check()
    page.get_by_role("button", name="Go on").click()
    drawn(page, 1)
    check = DisplayCheck.objects.get()
    screen = page.evaluate("[innerWidth, innerHeight, screen.width, screen.height, devicePixelRatio]")
    assert [check.window_width, check.window_height, check.screen_width, check.screen_height] == screen[:4]
    assert float(check.pixel_ratio) == screen[4]
    page.reload()
    drawn(page, 1)  # the same screen
    session = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    other = page.context.browser.new_context(screen={"width": 2560, "height": 1440})
    other.add_cookies([{"name": "sessionid", "value": session, "url": page.url}])
    moved = other.new_page()
    moved.goto(page.url)
    expect(moved.get_by_role("heading", name="Is the display ready?")).to_be_visible()
    other.close()
