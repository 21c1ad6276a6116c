"""Protocol files: what they order, what they say the paper states, and what is said of a file that is wrong."""

import re
from collections import Counter
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings

from generation import launching, protocols, runner
from generation.models import Job
from generation.provider import Mode, Order, Pad
from generation.providers.phantom import Provider
from radiorate.images.models import Image
from tests import factories

E1, E2, E3 = "adams-2023-radiographs", "adams-2023-cross-sections", "adams-2023-inpainting"
E4, BODY, E5, E6 = "adams-2023-outpainting", "adams-2023-full-body", "adams-2023-pathology", "adams-2023-sex"
# By heart from the paper and nothing else: a string that is added to a file's [stated] must be added here too.
STATED = {
    E1: {
        "mode": "text_to_image",
        "words": ["An X-ray of"],
        "regions": ["head", "chest", "shoulder", "abdomen", "pelvis", "hand", "knee", "ankle"],
        "images_per_prompt": 4,
    },
    E2: {"mode": "text_to_image", "modalities": ["CT", "MRI", "ultrasound"]},
    E3: {
        "mode": "inpainting",
        "words": ["An X-ray of"],
        "regions": ["pelvis", "ankle", "chest", "shoulder", "knee", "wrist", "thoracic spine"],
    },
    E4: {
        "mode": "outpainting",
        "regions": ["abdomen", "chest", "pelvis", "knee", "various spinal regions", "wrist bones", "hand"],
        "sources": "randomly selected",
    },
    BODY: {"mode": "outpainting", "regions": ["knee"], "sources_per_region": 1},
    E5: {"pathologies": ["fractures", "intracranial hemorrhages", "tumors", "inflammation", "bleeding"]},
    E6: {"words": ["An X-ray of"], "regions": ["chest"]},
}
COUNTS = {E1: 32, E2: 36, E3: 28, E4: 36, BODY: 6, E5: 24, E6: 60, "adams-2023-views": 64}
COUNTS |= {"generators-compared": 32, "sentinel": 20, "prompt-wording": 72, "phantom-mixed": 24, "phantom-sources": 11}
TEXT = """
title = "A trial"
publication = "Nobody, Nowhere 2020"

[stated]
regions = ["hand", "knee"]
words = ["An X-ray of"]

[assumed]
prompts = ["An X-ray of the {region}"]
images_per_prompt = 3
"""


def orders(name: str, **options):
    """The protocol's orders, over a frontal source image of each region where it edits."""
    protocol = protocols.load(name)
    sources = {region: [Image(width=1500, height=1800, body_part=region)] for region in protocol.regions}
    return protocol.orders(sources=sources, **options)


def test_every_file_can_be_read_and_is_counted_here():
    assert protocols.faults() == []
    assert set(protocols.names()) == set(COUNTS)


@pytest.mark.parametrize("name", COUNTS)
def test_an_experiment_orders_its_number_with_every_placeholder_filled(name):
    ordered = orders(name)
    assert len(ordered) == COUNTS[name]
    for order in ordered:
        assert not re.search(r"[{}]|\(n\)|  ", order.prompt)
        assert order.prompt_source in ("stated", "assumed")


@pytest.mark.parametrize("name", COUNTS)
def test_what_counts_as_stated_is_what_the_paper_says(name):
    assert protocols.load(name).stated == STATED.get(name, {})


def test_of_the_papers_prompts_the_stated_words_are_marked_and_the_article_is_not():
    protocol = protocols.load(E1)
    pieces = protocol.pieces()["An X-ray of the shoulder"]
    assert pieces == [("An X-ray of", True), (" the ", False), ("shoulder", True)]
    of_pelvis = "An X-ray of the pelvis with the lower abdomen and both thighs"
    assert protocols.load(E4).pieces()[of_pelvis] == [(of_pelvis, False)], "no word of E4's prompts is in the paper"
    assert Counter(order.body_part for order in protocol.orders()) == dict.fromkeys(STATED[E1]["regions"], 4)
    assert {order.prompt_source for order in protocol.orders()} == {"assumed"}


def test_modalities_get_their_article_and_the_name_dicom_has():
    found = Counter((order.prompt.split(" of ")[0], order.modality) for order in orders(E2))
    assert found == {("A CT", "CT"): 12, ("An MRI", "MR"): 12, ("An ultrasound", "US"): 12}


def test_the_sex_is_asked_for_in_two_of_three_prompts():
    found = Counter((order.prompt, order.patient_sex) for order in orders(E6))
    assert found == {
        ("An X-ray of the chest", ""): 20,
        ("An X-ray of the chest of a female patient", "F"): 20,
        ("An X-ray of the chest of a male patient", "M"): 20,
    }


