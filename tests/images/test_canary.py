"""One word in every text of a DICOM file, looked for afterwards in all that is kept, printed, shown or exported."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo

from radiorate.images import dicom as of_dicom
from radiorate.images import imports, intake
from radiorate.images.facts import NOTHING_TOLD
from radiorate.images.models import Collection, Image, Import
from radiorate.studies import lifecycle
from tests import factories
from tests.conftest import eventually
from tests.images.test_hostile import dicom

CANARY = "ZQPHI7731"
UID_CANARY = "1.2.826.0.1.3680043.77317731.5"
BY_VR: dict[str, Any] = {
    **dict.fromkeys(["AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"], CANARY),
    **dict.fromkeys(["OB", "UN", "OB or OW"], CANARY.encode() + b" "),
    "UI": UID_CANARY,
    "DA": "19010307",
    "DT": "19010307030517",
    "TM": "030517.773177",
    "DS": "77317.731",
    "IS": "773177317",
}
MARKS = [mark.encode().lower() for mark in {CANARY, UID_CANARY, "19010307", "773177317", "77317.731", "030517.7731"}]
# What the picture could not be decoded without, or what is kept of it by a closed list or as a number.
DECODING = {*of_dicom.NEEDED, "SpecificCharacterSet", "PixelSpacing", "ImagerPixelSpacing", "Modality"} - {
    *("BurnedInAnnotation", "RescaleType")
}
DECODING |= {"PhotometricInterpretation", "BitsStored"}


def marked(seed: int) -> bytes:
    """A DICOM file with the canary in every attribute of the standard's dictionary that can hold it, and elsewhere."""
    import pydicom
    from pydicom.datadict import DicomDictionary

    dataset = pydicom.dcmread(io.BytesIO(dicom()))
    pixels = bytearray(dataset.PixelData)
    pixels[0:2] = (seed % 4000).to_bytes(2, "little")  # another picture, or it would be a duplicate
    dataset.PixelData = bytes(pixels)
    count = 0
    for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
        group = tag >> 16
        if keyword in DECODING or not keyword or group in (0x0000, 0x0002, 0x7FE0, 0xFFFE):
            continue
        if vr == "SQ":
            inner = pydicom.Dataset()
            inner.PatientName, inner.StudyInstanceUID, inner.PatientBirthDate = CANARY, UID_CANARY, "19010307"
            dataset.add_new(tag, vr, [inner])
        elif vr in BY_VR:
            dataset.add_new(tag, "OB" if vr == "OB or OW" else vr, BY_VR[vr])
        else:
            continue
        count += 1
    assert count > 3500, "nearly the whole dictionary"
    for element, vr in ((0x1500, "LO"), (0x3000, "OW"), (0x4000, "LT")):
        dataset.add_new((0x6000, element), vr, CANARY.encode() + b" " if vr == "OW" else CANARY)
    dataset.add_new((0x5000, 0x2500), "LO", CANARY)
    block = dataset.private_block(0x0011, CANARY, create=True)
    block.add_new(1, "LO", CANARY)
    block.add_new(2, "UN", CANARY.encode() + b" ")
    dataset.file_meta.MediaStorageSOPInstanceUID = UID_CANARY
    dataset.file_meta.SourceApplicationEntityTitle = dataset.file_meta.ImplementationVersionName = CANARY
    dataset.file_meta.PrivateInformationCreatorUID = UID_CANARY
    dataset.file_meta.PrivateInformation = CANARY.encode() + b" "
    dataset.preamble = (CANARY.encode() * 15)[:128]
    stream = io.BytesIO()
    with pydicom.config.disable_value_validation():
        pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def marked_png() -> bytes:
    texts, exif, stream = PngInfo(), Picture.Exif(), io.BytesIO()
    texts.add_text("Comment", CANARY)
    texts.add_itxt("XML:com.adobe.xmp", f"<x>{CANARY}</x>")
    exif[0x010E] = CANARY
    with Picture.open(io.BytesIO(factories.png(5))) as picture:
        picture.save(stream, "PNG", pnginfo=texts, exif=exif, icc_profile=CANARY.encode() * 20)
    return stream.getvalue()


def hits(where: str, data: bytes) -> list[str]:
    """Where a canary was found, and what stands around it."""
    lowered = data.lower()
    found = [lowered.find(mark) for mark in MARKS]
    return [f"{where}: {data[max(0, at - 40) : at + 40]!r}" for at in found if at >= 0]


def in_database() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                yield from hits(f"table {table}", b"".join(bytes(row) for row in rows))


def in_store(folder: Path) -> Iterator[str]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield from hits(f"name of {path}", path.name.encode())
        yield from hits(str(path), path.read_bytes())


