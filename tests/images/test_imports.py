"""Folders, ZIP files and uploads: each file ends with its image or its reason, whatever happens in between."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from radiorate.accounts.models import AuditEntry
from radiorate.images import imports, intake, lifecycle, manifest, sources, writing
from radiorate.images.facts import normalise
from radiorate.images.models import Collection, Image, Import, ImportFile
from tests import factories
from tests.conftest import eventually

pytestmark = pytest.mark.django_db


NAMES: dict[int, str] = {}  # as given, by the rows' keys: an import forgets the names of what it takes


def packed(files: dict[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream


def command(path: Path, **options: Any) -> dict[str, Any]:
    answer = io.StringIO()
    call_command("import_images", str(path), json=True, stdout=answer, **{"collection": "ours", **options})
    report: dict[str, Any] = json.loads(answer.getvalue())
    return report


def begin(collection: Collection, *files: tuple[str, bytes], table: bytes | None = None) -> Import:
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    manifest = SimpleUploadedFile("told.csv", table) if table else None
    started = imports.begin(collection, uploads, manifest, factories.admin())
    NAMES.update(started.files.values_list("pk", "name"))
    return started


def outcomes(started: Import) -> dict[str, tuple[str, str]]:
    return {NAMES[file.pk]: (file.outcome, file.reason) for file in started.files.all()}


def test_a_folder_comes_in_with_its_manifest(tmp_path: Path) -> None:
    tree = tmp_path / "folder with spaces"
    (tree / "deep").mkdir(parents=True)
    (tree / "a.png").write_bytes(factories.png(1))
    (tree / "deep" / "b.png").write_bytes(factories.png(2))
    (tree / "c.png").write_bytes(factories.png(3))
    (tree / "again.png").write_bytes(factories.png(1))
    (tree / "words.txt").write_text("no picture")
    (tree / ".hidden").write_text("noise")
    (tree / "manifest.csv").write_text(
        "file,origin,region,view,laterality,licence\n"
        "a.png,real,Thorax,PA,,CC0\ndeep/b.png,real,hand,lateral,R,\nc.png,synthetic,hand,PA,,\nd.png,real,hand,PA,,\n"
    )
    report = command(tree)
    told = {file["file"]: (file["outcome"], file["reason"]) for file in report["files"]}
    assert (
        told
        == {
            "a.png": ("accepted", ""),
            "again.png": ("duplicate", "The collection holds this picture already."),
            "deep/b.png": ("accepted", ""),
            "c.png": ("rejected", "The manifest says that it is synthetic."),
            "words.txt": ("rejected", "It is not a PNG, JPEG, TIFF, WebP or DICOM file."),
        }
        or told["again.png"][0] == "accepted"
    )
    assert {key: report[key] for key in ("accepted", "held", "rejected", "duplicates")} == {
        "accepted": 2,
        "held": 0,
        "rejected": 2,
        "duplicates": 1,
    }
    assert report["absent"] == ["d.png"]
    hand = Image.objects.get(body_part="hand")
    assert (hand.view_position, hand.laterality) == ("RL", "R")
    assert command(tree)["accepted"] == 0


def test_a_zip_file_comes_in_though_it_wraps_all_in_a_folder(tmp_path: Path) -> None:
    table = b"\xef\xbb\xbffile;region\nx.png;knee\n"
    files = {"set/x.png": factories.png(1), "set/y.png": factories.png(2), "set/manifest.csv": table}
    path = tmp_path / "set.zip"
    path.write_bytes(packed({**files, "__MACOSX/x": b"noise"}).getvalue())
    report = command(path)
    assert [(file["file"], file["outcome"], file["reason"]) for file in report["files"]] == [
        ("set/x.png", "accepted", ""),
        ("set/y.png", "accepted", "The manifest has no row for it."),
    ]
    assert Image.objects.get(body_part="knee").licence == ""


def test_an_ambiguous_row_is_not_guessed() -> None:
    table = manifest.read(b"file,region\na.png,knee\nwhole/b.png,hand\n", "manifest.csv")
    found, missing = table.match(["one/a.png", "two/a.png", "whole/b.png"])
    assert set(found) == {"whole/b.png"} and missing == ["a.png"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"name,region\na.png,knee\n", "has no column named file: its first line must name"),
        (b"file\na.png\na.png\n", "has two rows for a.png: leave one"),
        ("file,region\na.png,Schädel\n".encode("latin-1"), "is not CSV in UTF-8: open it .* save it as “CSV UTF-8”"),
        (b"PK\x03\x04\xff of a spreadsheet program", "is not CSV in UTF-8: open it"),
        (b"", "names no file: write one row"),
        (b'file\n"a', "is not CSV .*: open it"),
    ],
)
def test_a_manifest_that_can_not_be_read_is_refused_in_one_sentence(data: bytes, problem: str) -> None:
    with pytest.raises(manifest.Unreadable, match=rf"^regions\.csv {problem}.*\.$"):
        manifest.read(data, "regions.csv")


def hostile_archives() -> dict[str, tuple[bytes, str]]:
    good = packed({"a.png": factories.png(1)}).getvalue()
    encrypted = bytearray(good)
    for at in (good.index(b"PK\x01\x02") + 8, 6):
        encrypted[at] |= 1
    return {
        "cut": (good[:-30], "damaged"),
        "empty": (b"PK\x05\x06", "damaged"),
        "out": (packed({"../a.png": b"x"}).getvalue(), "leads out"),
        "absolute": (packed({"/etc/a.png": b"x"}).getvalue(), "leads out"),
        "backslash": (packed({"..\\a.png": b"x"}).getvalue(), "leads out"),
        "drive": (packed({"C:/a.png": b"x"}).getvalue(), "leads out"),
        "bomb": (packed({"a.png": bytes(20_000_000)}).getvalue(), "times its size"),
        "large": (packed({f"{n}.png": factories.png(n, (300, 300), "RGB") for n in range(9)}).getvalue(), "unpacks to"),
        "nested": (packed({"inner.zip": good}).getvalue(), "another ZIP"),
        "encrypted": (bytes(encrypted), "encrypted"),
    }


@pytest.mark.parametrize("kind", sorted(hostile_archives()))
def test_a_dangerous_zip_file_is_refused_whole(kind: str, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 25_000_000 if kind != "large" else 100_000
    data, problem = hostile_archives()[kind]
    with pytest.raises(manifest.Unreadable, match=problem):
        begin(factories.collection(), ("set.zip", data))
    assert not Import.objects.exists() and not ImportFile.objects.exists()
    assert not default_storage.exists("staged") or default_storage.listdir("staged")[1] == []


def test_an_entry_that_breaks_while_it_is_unpacked_leaves_nothing_staged() -> None:
    data = bytearray(packed({"a.png": factories.png(1), "b.png": factories.png(2)}).getvalue())
    second = data.index(b"b.png")
    data[second + 40 : second + 60] = bytes(20)
    with pytest.raises(manifest.Unreadable, match="damaged"):
        begin(factories.collection(), ("set.zip", bytes(data)))
    assert default_storage.listdir("staged")[1] == []


def test_an_import_settles_every_file() -> None:
    into = factories.collection()
    there = intake.store(factories.png(1), "a.png", into, imports.NOTHING_TOLD)
    started = begin(
        into,
        ("DOE/a.png", factories.png(1)),
        ("b.png", factories.png(2)),
        ("c.svg", b"<svg onload=alert(1)>"),
        table=b"file,region\na.png,hand\nb.png,foot\nd.png,knee\n",
    )
    imports.run(started.pk)
    started.refresh_from_db()
    assert started.state == Import.State.DONE and started.finished_at
    told = outcomes(started)
    assert told["a.png"][0] == "duplicate" and started.files.first().image == there
    assert told["b.png"] == ("accepted", "") and started.files.all()[1].image.body_part == "foot"
    assert told["c.svg"][0] == "rejected" and told["d.png"] == ("absent", "")
    counted = imports.progress(started)
    assert (counted["all"], counted["settled"], counted["rejected"], counted["absent"]) == (3, 3, 1, 1)
    assert default_storage.listdir("staged")[1] == []


@pytest.mark.parametrize("way", ["page", "zip", "command"])
def test_a_second_import_tells_what_the_first_left_open(way: str, tmp_path: Path) -> None:
    into = factories.collection(name="ours")
    image = intake.store(factories.png(1), "a.png", into, imports.NOTHING_TOLD)
    Image.objects.filter(pk=image.pk).update(patient_sex="F")
    table = b"file,region,view,sex\na.png,Thorax,AP (supine),M\n"
    if way == "command":
        (tmp_path / "a.png").write_bytes(factories.png(1))
        (tmp_path / "manifest.csv").write_bytes(table)
        reason = command(tmp_path)["files"][0]["reason"]
    else:
        files = {"a.png": factories.png(1)} | ({"manifest.csv": table} if way == "zip" else {})
        upload = ("set.zip", packed(files).getvalue()) if way == "zip" else ("a.png", files["a.png"])
        started = begin(into, upload, table=None if way == "zip" else table)
        imports.run(started.pk)
        outcome, reason = outcomes(started)["a.png"]
        assert outcome == "duplicate"
    assert reason == "The collection holds this picture already; region and view were taken from the manifest."
    image.refresh_from_db()
    assert (image.body_part, image.view_position, image.view_modifier) == ("chest", "AP", "supine")
    assert image.patient_sex == "F", "what is filled stays"
    detail = AuditEntry.objects.get(action="image.described").detail
    assert (detail["old"]["body_part"], detail["new"]["body_part"]) == ("", "chest")


def test_a_view_is_not_made_up_from_two() -> None:
    image = factories.image(view_modifier="mortise", view_position="", body_part="")
    told = normalise({"region": "ankle", "view": "AP"})
    assert lifecycle.describe(image, told.missing_in, None) == {"body_part": "ankle"}


def test_an_image_of_an_opened_study_keeps_the_facts_it_was_drawn_by() -> None:
    study = factories.open_study(pairs=1)
    image = study.real_collections.get().images.get()
    before = Image.objects.filter(pk=image.pk).values().get()
    with default_storage.open(image.original.name) as original:
        data = original.read()
    settled = imports.take(data, "a.png", image.collection, normalise({"region": "hand", "side": "L"}))
    assert settled.outcome == "duplicate" and "a study with it was opened" in settled.reason
    assert Image.objects.filter(pk=image.pk).values().get() == before


def test_a_message_that_comes_twice_changes_nothing() -> None:
    started = begin(factories.collection(), ("a.png", factories.png()))
    imports.run(started.pk)
    before = outcomes(started), Image.objects.count()
    imports.run(started.pk)
    assert (outcomes(started), Image.objects.count()) == before


def lost_in_the_middle(monkeypatch: pytest.MonkeyPatch, started: Import) -> None:
    """A worker that is gone after it stored the image and before it said so; its lease has run out."""
    with monkeypatch.context() as patch:

        def gone(*args: Any) -> None:
            raise SystemExit

        patch.setattr(lifecycle, "settle_file", gone)
        with pytest.raises(SystemExit):
            imports.run(started.pk)
    Import.objects.filter(pk=started.pk).update(lease_until=Now())


def test_the_next_worker_ends_what_a_lost_one_began(monkeypatch: pytest.MonkeyPatch) -> None:
    started = begin(factories.collection(), ("a.png", factories.png(1)), ("b.png", factories.png(2)))
    lost_in_the_middle(monkeypatch, started)
    imports.run(started.pk)
    assert [outcome for outcome, _ in outcomes(started).values()] == ["accepted", "accepted"]
    assert Image.objects.count() == 2


def test_without_its_mark_the_lost_workers_image_looks_like_a_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    started = begin(factories.collection(), ("a.png", factories.png(1)))
    lost_in_the_middle(monkeypatch, started)
    Image.objects.update(provenance={})
    imports.run(started.pk)
    assert outcomes(started)["a.png"][0] == "duplicate"


def test_a_held_import_is_left_alone_and_a_lapsed_one_is_taken() -> None:
    started = begin(factories.collection(), ("a.png", factories.png()))
    assert lifecycle.claim_import(started.pk, imports.timedelta(seconds=60))
    assert not Import.objects.filter(lifecycle.FREE).exists()
    imports.run(started.pk)
    assert outcomes(started)["a.png"][0] == "waiting"
    Import.objects.update(lease_until=Now() - imports.timedelta(seconds=1))
    imports.run(started.pk)
    assert outcomes(started)["a.png"][0] == "accepted"


def test_a_file_that_kills_the_worker_every_time_is_given_up() -> None:
    started = begin(factories.collection(), ("a.png", factories.png(1)), ("b.png", factories.png(2)))
    started.files.filter(name="a.png").update(tries=imports.MOST_TRIES)
    imports.run(started.pk)
    assert outcomes(started)["a.png"][0] == "rejected" and outcomes(started)["b.png"][0] == "accepted"


@pytest.mark.parametrize("bad", ["missing", "manifest", "origin", "empty"])
def test_the_command_ends_with_one_line_on_bad_input(bad: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "bad.csv").write_text("nothing")
    if bad != "empty":
        (tmp_path / "in" / "a.png").write_bytes(factories.png())
    factories.collection("synthetic", name="theirs")
    options: dict[str, dict[str, Any]] = {
        "manifest": {"manifest": tmp_path / "bad.csv"},
        "origin": {"origin": "real", "collection": "theirs"},
    }
    path = tmp_path / ("gone" if bad == "missing" else "in")
    with pytest.raises(CommandError) as refusal:
        command(path, **options.get(bad, {}))
    assert len(str(refusal.value).splitlines()) == 1
    assert not Image.objects.exists() and not Collection.objects.filter(name="ours").exists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_takes_in_an_upload(start_worker: Any, settings: Any, tmp_path: Path) -> None:
    start_worker(VAR=tmp_path)
    started = begin(factories.collection(), ("a.png", factories.png()))
    eventually(lambda: Import.objects.filter(pk=started.pk, state="done").exists())
    assert outcomes(started)["a.png"][0] == "accepted"


@pytest.mark.django_db(transaction=True)
def test_an_import_the_broker_never_heard_of_is_resumed(start_worker: Any, redis_server: Any, tmp_path: Path) -> None:
    redis_server.kill()
    started = begin(factories.collection(), ("a.png", factories.png()))
    redis_server.start()
    start_worker(VAR=tmp_path)
    assert outcomes(started)["a.png"][0] == "waiting"
    imports.resume()
    eventually(lambda: Import.objects.filter(pk=started.pk, state="done").exists())


def test_the_radiographs_beside_the_project_come_in(shared: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if shared is None:
        pytest.skip("there is no folder of radiographs")
    monkeypatch.setattr(writing, "found", lambda grey: [])  # looking for words takes a second a picture
    report = command(shared / "data" / "radiographs")
    real = [row for row in csv.DictReader((shared / "data/radiographs/manifest.csv").open()) if row["origin"] == "real"]
    assert report["accepted"] + report["held"] == len(real)
    assert Image.objects.filter(body_part="").count() == 0
    assert {file["reason"] for file in report["files"] if file["outcome"] == "rejected"} == {
        "The manifest says that it is synthetic.",
        "It is not a PNG, JPEG, TIFF, WebP or DICOM file.",
    }


def test_a_folder_follows_no_link_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(factories.png())
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "secret.png")
    assert sources.folder(tmp_path / "in") == []
