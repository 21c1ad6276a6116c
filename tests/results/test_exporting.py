"""The files that leave: their form, what they may hold, and that they say the same as the database."""

import contextlib
import csv
import hashlib
import io
import json
import threading
import zipfile

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests import factories

ONE_SNAPSHOT = pytest.mark.django_db(transaction=True)  # an export begins a transaction of its own
FORMULA = "=+-@＝＋－＠\t\r\n"


def rows(study, name, **fields):
    from radiorate.results import exporting

    text = b"".join(exporting.stream(study, name, factories.admin(), **fields)).decode()
    assert "\r" not in text
    return list(csv.DictReader(io.StringIO(text)))


@ONE_SNAPSHOT
def test_exported_files_give_the_same_analysis_as_the_database(rated_study, tmp_path):
    from radiorate.results import analysis, dataset, exporting, table

    study = rated_study(repeat_share="0.25", control_share="0.2")
    exporting.write(study, tmp_path / "out")
    from_files = analysis.analyse(table.read(tmp_path / "out"))
    from_database = analysis.analyse(dataset.load(study))
    assert json.dumps(from_files, sort_keys=True) == json.dumps(from_database, sort_keys=True)
    assert from_files["n"]["readers"] == 4
    assert from_files["n"]["scores"] > 300
    assert from_files["criteria"]["anatomy"]["repeatability"]["repeats"] > 0


def test_each_score_of_a_rating_is_one_row_under_the_codes_of_the_study(rated_study):
    from radiorate.reading.models import Score

    study = rated_study(pairs=3, readers=2, repeat_share="0.5")
    found = rows(study, "ratings")
    assert len(found) == Score.objects.count() > 0
    assert {row["reader"] for row in found} == {"R1", "R2"}
    assert {row["repeat"] for row in found} == {"0", "1"}
    for row in found:
        assert (row["generator"] == "") == (row["origin"] == "real")
        assert (row["value"] == "") == (row["status"] == "not_assessable") == (row["reason"] != "")
    assert not any("@" in value or "example.org" in value for row in found for value in row.values())
    places = [(row["reader"], row["session"], row["submitted_at"], row["side"]) for row in found]
    assert places == sorted(places)


def test_the_key_links_the_codes_of_the_other_files_to_images_and_the_audit_keeps_why(rated_study):
    from radiorate.accounts.models import AuditEntry
    from radiorate.images.models import Image
    from radiorate.results import exporting

    study = rated_study(pairs=3, readers=1)
    with pytest.raises(exporting.ReasonMissing):
        rows(study, "key")
    key = rows(study, "key", reason="to publish the images")
    assert {row["image"] for row in key} == {row["image"] for row in rows(study, "ratings")}
    assert {row["image_id"] for row in key} == {str(pk) for pk in Image.objects.values_list("pk", flat=True)}
    entry = AuditEntry.objects.filter(detail__file="key.csv").get()
    assert (entry.action, entry.reason) == ("results.exported", "to publish the images")
    assert entry.actor is not None


def test_no_file_of_a_sealed_study_leaves(rated_study):
    from radiorate.accounts.models import AuditEntry
    from radiorate.results import exporting, exports
    from radiorate.studies import lifecycle

    study = rated_study(pairs=2, readers=1, closed=False)
    for name in exports.names():
        with pytest.raises(exporting.Sealed):
            exporting.stream(study, name, factories.admin(), reason="curious")
    assert not AuditEntry.objects.filter(action="results.exported").exists()
    # The control: the same call goes through once the seal is broken.
    lifecycle.unseal(study, factories.admin(), "a reason")
    study.refresh_from_db()
    for name in exports.names():
        assert b"".join(exporting.stream(study, name, factories.admin(), reason="curious"))


def test_a_simulated_study_says_so_in_every_row_and_file_name_and_a_real_one_does_not(rated_study):
    from radiorate.results import exporting, exports

    study = rated_study(pairs=2, readers=1)
    for name in exports.names():
        head, *lines = b"".join(exporting.stream(study, name, None, "a test")).decode().splitlines()
        assert head.endswith(",simulated")  # of a file without rows too
        assert all(line.endswith(",true") for line in lines)
    assert exporting.file_name(study, "ratings") == f"{study.slug}-simulated-ratings.csv"
    study.simulated = False
    assert "simulated" not in rows(study, "ratings")[0]
    assert exporting.file_name(study, "ratings") == f"{study.slug}-ratings.csv"


@pytest.mark.django_db
@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.builds(str.__add__, st.sampled_from(list(FORMULA)), st.text())))
def test_no_text_is_a_formula_and_every_text_comes_back(db, text):
    from radiorate.results.exports import guarded

    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        return  # neither fits into a database column
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('test.text', %s, true)", [text])
        read = "current_setting('test.text')"
        with cursor.copy(f"COPY (SELECT {guarded(read)}, -1) TO STDOUT (FORMAT csv)") as copy:
            answer = b"".join(copy).decode()
    ((cell, number),) = csv.reader(io.StringIO(answer, newline=""))
    assert not cell.startswith(tuple(FORMULA))
    assert cell.removeprefix("'") == text if text.startswith(tuple(FORMULA)) else cell == text
    assert number == "-1"  # a negative number is a number


