"""A study is a file: what is wrong with one is said in a sentence, and an export gives the same study back."""

import re

import pytest

from radiorate.accounts.models import AuditEntry
from radiorate.studies import definition
from radiorate.studies.models import Reader, Study
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def minimal() -> dict[str, object]:
    factories.collection("real", name="Clinic")
    factories.collection("synthetic", name="Phantoms")
    return {"title": "Knees and hands", "real_collections": ["Clinic"], "synthetic_collections": ["Phantoms"]}


def full() -> dict[str, object]:
    return {
        "slug": "full",
        "consent": "Ethics 1/26.\nYou may stop.",
        "washout_days": 14,
        "sessions_close": True,
        "practice_pairs": 2,
        "practice_collections": ["Clinic", "Phantoms"],
        "practice_agreement": 0.8,
        "practice_attempts": 3,
        "expected_scores": {"ab" * 32: {"anatomy": 2, "artifacts": 5}, "cd" * 32: {"anatomy": 1}},
        "closing_questions": True,
        "exposure_seconds": 2.5,
        "blank_ms": 500,
        "reader_profile": True,
        "display_check": True,
        "instructions": 'Rate "both".\nBackslash \\ and é, ☃, \x7f, \t.\n\n"""end',
        "seed": -(2**62),
        "sessions": 2,
        "pairs_wanted": 30,
        "control_share": 0.1,
        "blocks": 4,
        "blocks_per_reader": 2,
        "anchor_pairs": 6,
        "repeat_share": 0.25,
        "forced_choice": False,
        "finding_asked": False,
        "findings": "fracture\narthrosis",
        "belief": "choice",
        "confidence_levels": 4,
        "break_every": 25,
        "frame": "square-crop",
        "canvas": 2048,
        "rubric": "radiographs",
    }


def test_what_a_file_leaves_out_gets_its_default(minimal):
    admin = factories.admin()
    study = definition.create(minimal, admin)
    study.refresh_from_db()
    assert (study.slug, study.state, study.seed, study.sessions) == ("knees-and-hands", "draft", 1, 1)
    assert study.pairs_wanted is None
    assert study.rubric.name == "radiographs"
    assert study.created_by == admin
    assert AuditEntry.objects.filter(action="study.created").count() == 1


def test_an_export_gives_the_same_study_back(minimal):
    readers = [
        {"email": factories.user().email, "years": 12, "subspecialty": "bones"},
        {"email": factories.user().email},
    ]
    given = minimal | full() | {"readers": readers}
    study = definition.create(given, factories.admin())
    study.refresh_from_db()
    text = definition.export(study)
    read = definition.read(text)
    assert {key: read[key] for key in given} == given
    again = definition.create(read | {"slug": "again"}, factories.admin())
    again.refresh_from_db()
    assert definition.export(again) == text.replace('slug = "full"', 'slug = "again"')
    assert [reader.user.email for reader in again.readers.all()] == [entry["email"] for entry in readers]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": None}, "title: missing."),
        ({"title": 5}, "title: must be text in quotes."),
        ({"title": ""}, "title: This field cannot be blank."),
        ({"slug": "two words"}, "slug: "),
        ({"slug": "new"}, "slug: new is taken by the site itself."),
        ({"practice_pairs": 2}, "practice_collections: practice takes both"),
        ({"practice_collections": ["Clinic"]}, "practice_collections: practice takes both"),
        ({"practice_pairs": 2, "practice_collections": ["Nowhere"]}, "practice_collections: there is no collection"),
        ({"washout_days": -1}, "washout_days: "),
        ({"seed": "7"}, "seed: must be a whole number."),
        ({"seed": 2**63}, "seed: "),
        ({"sessions": 0}, "sessions: "),
        ({"sessions": True}, "sessions: must be a whole number."),
        ({"sessions": 1.5}, "sessions: must be a whole number."),
        ({"pairs_wanted": 0}, "pairs_wanted: "),
        ({"control_share": 1.2}, "control_share: "),
        ({"control_share": "half"}, "control_share: must be a number."),
        ({"repeat_share": 0.123}, "repeat_share: "),
        ({"repeat_share": float("nan")}, "repeat_share: "),
        ({"repeat_share": float("inf")}, "repeat_share: "),
        ({"finding_asked": "yes"}, "finding_asked: must be true or false."),
        ({"finding_asked": True, "exposure_seconds": 3}, "finding_asked: a pair that is looked at twice"),
        ({"belief": "strong"}, "belief: "),
        ({"belief": "signed", "forced_choice": False}, 'belief: "signed" has no answer for both'),
        ({"forced_choice": "yes"}, "forced_choice: must be true or false."),
        ({"confidence_levels": 9}, "confidence_levels: "),
        ({"frame": "round"}, "frame: "),
        ({"blocks": 0}, "blocks: "),
        ({"blocks": 2, "blocks_per_reader": 3}, "blocks_per_reader: there are not so many"),
        ({"anchor_pairs": 3}, "anchor_pairs: with a single block"),
        ({"canvas": 100}, "canvas: "),
        ({"rubric": "beauty"}, "rubric: beauty is none of: radiographs, "),
        ({"rubric": 5}, "rubric: "),
        ({"colour": "blue"}, "colour: unknown; the keys are title, slug"),
        ({"real_collections": []}, "real_collections: must be a list"),
        ({"real_collections": "Clinic"}, "real_collections: must be a list"),
        ({"real_collections": ["Elsewhere"]}, "real_collections: there is no collection called Elsewhere."),
        ({"synthetic_collections": ["Clinic"]}, "synthetic_collections: Clinic holds real images."),
        ({"readers": ["a@example.org"]}, "readers: must be tables"),
        ({"readers": [{"years": 3}]}, "readers.email: "),
        ({"readers": [{"email": "a@example.org"}]}, "readers: a@example.org has no account here"),
        ({"readers": [{"email": "known@example.org", "years": -1}]}, "readers: "),
        ({"readers": [{"email": "known@example.org", "age": 1}]}, "readers.age: unknown"),
        ({"readers": [{"email": "boss@example.org"}]}, "readers: boss@example.org is an admin"),
        ({"readers": [{"email": "known@example.org"}] * 2}, "readers: known@example.org is already a reader"),
    ],
)
def test_one_wrong_key_is_said_in_one_sentence_and_nothing_is_made(minimal, change, sentence):
    factories.user(email="known@example.org")
    factories.admin(email="boss@example.org")
    given = {key: value for key, value in (minimal | change).items() if value is not None}
    with pytest.raises(definition.Invalid, match=f"^{re.escape(sentence)}") as problem:
        definition.create(given, None)
    assert "\n" not in str(problem.value)
    assert not Study.objects.exists()
    assert not Reader.objects.exists()


def test_a_slug_that_is_taken_is_said(minimal):
    definition.create(minimal, None)
    with pytest.raises(definition.Invalid, match=r"^slug: .*already exists"):
        definition.create(minimal, None)


def test_a_text_that_is_no_toml_is_said():
    with pytest.raises(definition.Invalid, match="not TOML"):
        definition.read("title = ")


def test_a_draft_can_be_given_another_design_and_an_open_study_cannot(minimal):
    study = definition.create(minimal, None)
    changed = definition.change(study, minimal | {"slug": study.slug, "seed": 12}, factories.admin())
    assert changed.seed == 12
    opened = factories.open_study(pairs=1)
    with pytest.raises(definition.Invalid, match="can't change"):
        definition.change(opened, minimal | {"seed": 13}, factories.admin())