def test_a_sentinel_set_is_the_same_each_time():
    assert orders("sentinel") == orders("sentinel")
    assert all(order.seed for order in orders("sentinel"))
    assert len({(order.prompt, order.seed) for order in orders("sentinel")}) == COUNTS["sentinel"]


def test_inpainting_changes_a_part_of_each_source():
    from generation import masking

    for order in orders(E3):
        assert (order.mode, order.source.body_part) == (Mode.INPAINTING, order.body_part)
        assert masking.problems(order.mask_shape) == []
        assert 0.05 < masking.share(order.mask_shape, 100, 100) < 0.2


def test_the_preview_draws_where_an_edit_changes_its_source():
    (line,) = launching.lines(orders(E3, only=["knee"]))
    assert (line.images, line.prompt) == (4, "An X-ray of the knee")
    (sketch,) = line.edits
    assert sketch.frame == (0, 0, 1500, 1800)
    assert sketch.areas == [("390,684 1110,684 1110,1152 390,1152", 0)], "the mask's share of 1500 by 1800 pixels"
    (line,) = launching.lines(orders(E4, only=["knee"]))
    left, top, width, height = line.edits[0].frame
    assert (left, width) == (0, 1500) and top == pytest.approx(-900) and height == pytest.approx(3600)


def test_outpainting_reads_the_papers_wide_words_as_regions_and_extends_each():
    ordered = orders(E4)
    regions = [
        "abdomen",
        "chest",
        "pelvis",
        "knee",
        "cervical spine",
        "thoracic spine",
        "lumbar spine",
        "wrist",
        "hand",
    ]
    assert list(dict.fromkeys(order.body_part for order in ordered)) == regions
    knee = next(order for order in ordered if order.body_part == "knee")
    assert knee.pad == Pad(top=384, bottom=384), "half of the height at which the source is edited"


def test_a_body_grows_from_one_knee_each_step_from_the_one_before():
    first, *later = orders(BODY)
    assert (first.source.body_part, first.step_after) == ("knee", None)
    assert [(step.source, step.step_after) for step in later] == [(None, number) for number in range(5)]
    two = orders(BODY, n=2)
    assert [order.step_after for order in two] == [None, 0, 1, 2, 3, 4, None, 6, 7, 8, 9, 10]


def test_what_is_drawn_to_be_edited_is_all_that_the_edits_ask_for():
    drawn = {(order.body_part, order.view_position) for order in orders("phantom-sources")}
    edited = {order.body_part for name in (E3, E4) for order in orders(name)}
    assert {part for part, _ in drawn} == edited
    assert {view for _, view in drawn} == set(protocols.load(E3).source_views) == {"AP", "PA"}


@pytest.mark.parametrize("name", sorted(set(COUNTS) - {E2, E5}))
def test_a_phantom_can_fill_the_order(name):
    assert told_by_phantom(name) == set()


def test_of_what_a_phantom_cannot_draw_it_says_why():
    assert told_by_phantom(E2) == {f"The phantom draws radiographs; it can't draw {it}." for it in ("CT", "MR", "US")}
    assert told_by_phantom(E5) == {"The phantom draws radiographs; it can't draw CT."}


def told_by_phantom(name: str) -> set[str]:
    phantom, told = Provider(), set()
    for spec in orders(name):
        facts = {key: getattr(spec, key) for key in ("modality", "body_part", "view_position", "patient_sex")}
        options = {key: value for key, value in facts.items() if value}
        order = Order(key=None, mode=spec.mode, model="", prompt=spec.prompt, options=options)
        told |= set(phantom.problems(order))
    return told


def test_the_modality_asked_for_is_that_of_the_image(generator):
    (batch,) = launching.launch(
        generators=[generator],
        orders=protocols.Prompt("A(n) {modality} of a knee", modalities=("MRI",)).orders(1),
        budget_usd=Decimal(9),
        actor=None,
    )
    runner.run(batch.jobs.get().pk)
    image = Image.objects.get()
    assert (image.provenance["prompt"], image.modality) == ("An MRI of a knee", "MR")


def test_the_example_in_the_documentation_orders_what_is_said_there():
    page = (settings.BASE_DIR / "docs" / "protocols.md").read_text()
    example = protocols.read("example", page.split("```toml")[1].split("```")[0])
    assert len(example.orders()) == 32


def test_a_free_prompt_may_hold_placeholders_and_nothing_else():
    prompt = protocols.Prompt("A(n) {view} X-ray of a {side} {region}", ("knee",), ("AP", "LL"), ("R",))
    assert [order.prompt for order in prompt.orders(1)] == [
        "An AP X-ray of a right knee",
        "A lateral X-ray of a right knee",
    ]
    assert [order.view_position for order in prompt.orders(1)] == ["AP", "RL"]
    for text in ("{patient}", "{region.__class__}", "{region:>99}", "{", "{0}"):
        with pytest.raises(ValueError):
            protocols.Prompt(text).orders(1)


