"""A folder of images made elsewhere becomes a batch, all of it or nothing."""

import io
import json
import struct
import zipfile
import zlib
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from generation import credentials, ledger, near_copies, sources, spending
from generation.models import Attempt, Batch, Generator, Job, Output
from radiorate.accounts.models import AuditEntry
from radiorate.images.models import Collection, Image
from tests import factories

HEAD = "file,prompt,mode,region,view,laterality,sex,pathology,seed,model,made_at,cost,outcome,refusal\n"
GOOD = [
    "1.png,An X-ray of a hand,text_to_image,hand,PA,L,F,,7,dall-e-2,2022-11-03,0.02,,",
    "sub/2.png,An X-ray of a knee,inpainting,knee,AP,,,,,dall-e-2,2022-11-03T14:05:00Z,,delivered,",
    ",A fractured ankle,text to image,ankle,,,,fracture,,dall-e-2,2022-11-03,0,refused,This may violate our policy",
]


@pytest.fixture
def folder(tmp_path):
    """Writes a folder of two pictures and a manifest with these rows."""

    def write(*rows: str, head: str = HEAD):
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / "1.png").write_bytes(factories.png(1))
        (tmp_path / "sub" / "2.png").write_bytes(factories.png(2))
        (tmp_path / "manifest.csv").write_text(head + "\n".join(rows))
        return tmp_path

    return write


def bring_in(path, **options) -> None:
    call_command("import_outputs", str(path), **{"generator": "dall-e-2", "collection": "Adams 2023", **options})


@pytest.mark.django_db(transaction=True)
def test_pictures_and_refusals_become_a_batch_that_sent_nothing(folder, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr(near_copies, "ask", asked.append)
    bring_in(folder(*GOOD), json=True)
    batch = Batch.objects.get()
    counts = {"batch": batch.pk, "images": 2, "refused": 1, "collection": "Adams 2023", "problems": []}
    assert json.loads(capsys.readouterr().out) == counts
    assert (batch.is_imported, batch.budget_usd, batch.collection.origin) == (True, 0, "synthetic")
    assert (batch.generator.provider, batch.generator.is_active) == ("imported", False)
    jobs = list(batch.jobs.values_list("number", "state", "mode", "body_part", "laterality", "seed", "width"))
    assert jobs == [
        (1, "succeeded", "text_to_image", "hand", "L", 7, 96),
        (2, "succeeded", "inpainting", "knee", "", None, 96),
        (3, "refused", "text_to_image", "ankle", "", None, 0),
    ]
    attempts = list(Attempt.objects.order_by("job").values_list("outcome", "actual_usd", "message"))
    assert attempts == [
        ("delivered", Decimal("0.02"), ""),
        ("delivered", None, ""),
        ("refused", 0, "This may violate our policy"),
    ]
    assert f"{batch.jobs.get(number=1).finished_at:%Y-%m-%d}" == "2022-11-03"
    output = Output.objects.select_related("image").get(attempt__job__number=1)
    assert (output.model_reported, output.image.view_position) == ("dall-e-2", "PA")
    assert output.image.provenance["prompt"] == "An X-ray of a hand"
    assert AuditEntry.objects.get(action="batch.imported").detail["images"] == 2
    assert asked == [batch.pk]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("3.png,A foot,,,,,,,,,,,,", "The file is not there, or another row names it too."),
        ("1.png,A foot,,,,,,,,,,,,", "The file is not there, or another row names it too."),
        (",A foot,,,,,,,,,,,,", "A row without a file is a refused order"),
        ("new.png,A foot,,,,,,,,,,,refused,", "A refused order has no file."),
        ("new.png,,,,,,,,,,,,,", "The prompt is missing."),
        ("new.png,A foot,painting,,,,,,,,,,,", "The mode is one of text_to_image, inpainting"),
        ("new.png,A foot,,,,,,,1.5,,,,,", "The seed is no whole number"),
        ("new.png,A foot,,,,,,,,,,-1,,", "The cost is no amount"),
        ("new.png,A foot,,,,,,,,,,NaN,,", "The cost is no amount"),
        ("new.png,A foot,,,,,,,,,2999-01-01,,,", "no past date"),
        ("new.png,A foot,,,,,,,,,yesterday,,,", "no past date"),
        ("new.png,A foot,,,,,,,,,,,made,", "The outcome is delivered or refused"),
        ("twin.png,A foot,,,,,,,,,,,,", "Line 2 has this picture already."),
        ("there.png,A foot,,,,,,,,,,,,", "The collection holds this picture already."),
        ("broken.png,A foot,,,,,,,,,,,,", "The file is empty."),
    ],
)
def test_one_wrong_row_is_named_and_keeps_all_out(db, folder, capsys, row, reason):
    held = factories.image(factories.collection("synthetic", name="Adams 2023"), data=factories.png(9))
    path = folder(*GOOD, row)
    name = row.split(",")[0]
    if name not in ("", "1.png", "3.png"):
        made = {"twin.png": factories.png(1), "there.png": factories.png(9), "broken.png": b""}
        (path / name).write_bytes(made.get(name, factories.png(5)))
    with pytest.raises(CommandError, match="Nothing was imported: 1 rows or files are wrong"):
        bring_in(path, json=True)
    [problem] = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["line"], problem["file"]) == (5, name)
    assert reason in problem["reason"]
    assert not Batch.objects.exists() and not Generator.objects.filter(name="dall-e-2").exists()
    assert Image.objects.get() == held


