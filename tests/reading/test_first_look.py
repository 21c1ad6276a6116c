"""A phased study asks what is seen before it tells the finding, and nothing told depends on the truth."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from radiorate.images.models import Image
from radiorate.reading.models import Finding, Presentation, Rating
from radiorate.results import exporting
from radiorate.studies import lifecycle
from radiorate.studies.models import Study
from tests.reading.scene import posted, reading_study
from tests.reading.screen import KEYS, drawn

SEEN = {"left": "a fracture", "right": "none"}


def phased(first: str = "Fracture", second: str = "fracture ", **fields: Any) -> Study:
    """A study whose pairs hold two images with these findings."""

    def name(study: Study) -> None:
        for pair in study.pairs.all():
            Image.objects.filter(pk=pair.first_id).update(pathology=first)
            Image.objects.filter(pk=pair.second_id).update(pathology=second)

    return reading_study(pairs=2, finding_asked=True, before_opening=name, **fields)


@pytest.fixture
def begin(client, db):
    def go(study: Study) -> tuple[Client, str]:
        client.force_login(study.readers.get().user)
        return client, client.get(f"/reading/{study.slug}/").content.decode()

    return go


def looked(page: Page) -> None:
    """Wait until a first look can be answered."""
    expect(page.get_by_role("heading", name="What do you see?")).to_be_visible()
    expect(page.locator("figure[data-state=drawn]")).to_have_count(2)


def see(page: Page) -> None:
    """Answer by keys alone, from the field that has the focus."""
    expect(page.get_by_label("Image A")).to_be_focused()
    page.keyboard.type("a fracture")
    page.keyboard.press("Tab")
    page.keyboard.type("none")
    page.keyboard.press("Enter")


def shown() -> Presentation:
    return Presentation.objects.filter(event__isnull=True).earliest("shown_at")


def find(client: Client, **words: str) -> Any:
    return client.post(f"/reading/{shown().pk}/finding/", SEEN | words, headers={"HX-Request": "true"})


def test_before_the_answer_neither_finding_nor_scores_are_on_the_page(begin):
    _, page = begin(phased())
    assert "What do you see?" in page
    assert "fracture" not in page.lower()
    assert "believed_real" not in page


def test_the_answer_is_locked_and_then_the_finding_is_told(begin):
    client, _ = begin(phased())
    pair = shown()
    page = find(client).content.decode()
    assert "Meant to show: <b>fracture</b>" in page
    assert f'action="/reading/{pair.pk}/"' in page
    assert pair.left_token in page
    again = find(client, left="something else").content.decode()
    assert "a fracture" in again
    assert dict(Finding.objects.values_list("side", "words")) == SEEN
    assert client.post(f"/reading/{pair.pk}/", posted()).status_code == 200
    assert Rating.objects.count() == 1


@pytest.mark.parametrize("findings", [("fracture", "arthrosis"), ("fracture", ""), ("", "fracture"), ("", "")])
def test_a_finding_that_would_tell_the_images_apart_is_not_told(begin, findings):
    client, _ = begin(phased(*findings))
    page = find(client, left="x", right="y").content.decode()
    assert "Meant to show" not in page
    assert "fracture" not in page
    assert "believed_real" in page


def test_no_scores_are_taken_before_the_first_look(begin):
    client, _ = begin(phased())
    answer = client.post(f"/reading/{shown().pk}/", posted())
    assert answer.status_code == 422
    assert not Rating.objects.exists()


def test_an_empty_answer_is_named(begin):
    client, _ = begin(phased())
    answer = find(client, right="  ")
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()
    assert not Finding.objects.exists()


def test_a_list_takes_only_what_stands_in_it(begin):
    client, page = begin(phased(findings="fracture\n\narthrosis\nnone"))
    assert "arthrosis" in page
    assert find(client, left="a cat").status_code == 422
    assert find(client, left="arthrosis").status_code == 200


def test_findings_leave_beside_what_was_meant(begin):
    study = phased()
    client, _ = begin(study)
    find(client)
    client.post(f"/reading/{shown().pk}/", posted())
    lifecycle.close_study(study, None)
    study.refresh_from_db()
    rows = list(csv.DictReader(io.StringIO(b"".join(exporting.stream(study, "findings", None)).decode())))
    assert [(row["side"], row["seen"], row["pathology"].strip().lower()) for row in rows] == [
        ("left", "a fracture", "fracture"),
        ("right", "none", "fracture"),
    ]


def test_sent_once_more_it_is_told_the_same_and_what_is_due_once_the_pair_is_rated(begin):
    client, _ = begin(phased())
    pair = shown()
    address = f"/reading/{pair.pk}/finding/"
    for _ in range(2):
        response = client.post(address, SEEN, headers={"HX-Request": "true"})
        assert response["X-Rating-Saved"] == str(pair.pk)
        assert pair.left_token in response.content.decode()
    client.post(f"/reading/{pair.pk}/", posted())
    late = client.post(address, SEEN | {"left": "else"}, headers={"HX-Request": "true"})
    assert late["X-Rating-Saved"] == str(pair.pk)
    assert pair.left_token not in late.content.decode()
    assert "2 of 2" in late.content.decode()
    assert dict(Finding.objects.values_list("side", "words")) == SEEN


def test_a_study_that_ended_meanwhile_refuses_a_first_look_in_words(begin):
    study = phased()
    client, _ = begin(study)
    lifecycle.close_study(study, None)
    answer = find(client)
    assert (answer.status_code, answer["X-Rating-Refused"]) == (410, str(shown().pk))
    assert "a fracture" in answer.content.decode()
    assert not Finding.objects.exists()


def test_a_first_look_is_not_taken_from_another_reader(begin):
    client, _ = begin(phased())
    answer = client.post(f"/reading/{shown().pk}/finding/", SEEN, headers={"X-Reader": "somebody"})
    assert answer.status_code == 403
    assert not Finding.objects.exists()


class TestInTheBrowser:
    @pytest.fixture
    def study(self, transactional_db) -> Any:
        return phased()

    def test_the_second_look_costs_one_request_and_no_pixels(self, visit):
        page = visit()
        looked(page)
        own = page.locator("[data-viewer]").evaluate_all("figures => figures.map(figure => figure.dataset.viewer)")
        asked: list[tuple[str, str]] = []
        page.on("request", lambda request: asked.append((request.method, request.url)))
        see(page)
        expect(page.locator(".told")).to_contain_text("Meant to show: fracture")
        drawn(page, 1)
        assert [method for method, url in asked if "/finding/" in url] == ["POST"]
        assert not [url for _, url in asked if any(token in url for token in own)]
        for key in [*KEYS, "Enter"]:
            page.keyboard.press(key)
        expect(page.get_by_role("heading", name="What do you see?")).to_be_visible()
        expect(page.locator(".progress span")).to_have_text("2 of 2")
        assert Rating.objects.count() == 1

    def test_on_a_dead_network_it_is_kept_and_sent_once_by_the_next_page(self, visit):
        page = visit()
        looked(page)
        page.route("**/finding/", lambda route: route.abort())
        pause = page.get_by_role("button", name="Pause")
        place = pause.bounding_box()
        see(page)
        kept = page.locator("[data-saved]")
        expect(kept).to_contain_text("Not yet saved, kept on this computer")
        assert pause.bounding_box() == place  # a warning moves no button
        page.on("dialog", lambda dialog: dialog.accept())  # it warns before it is left
        page.reload()
        expect(kept).to_contain_text("Not yet saved, kept on this computer")
        assert not Finding.objects.exists()
        page.unroute_all()
        expect(page.locator(".told")).to_contain_text("Meant to show: fracture")
        drawn(page, 1)
        expect(kept).to_have_text("✓ Saved")
        assert dict(Finding.objects.values_list("side", "words")) == SEEN

    def test_pause_help_and_the_images_take_their_keys_and_buttons(self, visit):
        page = visit()
        looked(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Paused")).to_be_visible()
        expect(page.locator("figure canvas").first).to_be_hidden()
        page.get_by_role("dialog").get_by_role("button", name="Go on").click()
        expect(page.locator("figure canvas").first).to_be_visible()
        for button in ("Pause", "Help"):
            page.get_by_role("button", name=button).click()
            expect(page.get_by_role("dialog")).to_have_count(1)
            page.keyboard.press("Escape")
            expect(page.get_by_role("dialog")).to_have_count(0)
        page.locator("figure").first.focus()
        page.keyboard.press("i")
        expect(page.locator("[data-command=invert]")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("4")  # nothing is scored yet
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