@pytest.mark.parametrize(
    ("was", "becomes", "sentence"),
    [
        ('title = "A trial"', "", "it has no “title”"),
        ('title = "A trial"', "title = 3", "“title” must be text"),
        ('title = "A trial"', 'title = "A trial', "Illegal character"),
        ('publication = "Nobody, Nowhere 2020"', "", "what is [stated] needs a “publication” that states it"),
        ("[stated]", "n = 4\n[stated]", "“n” must stand under [stated] or [assumed]"),
        ("images_per_prompt", "n", "there is no “n”; there are: mode, prompts, words, regions"),
        ("= 3", '= "three"', "“images_per_prompt” must be a number from 1 to 5000"),
        ("= 3", "= true", "“images_per_prompt” must be a number from 1 to 5000"),
        ("[stated]", "[stated]\nimages_per_prompt = 4", "“images_per_prompt” is both stated and assumed"),
        ("prompts = ", "views = ", "“views” must be a list of AP, PA, LL, RL"),
        ('["An X-ray of the {region}"]', "[]", "it has no “prompts”"),
        ("the {region}", "the {organ}", "“{organ}” is none of {region}, {view}, {side}, {sex}"),
        ("the {region}", "the {region", "expected '}' before end of string"),
        ("the {region}", "a {sex} {region}", "the prompt “An X-ray of a {sex} {region}” wants {sex}, and there are no"),
        ("the {region}", "the hand", "“hand” is stated among the regions, and no prompt orders it"),
        ('"An X-ray of the {region}"', "{ words = 1 }", "a prompt has no “text”"),
        ('"An X-ray of the {region}"', '{ text = "A", size = 1 }', "the prompt “A” has no “size”"),
        ('"An X-ray of the {region}"', '{ text = "A", views = ["up"] }', "“views” of the prompt “A” must be a list of"),
        ("= 3", "= 3\nseeds = [1, 2]", "it has 2 seeds for 3 images of each prompt"),
        ("= 3", '= 3\nwords = ["A"]', "“words” are what the publication states"),
        ("= 3", '= 3\nmode = "painting"', "“mode” must be one of text_to_image, inpainting"),
        ("= 3", '= 3\nmode = "inpainting"', "needs “masks” for each region; there is none for: hand, knee"),
        ("= 3", '= 3\nmode = "outpainting"', "needs a “pad” for each prompt; look at “An X-ray of the {region}”"),
        ("= 3", "= 3\nmasks = { hand = [] }", "“masks” must be for each region a list of shapes"),
        ("= 3", "= 3\nin_steps = true", "“in_steps” is for outpainting"),
        ("[stated]", "stated = 1\n[other]", "“other” must stand under"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_in_one_sentence(was, becomes, sentence):
    assert protocols.read("trial", TEXT).name == "trial"
    with pytest.raises(ValueError) as refusal:
        protocols.read("trial", TEXT.replace(was, becomes, 1))
    told = str(refusal.value)
    assert told.startswith("The protocol trial can't be read: ") and told.endswith(".") and "\n" not in told
    assert sentence in told


def test_an_operators_own_file_is_found_and_read_again_when_it_changes(settings, tmp_path):
    settings.PROTOCOL_FOLDERS = [str(tmp_path)]
    own = tmp_path / "own-trial.toml"
    own.write_text(TEXT)
    assert len(protocols.load("own-trial").orders()) == 6
    own.write_text(TEXT.replace("= 3", "= 5"))
    assert len(protocols.load("own-trial").orders()) == 10
    own.write_bytes(b"\xff")
    assert protocols.faults() == ["The protocol own-trial can't be read: it is no UTF-8 text."]
    assert "own-trial" not in {protocol.name for protocol in protocols.readable()}
    assert set(COUNTS) < set(protocols.names())


def test_what_older_records_call_inferred_becomes_assumed_and_back(db):
    before = {"title": "T", "source": "S", "note": "N", "n": 4}
    before["prompts"] = [
        {"text": "An X-ray", "source": "stated", "note": ""},
        {"text": "A film", "source": "inferred", "note": ""},
    ]
    batch = factories.batch(protocol_facts=before)
    Job.objects.filter(batch=batch).update(prompt_source="inferred")
    migration = import_module("generation.migrations.0007_prompts_assumed")
    migration.assumed(apps, None)
    batch.refresh_from_db()
    assert batch.protocol_facts == {
        "title": "T",
        "publication": "S",
        "note": "N",
        "stated": {"prompts": ["An X-ray"]},
        "assumed": {"images_per_prompt": 4, "prompts": ["A film"]},
    }
    assert batch.jobs.get().prompt_source == "assumed"
    migration.inferred(apps, None)
    batch.refresh_from_db()
    assert (batch.protocol_facts, batch.jobs.get().prompt_source) == (before, "inferred")