def test_an_edit_knows_the_radiograph_it_was_made_from(db, folder):
    of = factories.collection(licence="CC BY 4.0", may_be_sent=True)
    by_digest, by_id = factories.image(of, attribution="A. Person"), factories.image(of)
    rows = [f"1.png,A hand,text_to_image,{by_id.pk}", f"sub/2.png,A knee,inpainting,{by_digest.sha256.upper()}"]
    bring_in(folder(*rows, head="file,prompt,mode,reference\n"))
    first, second = (Image.objects.get(output__attempt__job__number=number) for number in (1, 2))
    assert (first.reference, second.reference) == (by_id, by_digest)
    assert [job.source for job in Job.objects.order_by("number")] == [None, by_digest]
    assert (first.licence, second.licence, second.attribution) == ("", "CC BY 4.0", "A. Person")
    assert sources.refusal_to_send(second) == "", "it may go where its source may"
    Collection.objects.filter(pk=of.pk).update(may_be_sent=False)
    second = Image.objects.get(pk=second.pk)
    assert "No consent" in sources.refusal_to_send(second)


def test_a_reference_that_is_no_real_image_keeps_all_out(db, folder, capsys):
    drawn = factories.image(factories.collection("synthetic"))
    for name in (drawn.pk, "0" * 64, "knee.png"):
        with pytest.raises(CommandError):
            bring_in(folder(f"1.png,A hand,{name}", "sub/2.png,A knee,", head="file,prompt,reference\n"), json=True)
        [problem] = json.loads(capsys.readouterr().out)["problems"]
        assert (problem["line"], "no real image here" in problem["reason"]) == (2, True)


def zipped(path) -> SimpleUploadedFile:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for file in sorted(path.rglob("*.*")):
            archive.write(file, file.relative_to(path))
    return SimpleUploadedFile("made.zip", stream.getvalue())


def test_an_admin_brings_a_zip_file_in_on_the_page(admin_client, folder):
    asked = {"generator": "dall-e-2", "collection": "Adams 2023", "pictures": zipped(folder(*GOOD))}
    page = admin_client.post("/generation/import/", asked, follow=True)
    batch = Batch.objects.get()
    assert page.redirect_chain == [(f"/generation/{batch.pk}/", 302)]
    assert f"Imported as {batch}. Images: 2; refusals: 1." in page.content.decode()
    assert (batch.is_imported, batch.created_by.is_staff, batch.jobs.count()) == (True, True, 3)


def test_what_keeps_a_zip_file_out_is_said_line_by_line(admin_client, folder):
    path = folder(*GOOD, "3.png,A foot,,,,,,,,,,,,")
    told = {"generator": "dall-e-2", "collection": "Adams 2023"}
    page = admin_client.post("/generation/import/", {**told, "pictures": zipped(path)})
    assert page.status_code == 422
    for words in ("Nothing was imported", "3.png", "The file is not there", ">5<"):
        assert words in page.content.decode()
    (path / "manifest.csv").unlink()
    page = admin_client.post("/generation/import/", {**told, "pictures": zipped(path)})
    assert page.status_code == 422 and "There is no manifest" in page.content.decode()
    page = admin_client.post("/generation/import/", {**told, "pictures": SimpleUploadedFile("a.zip", b"PK\3\4 no")})
    assert page.status_code == 422 and "damaged" in page.content.decode()
    assert not Batch.objects.exists() and not Image.objects.exists()


@pytest.mark.parametrize(
    ("head", "options", "reason"),
    [
        ("name,prompt\n", {}, "no column named file"),
        ("file,words\n", {}, "no column named prompt"),
        (HEAD, {"collection": "radiographs"}, "holds real images"),
        (HEAD, {"generator": "DALL-E 2"}, "letters, digits, - and _ only"),
        (HEAD, {"manifest": "nowhere.csv"}, "nowhere.csv"),
    ],
)
def test_what_is_wrong_as_a_whole_is_said_in_one_line(db, folder, head, options, reason):
    from pathlib import Path

    factories.collection("real", name="radiographs")
    if "manifest" in options:
        options = {"manifest": Path(options["manifest"])}
    with pytest.raises(CommandError) as refusal:
        bring_in(folder(*GOOD, head=head), **options)
    assert reason in str(refusal.value) and "\n" not in str(refusal.value)
    assert not Batch.objects.exists() and Collection.objects.count() == 1


