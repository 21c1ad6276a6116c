"""The commands do what the pages do, and say in one line what is wrong."""

import json

import pytest
from django.core.management import CommandError, call_command

from radiorate.images.models import Rendition
from radiorate.studies import definition, inspection
from radiorate.studies.models import Assignment, Study
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_study_goes_from_its_file_to_closed(tmp_path, capsys):
    other = factories.study(pairs=4, rubric=None)
    file = tmp_path / "study.toml"
    design = definition.export(other).replace(other.rubric.name, "radiographs").replace(other.slug, "from-file")
    file.write_text(f'{design}\n[[readers]]\nemail = "{factories.user().email}"\n')
    call_command("create_study", str(file))
    assert capsys.readouterr().out == "from-file: a draft; 4 pairs match, 0 images find no partner\n"
    call_command("open_study", "from-file")
    assert "open with 4 pairs, protocol " in capsys.readouterr().out
    call_command("check_blinding", "from-file", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["ok"]
    assert report["files"] == 8
    assert report["showings_per_image"] == {"real": {"least": 1, "most": 1}, "synthetic": {"least": 1, "most": 1}}
    call_command("close_study", "from-file")
    assert Study.objects.get(slug="from-file").state == Study.State.CLOSED


def test_the_same_is_reported_as_json(tmp_path, capsys):
    other = factories.study(pairs=2)
    rubric = other.rubric.name
    file = tmp_path / "study.toml"
    file.write_text(definition.export(other).replace(rubric, "radiographs").replace(other.slug, "from-file"))
    call_command("create_study", str(file), "--json")
    report = {"study": "from-file", "state": "draft", "pairs": 2, "unmatched": 0}
    assert json.loads(capsys.readouterr().out) == report
    call_command("open_study", "from-file", "--json")
    study = Study.objects.get(slug="from-file")
    report = {"study": "from-file", "state": "open", "pairs": 2, "protocol_hash": study.protocol_hash}
    assert json.loads(capsys.readouterr().out) == report
    call_command("close_study", "from-file", "--json")
    study.refresh_from_db()
    report = {"study": "from-file", "state": "closed", "closed_at": study.closed_at.isoformat()}
    assert json.loads(capsys.readouterr().out) == report


@pytest.mark.parametrize("command", ["open_study", "close_study", "check_blinding"])
def test_a_slug_without_a_study_is_said(command):
    with pytest.raises(CommandError, match="nowhere: there is no such study"):
        call_command(command, "nowhere")


def test_a_file_that_is_not_there_or_wrong_is_said(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("create_study", str(tmp_path / "none.toml"))
    (tmp_path / "wrong.toml").write_text('title = "x"\ncolour = "blue"')
    with pytest.raises(CommandError, match="colour: unknown"):
        call_command("create_study", str(tmp_path / "wrong.toml"))
    assert not Study.objects.exists()


def test_images_without_a_partner_are_named_and_need_the_reason(capsys):
    study = factories.study(pairs=1)
    lonely = factories.image(study.real_collections.get(), body_part="hand")
    with pytest.raises(CommandError, match="1 image finds no partner"):
        call_command("open_study", study.slug)
    assert str(lonely.pk) in capsys.readouterr().err
    call_command("open_study", study.slug, "--accept-unmatched", "for later")
    study.refresh_from_db()
    assert study.protocol["accepted_because"] == "for later"


def test_blinding_of_a_good_study_finds_nothing_with_controls_repeats_and_several_readers():
    study = factories.open_study(pairs=20, readers=3, control_share="0.2", repeat_share="0.2", sessions=2)
    assert inspection.inspect(study)["problems"] == []


def test_blinding_of_a_draft_says_that_nothing_is_rendered():
    with pytest.raises(CommandError, match="Nothing is rendered yet"):
        call_command("check_blinding", factories.study(pairs=1).slug)


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        (Rendition, {"sha256": "0" * 64}, "is not the file that was made"),
        (Assignment, {"first_side": "left"}, "more real images on one side"),
    ],
)
def test_a_planted_leak_is_found(table, change, words):
    """Control of the check: one leak at a time, and each must be seen."""
    import pgtrigger

    study = factories.open_study(pairs=8, readers=2)
    with pgtrigger.ignore("studies.Assignment:append_only"):
        table.objects.update(**change)
    found = inspection.inspect(study)
    assert words in " ".join(found["problems"]) and not found["ok"]
