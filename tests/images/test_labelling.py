"""What a collection's images leave open is told of many at once, by a person, and written down as any other change."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from radiorate.accounts.models import AuditEntry
from radiorate.images import labelling
from radiorate.images.models import Image
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(factories.admin())
    return client


def test_images_that_lack_something_are_found_whatever_it_is() -> None:
    into = factories.collection()
    told = {"laterality": "R", "patient_sex": "F"}
    whole = factories.image(into, **told)
    lacks = {
        "region": factories.image(into, body_part="", **told),
        "view": factories.image(into, view_position="", view_modifier="frontal", **told),
        "side": factories.image(into, patient_sex="F"),
        "sex": factories.image(into, laterality="R"),
    }
    factories.image(into, view_position="", view_modifier="oblique", **told)  # a view, if none of the four
    factories.image(into, body_part="", state="withdrawn", state_reason="blank")
    for name, image in lacks.items():
        assert list(labelling.lacking(into, [name])) == [image]
    assert whole not in labelling.lacking(into, list(lacks)) and labelling.lacking(into, list(lacks)).count() == 4


def test_one_post_tells_it_of_all_chosen_and_leaves_the_rest_alone(admin: Client) -> None:
    into = factories.collection()
    images = [factories.image(into, body_part="", view_position="", view_modifier="frontal") for _ in range(3)]
    address = reverse("images:label", args=[into.pk])
    told = {"images": [str(image.pk) for image in images[:2]], "region": "Thorax", "view": "PA"}
    assert admin.post(address, told).status_code == 302
    values = Image.objects.order_by("added_at").values_list("body_part", "view_position", "view_modifier")
    assert list(values) == [("chest", "PA", ""), ("chest", "PA", ""), ("", "", "frontal")]
    entries = AuditEntry.objects.filter(action="image.described")
    assert {entry.target for entry in entries} == {f"image {image.pk}" for image in images[:2]}
    assert all(entry.actor for entry in entries)
    admin.post(address, {"images": [str(images[0].pk)], "side": "L"})
    assert Image.objects.get(pk=images[0].pk).view_position == "PA"


def test_nothing_chosen_or_nothing_told_changes_nothing(admin: Client) -> None:
    image = factories.image(body_part="")
    address = reverse("images:label", args=[image.collection_id])
    foreign = factories.image(body_part="")
    for wrong in ({}, {"region": "hand"}, {"images": str(image.pk)}, {"images": str(foreign.pk), "region": "hand"}):
        assert admin.post(address, wrong).status_code == 422
    assert not Image.objects.filter(body_part="hand").exists() and not AuditEntry.objects.filter(
        action="image.described"
    )


def test_images_of_an_opened_study_are_neither_asked_for_nor_changed(admin: Client) -> None:
    into = factories.open_study(pairs=1).real_collections.get()
    image = into.images.get()
    Image.objects.filter(pk=image.pk).update(laterality="")
    address = reverse("images:label", args=[into.pk])
    assert not admin.get(address, {"lacks": "side"}).context["page"].paginator.count
    answer = admin.post(address, {"images": [str(image.pk)], "side": "L"}, follow=True)
    assert "1 stood in a study that was opened" in answer.content.decode()
    assert Image.objects.get(pk=image.pk).laterality == ""


@pytest.mark.django_db(transaction=True)
def test_two_rows_of_images_are_told_of_by_keyboard_alone(
    live_server_process: Any, admin: Client, context: Any
) -> None:
    web, into = live_server_process, factories.collection()
    for _ in range(4):
        factories.image(into, body_part="", view_position="")
    context.add_cookies([{"name": "sessionid", "value": admin.cookies["sessionid"].value, "url": web.url}])
    page = context.new_page()
    page.goto(f"{web.url}/images/collections/{into.pk}/")
    page.get_by_role("link", name="Tell what 4 images show").click()
    expect(page.locator("input[name=images]").first).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[data-label-count]")).to_have_text("3")
    page.keyboard.press("r")
    page.keyboard.type("hand")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    page.keyboard.type("post")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved for 3 images.")).to_be_visible()
    expect(page.locator("input[name=images]")).to_have_count(1)
    assert sorted(Image.objects.values_list("body_part", "view_position")) == [("", ""), *[("hand", "PA")] * 3]