def test_hostile_words_of_readers_and_sources_are_guarded_in_every_file(rated_study):
    from radiorate.images.models import Collection
    from radiorate.reading.models import Rating, Score
    from radiorate.results import exports

    study = rated_study(pairs=2, readers=1)
    Rating.objects.update(comment='=HYPERLINK("http://x","y")')
    score = Score.objects.first()
    Score.objects.filter(pk=score.pk).update(value=None, reason="+1+1")
    Collection.objects.filter(origin="synthetic").update(source="@SUM(A1)", licence="-2+3")
    found = [
        cell
        for name in exports.names()
        for row in rows(study, name, reason="a test")
        for cell in row.values()
        if cell.startswith(tuple(FORMULA + "'"))
    ]
    assert set(found) == {"'" + text for text in ('=HYPERLINK("http://x","y")', "+1+1", "@SUM(A1)", "-2+3")}


@ONE_SNAPSHOT
@pytest.mark.parametrize("out", ["files", "files.zip"])
def test_the_command_writes_every_file_with_its_checksum(rated_study, run_command, tmp_path, out):
    study = rated_study(pairs=2, readers=2)
    answer = run_command("export", study.slug, "--out", str(tmp_path / out), "--json")
    assert answer.returncode == 0, answer.stderr
    if out.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / out) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
    else:
        files = [path for path in (tmp_path / out).rglob("*") if path.is_file()]
        content = {path.relative_to(tmp_path / out).as_posix(): path.read_bytes() for path in files}
    assert set(json.loads(answer.stdout)["files"]) == set(content)
    assert {"ratings.csv", "jobs.csv", "attempts.csv", "flow.csv", "pairs.csv", "presentations.csv"} < set(content)
    assert {"choices.csv", "marks.csv", "images.csv", "readers.csv", "protocol.json", "datapackage.json"} < set(content)
    assert "key.csv" not in content
    sums = dict(line.split("  ")[::-1] for line in content.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    again = run_command("analyse", str(tmp_path / out), "--json", "--resamples", "20")
    assert json.loads(again.stdout)["study"] == study.slug, again.stderr


@ONE_SNAPSHOT
def test_the_command_answers_what_it_cannot_do_in_one_line(rated_study, run_command, tmp_path):
    study = rated_study(pairs=2, readers=1, closed=False)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for slug, out, problem in (
        (study.slug, "out", "sealed until closed"),
        ("nothing", "out", "there is no such study"),
    ):
        answer = run_command("export", slug, "--out", str(tmp_path / out))
        assert answer.returncode == 1
        assert problem in answer.stderr
        assert len(answer.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


@ONE_SNAPSHOT
def test_an_export_that_breaks_off_leaves_nothing(rated_study, tmp_path, monkeypatch):
    from radiorate.results import exporting

    def full_disk(path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(exporting, "_digest", full_disk)
    with pytest.raises(OSError, match="No space"):
        exporting.write(rated_study(pairs=2, readers=1), tmp_path / "parent" / "out")
    assert list((tmp_path / "parent").iterdir()) == []


def test_a_folder_with_something_in_it_is_never_written_to(rated_study, tmp_path):
    from radiorate.results import exporting

    (tmp_path / "mine").touch()
    with pytest.raises(FileExistsError):
        exporting.write(rated_study(pairs=2, readers=1), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def export_while_a_rating_goes(study, out, monkeypatch):
    """(presentations in choices.csv, in ratings.csv), where one rating is taken away between the two files."""
    from radiorate.reading.models import Rating
    from radiorate.results import exporting

    last = Rating.objects.order_by("-pk").values_list("pk", flat=True)[0]
    save = exporting._save

    def save_and_lose(path, pieces):
        save(path, pieces)
        if path.name == "choices.csv":

            def forget():
                with transaction.atomic():
                    Rating.objects.filter(pk=last).delete()
                connections.close_all()

            thread = threading.Thread(target=forget)
            thread.start()
            thread.join()

    monkeypatch.setattr(exporting, "_save", save_and_lose)
    exporting.write(study, out)
    counts = []
    for name in ("choices.csv", "ratings.csv"):
        with (out / name).open(newline="") as file:
            counts.append(len({(row["reader"], row["pair"], row["repeat"]) for row in csv.DictReader(file)}))
    return counts


@ONE_SNAPSHOT
def test_all_files_of_an_export_are_one_snapshot(rated_study, tmp_path, monkeypatch):
    in_choices, in_ratings = export_while_a_rating_goes(rated_study(3, 2), tmp_path / "out", monkeypatch)
    assert in_choices == in_ratings


@ONE_SNAPSHOT
def test_control_without_the_snapshot_the_files_differ(rated_study, tmp_path, monkeypatch):
    from radiorate.results import exporting

    monkeypatch.setattr(exporting, "_one_snapshot", contextlib.nullcontext)
    in_choices, in_ratings = export_while_a_rating_goes(rated_study(3, 2), tmp_path / "out", monkeypatch)
    assert in_choices != in_ratings


def test_the_data_dictionary_page_is_that_of_the_exports(settings):
    from radiorate.results import dictionary

    page = settings.BASE_DIR / "docs" / "data-dictionary.md"
    assert page.read_text() == dictionary.markdown(), "run manage.py data_dictionary"
