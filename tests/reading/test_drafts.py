"""A form left half filled is found again as it was left, by its reader alone, and is no rating."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from radiorate.reading.models import Draft, Presentation, Rating, RatingEvent
from radiorate.studies import lifecycle
from tests import factories
from tests.conftest import eventually
from tests.reading.scene import plan, posted, reading_study
from tests.reading.screen import KEYS, drawn, rate


def half(page: Page) -> None:
    """Five scores, a comment, and a pin on the left image."""
    for key in KEYS[:5]:
        page.keyboard.press(key)
    page.keyboard.press("c")
    page.keyboard.type("odd patella")
    page.keyboard.press("Escape")
    expect(page.locator("[data-command=pin]")).to_be_enabled()
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    page.keyboard.press("1")


def is_half(page: Page) -> None:
    expect(page.locator("#pair input:checked")).to_have_count(5)
    expect(page.locator("[name=comment]")).to_have_value("odd patella")
    expect(page.locator(".pins li")).to_have_count(1)
    drawn(page, 1)


def test_half_an_answer_is_there_after_a_reload_and_in_another_browser(visit):
    page = visit()
    drawn(page, 1)
    half(page)
    page.reload()
    is_half(page)
    expect(page.locator("[data-saved]")).to_have_text("As you left it")
    elsewhere = visit(locale="en-GB")  # a browser of its own
    is_half(elsewhere)
    assert elsewhere.context != page.context
    for key in KEYS[5:]:
        elsewhere.keyboard.press(key)
    elsewhere.get_by_role("button", name="Next pair").click()
    drawn(elsewhere, 2)
    rating = Rating.objects.get()
    assert (rating.comment, rating.scores.count(), rating.marks.count()) == ("odd patella", 8, 1)
    assert not Draft.objects.exists()


def test_half_an_answer_outlives_a_killed_window_that_rested(visit):
    page = visit()
    page.clock.install()
    page.reload()
    drawn(page, 1)
    half(page)
    page.clock.fast_forward(31_000)
    eventually(Draft.objects.exists)
    assert Draft.objects.get().fields["anatomy-left"] == KEYS[0]


def test_a_rating_without_a_break_is_one_request(visit):
    page = visit()
    drawn(page, 1)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    for place in (2, 3, 4):
        rate(page)
        page.keyboard.press("Enter")
        drawn(page, place)
    assert asked.count("POST") == 3
    assert not Draft.objects.exists()


def test_what_is_changed_in_an_earlier_pair_and_not_sent_is_found_there_again(visit):
    page = visit()
    drawn(page, 1)
    rate(page)
    page.keyboard.press("Enter")
    drawn(page, 2)
    page.keyboard.press("4")
    page.keyboard.press("PageUp")
    drawn(page, 1)
    page.keyboard.press("b")
    page.goto(page.url.split("?")[0])
    drawn(page, 2)
    expect(page.locator("#pair input:checked")).to_have_count(1)
    page.keyboard.press("PageUp")
    drawn(page, 1)
    expect(page.get_by_label("B is real")).to_be_checked()
    assert Rating.objects.get().believed_real == "left"


@pytest.mark.django_db
class TestOverHTTP:
    @pytest.fixture
    def shown(self, client) -> Presentation:
        study = reading_study()
        client.force_login(study.readers.get().user)
        client.get(f"/reading/{study.slug}/")
        return Presentation.objects.get(version=0, assignment__position=1)

    @staticmethod
    def left(shown: Presentation, **fields: object) -> dict[str, object]:
        return {"anatomy-left": "4", "comment": "half", "stamp": str(uuid.uuid4())} | fields

    def test_the_last_one_counts_and_the_answer_ends_it(self, client, shown):
        for comment in ("one", "two"):
            response = client.post(f"/reading/{shown.pk}/draft/", self.left(shown, comment=comment))
            assert response.status_code == 204
        assert Draft.objects.get().fields == {"anatomy-left": "4", "comment": "two"}
        assert not RatingEvent.objects.exists()
        client.post(f"/reading/{shown.pk}/", posted())
        assert not Draft.objects.exists()

    def test_one_that_arrives_after_the_answer_is_not_kept(self, client, shown):
        client.post(f"/reading/{shown.pk}/", posted())
        assert client.post(f"/reading/{shown.pk}/draft/", self.left(shown)).status_code == 204
        assert not Draft.objects.exists()

    def test_one_that_was_kept_too_late_is_void(self, client, shown):
        client.post(f"/reading/{shown.pk}/", posted())
        Draft.objects.create(assignment=shown.assignment, version=0, fields={"comment": "too late"}, stamp=uuid.uuid4())
        again = client.get(f"/reading/{shown.study.slug}/?place=1").content.decode()
        assert "too late" not in again

    def test_a_closed_study_keeps_none(self, client, shown):
        lifecycle.close_study(shown.study, None)
        client.post(f"/reading/{shown.pk}/draft/", self.left(shown))
        assert not Draft.objects.exists()

    @pytest.mark.parametrize("odd", [{"unknown": "x"}, {"comment": "x" * 30_000}, {"mark": ["left seam 9 9"] * 5000}])
    def test_what_is_no_form_is_not_kept(self, client, shown, odd):
        client.post(f"/reading/{shown.pk}/draft/", self.left(shown, **odd))
        assert "unknown" not in (Draft.objects.first() or Draft(fields={})).fields
        assert len(str(Draft.objects.values_list("fields"))) < 25_000
        assert client.get(f"/reading/{shown.study.slug}/").status_code == 200

    def test_another_reader_of_the_study_sees_and_writes_none_of_it(self, client, shown):
        client.post(f"/reading/{shown.pk}/draft/", self.left(shown, comment="mine alone"))
        other = factories.reader(shown.study)
        plan(other, list(shown.study.pairs.order_by("code")))
        client.force_login(other.user)
        assert "mine alone" not in client.get(f"/reading/{shown.study.slug}/").content.decode()
        assert client.post(f"/reading/{shown.pk}/draft/", self.left(shown)).status_code == 404
        assert Draft.objects.get().fields["comment"] == "mine alone"