def test_a_fault_half_way_leaves_neither_rows_nor_files(db, folder, monkeypatch):
    from django.core.files.storage import default_storage

    before = set(default_storage.listdir("originals")[1]) if default_storage.exists("originals") else set()
    made = credentials.note

    def fail(data: bytes):
        if Image.objects.count() == 2:
            raise OSError("the store is away")
        return made(data)

    monkeypatch.setattr(credentials, "note", fail)
    with pytest.raises(CommandError, match="the store is away"):
        bring_in(folder(*GOOD))
    assert not Batch.objects.exists() and not Image.objects.exists() and not Job.objects.exists()
    assert set(default_storage.listdir("originals")[1]) == before


def test_a_manifest_with_nul_is_refused_and_one_with_unusual_line_ends_is_read(db, folder):
    path = folder("1.png,An X-ray\u2028of a\x85hand,,,,,,,,,,,,")
    (path / "sub" / "2.png").unlink()
    bring_in(path)
    assert Job.objects.get().prompt == "An X-ray\u2028of a\x85hand"
    with pytest.raises(CommandError, match="holds NUL"):
        bring_in(folder("1.png,An X-ray\0,,,,,,,,,,,,"))


def test_what_was_paid_elsewhere_is_neither_this_months_money_nor_to_be_settled(db, folder):
    now = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    bring_in(folder("1.png,A hand,,,,,,,,,,500,,", GOOD[1], f",An ankle,,,,,,,,,{now},,refused,no"))
    assert Attempt.objects.get(job__number=1).actual_usd == 500
    assert Attempt.objects.all().this_month().most_usd() == 0
    assert not ledger.unsettled().exists()
    spending.set_monthly_usd(Decimal(1), factories.admin())
    assert not spending.objection(factories.batch().pk, Decimal(1), Decimal(1))


def test_an_imported_edit_is_not_sent_nor_what_is_made_of_it(db, folder):
    """Nobody knows whose radiograph it shows."""
    bring_in(folder(*GOOD))
    drawn, edited = Image.objects.order_by("output__attempt__job__number")
    assert sources.refusal_to_send(drawn) == ""
    again = factories.image(factories.collection("synthetic"), reference=edited)
    for image in (edited, again):
        assert "was imported as an edit" in sources.refusal_to_send(image)


def manifest_store(key: bytes = b"\x74claim_generator_info\xa1\x64name\x6aImage Shop") -> bytes:
    """A JUMBF box with as much of a claim in it as is read."""
    claim = b"\x00\x00\x00\x20jumdc2cl...c2pa.claim\x00" + b"\xa1" + key
    return struct.pack(">I4s", 8 + len(claim), b"jumb") + claim


def with_chunk(data: bytes, content: bytes) -> bytes:
    """A PNG with a caBX chunk after its header."""
    chunk = struct.pack(">I", len(content)) + b"caBX" + content + struct.pack(">I", zlib.crc32(b"caBX" + content))
    return data[:33] + chunk + data[33:]


def in_jpeg(content: bytes) -> bytes:
    """The start of a JPEG with the box cut into two APP11 segments, as large ones are."""
    head, middle = content[:8], len(content) // 2
    parts = [content[8:middle], content[middle:]]
    segments = [
        b"\xff\xeb" + struct.pack(">H", 18 + len(part)) + b"JP\x00\x01" + struct.pack(">I", number) + head + part
        for number, part in enumerate(parts, start=1)
    ]
    return b"\xff\xd8" + b"".join(segments) + b"\xff\xda"


@pytest.mark.parametrize(
    ("data", "maker"),
    [
        (with_chunk(factories.png(1), manifest_store()), "Image Shop"),
        (
            with_chunk(factories.png(1), manifest_store(b"\x6fclaim_generator\x78\x1aImage Shop/2.0 c2pa-rs/0.1")),
            "Image Shop/2.0 c2pa-rs/0.1",
        ),
        (with_chunk(factories.png(1), manifest_store(b"\x63alg")), ""),
        (in_jpeg(manifest_store()), "Image Shop"),
        (b"RIFF\0\0\0\0WEBPC2PA" + struct.pack("<I", len(manifest_store())) + manifest_store(), "Image Shop"),
    ],
)
def test_content_credentials_are_noted(data, maker):
    noted = {"kind": "C2PA, not verified", "claim_generator": maker}
    assert credentials.note(data) == {"content_credentials": noted}


@pytest.mark.parametrize(
    "data",
    [
        factories.png(1),
        with_chunk(factories.png(1), b"other"),
        b"",
        b"\xff\xd8\xff\xeb\0\0",
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffcaBX",
    ],
)
def test_bytes_without_credentials_or_broken_ones_give_nothing(data):
    assert credentials.note(data) == {}


def test_an_imported_picture_keeps_what_its_credentials_say(db, folder):
    path = folder(*GOOD)
    (path / "1.png").write_bytes(with_chunk(factories.png(1), manifest_store()))
    bring_in(path)
    noted = Output.objects.get(attempt__job__number=1).provenance["content_credentials"]
    assert noted["claim_generator"] == "Image Shop"
    assert "content_credentials" not in Output.objects.get(attempt__job__number=2).provenance
