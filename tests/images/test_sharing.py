"""Consent and licence: both, or a real radiograph stays here."""

import pytest
from django.test import Client
from django.urls import reverse

from radiorate.accounts.models import AuditEntry
from radiorate.images import lifecycle, sharing
from radiorate.images.models import Collection
from tests import factories

pytestmark = pytest.mark.django_db

GOES = [
    "CC0",
    "CC0 1.0",
    "Public domain",
    "CC BY 3.0",
    "CC BY-SA 4.0",
    "cc-by-4.0",
    "CC BY 4.0 DE",
    "Public Domain Mark 1.0",
    "own images",
    "MIT",
    "MIT (repository)",
    "Apache-2.0",
    "BSD 3-Clause License",
    "NIH ChestX-ray14: use unrestricted, credit the NIH Clinical Center",
]
STAYS = {
    "": "no licence is named",
    "CC BY-ND 4.0": "allows no changes",
    "CC BY-NC-ND 4.0": "allows no changes",
    "PhysioNet Credentialed Health Data License 1.5.0": "not to pass it on",
    "MIMIC-CXR": "not to pass it on",
    "CheXpert research use": "not to pass it on",
    "CC BY-NC 4.0": "forbids commercial use",
    "CC BY-SA 4.0, non-commercial": "forbids commercial use",
    "Not in the public domain; research use only": "restricts",
    "Own use only, no redistribution": "restricts",
    "MIT-BIH restricted use": "restricts",
    "MIT-BIH": "isn't known here",
    "Public domain in Ruritania": "isn't known here",
    "VinDr-CXR": "not to pass it on",
    "ask the author": "isn't known here",
}


@pytest.mark.parametrize("licence", GOES)
def test_an_open_licence_lets_an_image_go(licence):
    assert sharing.licence_refusal(licence) == ""


@pytest.mark.parametrize("licence", STAYS)
def test_any_other_keeps_it_here_and_says_why(licence):
    assert STAYS[licence] in sharing.licence_refusal(licence)


def test_consent_and_licence_are_both_needed_and_an_images_own_licence_counts_first():
    image = factories.image(factories.collection(licence="CC0"))
    assert "No consent" in sharing.refusal(image)
    image.collection.may_be_sent = True
    assert sharing.refusal(image) == ""
    image.licence = "CC BY-ND 4.0"
    assert "allows no changes" in sharing.refusal(image)


def test_what_was_made_from_a_real_image_is_as_bound_as_that_one():
    real = factories.image(factories.collection(licence="CC0"))
    edited = factories.image(factories.collection("synthetic"), reference=real)
    again = factories.image(factories.collection("synthetic"), reference=edited)
    assert "No consent" in sharing.refusal(again)
    Collection.objects.update(may_be_sent=True)
    again.refresh_from_db()
    assert sharing.refusal(again) == ""
    assert sharing.refusal(factories.image(factories.collection("synthetic"))) == ""  # made of words alone


def test_an_admin_consents_and_withdraws_with_a_reason_on_record(client: Client):
    client.force_login(factories.admin())
    of = factories.collection()
    factories.image(of)
    allow, forbid = (reverse(f"images:{name}_sending", args=[of.pk]) for name in ("allow", "forbid"))
    assert client.post(allow, {"reason": " "}).status_code == 422
    assert client.post(allow, {"reason": "the ethics board agreed", "licence": "CC0"}).status_code == 302
    of.refresh_from_db()
    assert (of.may_be_sent, of.licence) == (True, "CC0")
    assert client.post(allow, {"reason": "twice"}).status_code == 422
    page = client.get(reverse("images:collection", args=[of.pk])).content.decode()
    assert "Withdraw consent" in page
    client.post(forbid, {"reason": "the board changed its mind"})
    of.refresh_from_db()
    assert not of.may_be_sent
    told = AuditEntry.objects.filter(action__startswith="collection.sending").order_by("pk")
    assert [entry.reason for entry in told] == ["the ethics board agreed", "the board changed its mind"]


def test_synthetic_images_need_no_consent_and_take_none():
    with pytest.raises(lifecycle.NotPossible):
        lifecycle.allow_sending(factories.collection("synthetic"), factories.admin(), "a reason")
