"""`launch_batch` and `sweep` do what the pages and beat do, and say in one line what is wrong."""

import json

import pytest
from django.core.management import CommandError, call_command

from generation import lifecycle, reaper
from generation.models import Batch
from radiorate.images.models import Collection
from tests import factories
from tests.generation.observing import let_lease_pass, states

ASKED = {"protocol": "phantom-mixed", "generator": ["draws"]}


@pytest.fixture
def phantom(db, settings):
    settings.PROVIDER_PACKAGES = ["generation.providers", "tests.generation.providers"]
    return factories.generator(name="draws", provider="phantom", options={"price_usd": "0.05"})


def launch(**options) -> None:
    call_command("launch_batch", **{**ASKED, **options})


@pytest.mark.django_db(transaction=True)
def test_a_protocol_is_launched_and_reported(phantom, capsys):
    launch(collection="by command", budget="2.5", json=True)
    batch = Batch.objects.get()
    report = {"batch": batch.pk, "jobs": 24, "collection": "by command", "budget_usd": "2.5"}
    assert json.loads(capsys.readouterr().out) == report
    assert states(batch) == {"queued": 24}
    assert (batch.collection.name, batch.collection.origin, batch.protocol) == (
        "by command",
        "synthetic",
        ASKED["protocol"],
    )
    assert batch.jobs.exclude(sent_at=None).count() == 24


@pytest.mark.django_db(transaction=True)
def test_some_regions_go_into_the_collection_named_after_the_order(phantom, capsys):
    launch(regions=["chest"], budget="1")
    batch = Batch.objects.get()
    assert capsys.readouterr().out == f"Batch {batch.pk}: 3 images ordered into “phantom-mixed, draws”.\n"
    assert set(batch.jobs.values_list("body_part", flat=True)) == {"chest"}
    launch(regions=["pelvis"], budget="1")
    assert Collection.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_experiment_goes_to_all_generators_named_or_to_none(phantom, capsys):
    factories.generator(name="draws too", provider="phantom")
    both = {"generator": ["draws", "draws too"], "regions": ["chest"]}
    with pytest.raises(CommandError, match="One image of draws can cost"):
        launch(**both)
    assert not Batch.objects.exists() and not Collection.objects.exists()
    launch(**both, budget="1", json=True)
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(report["jobs"], report["collection"]) for report in reports] == [
        (3, "phantom-mixed, draws"),
        (3, "phantom-mixed, draws too"),
    ]
    first, second = Batch.objects.order_by("pk")
    assert list(first.jobs.values_list("prompt")) == list(second.jobs.values_list("prompt"))


@pytest.mark.django_db(transaction=True)
def test_edits_are_launched_with_drawn_sources_masks_and_steps(phantom):
    real = factories.collection("real", name="radiographs", licence="CC0", may_be_sent=True)
    knee = factories.image(real, body_part="knee", view_position="AP", size=(640, 800))
    edits = {"sources": "radiographs", "regions": ["knee"], "budget": "9"}
    launch(protocol="adams-2023-inpainting", **edits)
    for job in Batch.objects.get().jobs.all():
        assert (job.mode, job.source, job.state) == ("inpainting", knee, "queued")
        assert job.mask_shape["shapes"][0]["kind"] == "rectangle" and job.pad is None
    factories.generator(name="steps", provider="fake", options={"url": "http://127.0.0.1"})
    launch(protocol="adams-2023-full-body", **{**edits, "generator": ["steps"]})
    first, *later = Batch.objects.latest("pk").jobs.order_by("number")
    assert (first.source, first.pad["top"], first.on_hold) == (knee, 384, False), "1.5 of 256 pixels, on the grid"
    assert [(job.after.number, job.on_hold) for job in later] == [(number, True) for number in range(1, 6)]


def test_a_dry_run_shows_every_prompt_count_and_cost_and_orders_nothing(phantom, capsys):
    launch(protocol="adams-2023-radiographs", budget="9", dry_run=True)
    told = capsys.readouterr().out
    assert told.startswith("E1: radiographs of eight regions")
    assert "   4 × “An X-ray of the shoulder” (assumed; shoulder)" in told
    assert told.endswith("draws: 32 images, at most 1.60 USD\n")
    launch(protocol="sentinel", budget="0.5", dry_run=True, json=True)
    told = json.loads(capsys.readouterr().out)
    line = {"prompt": "An X-ray of the chest", "source": "assumed", "to_show": "chest", "images": 5}
    assert told["prompts"][0] == line
    assert told["generators"][0]["at_most_usd"] == "1.00"
    assert told["generators"][0]["remarks"] == [
        "The budget does not cover the whole order: what it has no room for is cancelled.",
        "To be run every month; this is the first time.",
    ]
    with pytest.raises(CommandError, match="The phantom draws radiographs; it can't draw CT"):
        launch(protocol="adams-2023-cross-sections", budget="9", dry_run=True, json=True)
    assert json.loads(capsys.readouterr().out)["generators"][0]["at_most_usd"] is None
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"protocol": "nothing"}, "The protocol nothing is none of: adams-2023-cross-sections, adams-2023-full-body"),
        ({"generator": ["nobody"]}, "The generator nobody is none of: "),
        ({"budget": "much"}, "The budget much is no amount of US dollars."),
        ({"budget": "-1"}, "The budget -1 is no amount of US dollars."),
        ({"budget": "1e9"}, "The budget 1e9 is no amount of US dollars."),
        ({"budget": "nan"}, "The budget nan is no amount of US dollars."),
        ({"budget": "0.01"}, "One image of draws can cost 0.05 USD, and the budget is 0.01 USD."),
        ({"protocol": "adams-2023-inpainting"}, "The protocol edits images: --sources names their collection"),
        (
            {"protocol": "adams-2023-inpainting", "sources": "radiographs"},
            "“radiographs” has no AP or PA image of: pelvis, ankle, chest, shoulder, knee, wrist, thoracic spine.",
        ),
        ({"regions": ["toe"]}, "The protocol phantom-mixed has no toe; it has: chest, pelvis, hand, knee."),
        ({"collection": "radiographs", "budget": "9"}, "“radiographs” holds real images"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(phantom, options, sentence):
    factories.collection("real", name="radiographs")
    with pytest.raises(CommandError) as refusal:
        launch(**options)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not Batch.objects.exists()
    assert Collection.objects.count() == 1


def test_a_mistake_ends_with_1_and_one_line(phantom, run_command):
    done = run_command("launch_batch", "--protocol", "nothing", "--generator", "draws")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("CommandError: The protocol nothing is none of: ")
    assert "Traceback" not in done.stderr


def test_a_sweep_says_what_it_did(db, capsys):
    job, other = factories.batch(jobs=2).jobs.all()
    lifecycle.claim(job.pk)
    let_lease_pass(job)
    call_command("sweep", json=True)
    assert json.loads(capsys.readouterr().out) == {"expired": 1, "sent_again": 1}
    assert other.batch.jobs.exclude(sent_at=None).get() == other
    call_command("sweep")
    assert capsys.readouterr().out == "0 jobs taken back, 0 sent again.\n"


def test_a_sweep_beside_another_says_so(db, capsys, monkeypatch):
    monkeypatch.setattr(reaper, "sweep", lambda: None)
    call_command("sweep")
    call_command("sweep", json=True)
    assert capsys.readouterr().out == 'Another sweep is at work.\n{"busy": true}\n'