def on_pages(client: Client, at_least: int) -> Iterator[str]:
    """Hits on every page and file that an admin gets to from the start by links alone; so many there must be."""
    seen, ahead = {"/"}, ["/"]
    while ahead:
        address = ahead.pop()
        answer = client.get(address, follow=True)
        body = b"".join(answer) if answer.streaming else answer.content
        if address.endswith(".zip") and body[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                for name in archive.namelist():
                    yield from hits(f"{address} {name}", archive.read(name))
        yield from hits(address, body + str(answer.headers).encode())
        if "html" in answer.get("Content-Type", ""):
            links = re.findall(r'(?:href|src)="(/[^"#]*|\?[^"#]*)"', body.decode())
            for link in map(unescape, links):
                target = address.partition("?")[0] + link if link.startswith("?") else link
                if target not in seen and not target.startswith(("/static/", "/accounts/logout")):
                    seen.add(target)
                    ahead.append(target)
    assert len(seen) >= at_least, "the whole site"


def study_of(real: Collection) -> None:
    """A study that was opened over the collection and closed, so that protocols, exports and results know it."""
    of = factories.study()
    of.real_collections.set([real])
    for _ in range(real.images.count()):
        factories.image(of.synthetic_collections.get(), body_part="hand", view_position="PA")
    factories.reader(of)
    lifecycle.open_study(of, factories.admin())
    of.refresh_from_db()
    lifecycle.close_study(of, factories.admin())


@pytest.mark.django_db(transaction=True)
def test_no_text_of_a_dicom_file_is_left_anywhere(
    run_command: Any, start_worker: Any, client: Client, tmp_path: Path
) -> None:
    folder = tmp_path / CANARY / "in"
    folder.mkdir(parents=True)
    (folder / f"{CANARY}.dcm").write_bytes(marked(1))
    (folder / f"{CANARY}.png").write_bytes(marked_png())
    (folder / "spoilt.dcm").write_bytes(marked(2)[:-3000])
    taken = run_command("import_images", str(folder), "--collection", "by command", "--json", VAR=tmp_path)
    assert taken.returncode == 0 and json.loads(taken.stdout)["rejected"] == 1

    into = factories.collection(name="by page")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(f"{CANARY}/{CANARY}^JOHN.dcm", marked(3))
    uploads = [
        SimpleUploadedFile(f"{CANARY}.zip", archive.getvalue()),
        SimpleUploadedFile(f"{CANARY}.dcm", marked(4)),
        SimpleUploadedFile("spoilt.dcm", marked(5)[:-3000]),
    ]
    worker = start_worker(VAR=tmp_path)
    client.force_login(factories.admin())
    assert client.post(reverse("images:upload", args=[into.pk]), {"pictures": uploads}).status_code == 302
    eventually(lambda: Import.objects.filter(state="done").exists())
    assert sorted(into.imports.get().files.values_list("name", flat=True)) == ["file 1", "file 2", "spoilt.dcm"]

    Image.objects.filter(collection__origin="real").update(body_part="hand", view_position="PA", state="available")
    study_of(into)
    assert Image.objects.filter(collection__origin="real").count() == 4
    found = [*in_database(), *in_store(tmp_path / "files"), *hits("worker", worker.output.encode())]
    found += hits("command", taken.stderr.encode())
    assert not found
    assert not [*on_pages(client, at_least=90)]


@pytest.mark.django_db(transaction=True)
def test_each_search_finds_a_canary_that_was_let_through(
    monkeypatch: pytest.MonkeyPatch, client: Client, tmp_path: Path
) -> None:
    """The control of the test above."""
    data = marked(6)
    assert hits("file", data)
    into = factories.collection()
    image = intake.store(data, "a.dcm", into, NOTHING_TOLD)
    assert not [*in_database(), *in_store(tmp_path / "files")]
    Image.objects.filter(pk=image.pk).update(provenance={"name": CANARY})
    assert [hit for hit in in_database() if "images_image" in hit]
    client.force_login(factories.admin())
    assert [*on_pages(client, at_least=30)]
    monkeypatch.setattr(intake, "_kept", lambda data, pixels, collection: (data, "PNG"))
    intake.store(marked(7), "a.dcm", into, NOTHING_TOLD)
    assert [*in_store(tmp_path / "files")]


@pytest.mark.django_db
def test_a_refused_file_keeps_its_name_or_nobody_could_tell_which_it_was() -> None:
    into = factories.collection()
    uploads = [SimpleUploadedFile("a.png", factories.png(1)), SimpleUploadedFile("b.png", b"spoilt")]
    started = imports.begin(into, uploads, None, factories.admin())
    imports.run(started.pk)
    assert list(started.files.values_list("name", "outcome")) == [("file 1", "accepted"), ("b.png", "rejected")]
