"""The scores expected of practice images: on a page, in the file, and checked before a study opens."""

import pytest
from django.urls import reverse

from radiorate.studies import definition, lifecycle, pairing, rubrics
from radiorate.studies.models import Pair, Study
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """A draft with one practice pair drawn from collections of its own."""
    made = factories.study(pairs=1, rubric=rubrics.load("radiographs"), practice_pairs=1, practice_agreement="0.5")
    for origin in ("real", "synthetic"):
        collection = factories.collection(origin)
        factories.image(collection)
        made.practice_collections.add(collection)
    return made


def drawn(study: Study) -> pairing.ProposedPair:
    (pair,) = pairing.propose(study).of(Pair.Kind.PRACTICE)
    return pair


def test_an_admin_types_them_and_the_file_holds_them(client, study):
    client.force_login(factories.admin())
    image = drawn(study).second
    address = reverse("studies:practice", args=[study.slug])
    page = client.get(address).content.decode()
    assert f'name="{image.sha256}-anatomy"' in page
    assert client.post(address, {f"{image.sha256}-anatomy": "9"}).status_code == 422
    client.post(address, {f"{image.sha256}-anatomy": "2", f"{image.sha256}-artifacts": "1"})
    study.refresh_from_db()
    assert study.expected_scores == {image.sha256: {"anatomy": 2, "artifacts": 1}}
    again = definition.create(definition.read(definition.export(study)) | {"slug": "again"}, None)
    assert again.expected_scores == study.expected_scores
    form = client.get(reverse("studies:edit", args=[study.slug])).context["form"]
    sent = {key: value for key, value in form.initial.items() if value is not None and value is not False}
    for key in (*definition.COLLECTIONS, definition.PRACTICE):
        sent[key] = [collection.pk for collection in sent[key]]
    answer = client.post(reverse("studies:edit", args=[study.slug]), sent | {"seed": 5})
    assert answer.status_code == 302, answer.context["form"].errors
    study.refresh_from_db()
    assert (study.seed, study.expected_scores[image.sha256]["anatomy"]) == (5, 2)  # the design's form keeps them


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"x": {"anatomy": 1}}, "is no table named by an image's SHA-256"),
        ({"0" * 64: 3}, "is no table named by"),
        ({"0" * 64: {"beauty": 1}}, "beauty is none of: anatomy"),
        ({"0" * 64: {"anatomy": 6}}, "anatomy goes from 1 to 5"),
        ({"0" * 64: {"anatomy": True}}, "anatomy goes from 1 to 5"),
    ],
)
def test_what_cannot_be_expected_is_said_in_a_sentence(study, expected, words):
    with pytest.raises(definition.Invalid, match=words):
        definition.expect(study, expected, None)


def test_opening_says_what_fits_no_practice_pair_and_freezes_the_rest(study):
    admin = factories.admin()
    with pytest.raises(lifecycle.Refused, match="no score is expected of any practice image"):
        lifecycle.open_study(study, admin)
    image = drawn(study).first
    definition.expect(study, {image.sha256: {"anatomy": 5}, "0" * 64: {"anatomy": 1}}, admin)
    with pytest.raises(lifecycle.Refused, match="1 of the images stand in no practice pair"):
        lifecycle.open_study(study, admin)
    definition.expect(study, {image.sha256: {"anatomy": 5}}, admin)
    lifecycle.open_study(study, admin)
    study.refresh_from_db()
    assert study.protocol["study"]["expected_scores"] == {image.sha256: {"anatomy": 5}}
    assert study.protocol["study"]["practice_agreement"] == 0.5
