"""Files made to harm or to carry identity: refused in one sentence, or stored without what they smuggle."""

import csv
import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as Picture

from radiorate.images import decoding, intake
from radiorate.images.decoding import Undecodable, decode
from radiorate.images.facts import NOTHING_TOLD
from radiorate.images.models import Image
from tests import factories

CANARY = "ZQCANARY7"


def saved(picture: Picture.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def dicom(**changes: Any) -> bytes:
    """A CR file of 64 x 48 pixels, 12 bit, uncompressed; `None` takes an attribute away."""
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset

    syntax = changes.pop("syntax", pydicom.uid.ExplicitVRLittleEndian)
    preamble = changes.pop("preamble", bytes(128))
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = pydicom.uid.ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset = FileDataset(None, {}, file_meta=meta, preamble=preamble)
    levels = np.add.outer(np.arange(48) * 60, np.arange(64) * 5).astype("<u2")
    told: dict[str, Any] = {
        "SOPClassUID": meta.MediaStorageSOPClassUID,
        "Modality": "CR",
        "BodyPartExamined": "HAND",
        "ViewPosition": "PA",
        "PatientName": CANARY,
        "PhotometricInterpretation": "MONOCHROME2",
        "SamplesPerPixel": 1,
        "Rows": 48,
        "Columns": 64,
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "PixelData": levels.tobytes(),
    }
    for name, value in {**told, **changes}.items():
        if value is not None:
            setattr(dataset, name, value)
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def deflated_bomb() -> bytes:
    import pydicom

    return dicom(syntax=pydicom.uid.DeflatedExplicitVRLittleEndian, ImageComments="x" * 3_000_000)


def animated() -> bytes:
    pictures = [Picture.open(io.BytesIO(factories.png(seed))) for seed in (1, 2)]
    return saved(pictures[0], "PNG", save_all=True, append_images=pictures[1:])


def pages() -> bytes:
    pictures = [Picture.open(io.BytesIO(factories.png(seed))) for seed in (1, 2)]
    return saved(pictures[0], "TIFF", save_all=True, append_images=pictures[1:])


def flood() -> bytes:
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 16, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"x")) + chunk(b"IEND", b"")


def jpeg() -> bytes:
    return saved(Picture.open(io.BytesIO(factories.png(1))), "JPEG")


def wider_inside() -> bytes:
    """A DICOM file whose JPEG 2000 stream declares far more pixels than the header does."""
    import pydicom
    from pydicom.encaps import encapsulate

    size = struct.pack(">HHIIII", 47, 0, 60_000, 60_000, 0, 0)
    stream = b"\xff\x4f\xff\x51" + size + bytes(40)
    return dicom(syntax=pydicom.uid.JPEG2000Lossless, PixelData=encapsulate([stream]))


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "html": (lambda: b"<html><script>alert(1)</script>", "not a PNG"),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG"),
    "gif": (lambda: b"GIF89a/*" + bytes(100) + b"*/alert(1)", "not a PNG"),
    "pdf": (lambda: b"%PDF-1.7\n" + bytes(300), "not a PNG"),
    "psd": (lambda: b"8BPS" + bytes(300), "not a PNG"),
    "fits": (lambda: b"SIMPLE  =   T" + bytes(300), "not a PNG"),
    "eps": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "not a PNG"),
    "flood": (flood, "more than"),
    "cut png": (lambda: factories.png(1)[:-40], "ends too early"),
    "html after png": (lambda: factories.png(1) + b"<script>", "something else follows"),
    "zip after jpeg": (lambda: jpeg() + b"PK\x03\x04", "Something else follows"),
    "cut jpeg": (lambda: jpeg()[:-200], "damaged or ends"),
    "spoilt png": (lambda: factories.png(1).replace(b"IDAT", b"IDAx"), "damaged"),
    "text bomb": (
        lambda: (
            factories.png(1)[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000))) + factories.png(1)[33:]
        ),
        "damaged",
    ),
    "animated": (animated, "animated"),
    "pages": (pages, "several pictures"),
    "tiny": (lambda: factories.png(1, (8, 8)), "smaller than"),
    "blank": (lambda: saved(Picture.new("L", (64, 64), 7), "PNG"), "blank"),
    "float": (lambda: saved(Picture.new("F", (64, 64), 0.5), "TIFF"), "not supported"),
    "program": (lambda: dicom(preamble=b"MZ" + bytes(126)), "at once"),
    "two faces": (lambda: dicom(preamble=b"\xff\xd8\xff" + bytes(125)), "at once"),
    "ct": (lambda: dicom(Modality="CT"), "CT"),
    "ultrasound": (lambda: dicom(Modality="US"), "US"),
    "frames": (lambda: dicom(NumberOfFrames=99_999), "several pictures"),
    "vast": (lambda: dicom(Rows=65_535, Columns=65_535), "more than"),
    "short": (lambda: dicom(Rows=500), "damaged"),
    "no pixels": (lambda: dicom(PixelData=None), "no picture"),
    "colour": (lambda: dicom(SamplesPerPixel=3, PhotometricInterpretation="RGB"), "colour"),
    "cut dicom": (lambda: dicom()[:-3000], "damaged"),
    "deflated bomb": (deflated_bomb, "unpacks to more"),
    "wider inside": (wider_inside, "disagree"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_one_sentence(name: str, settings: Any) -> None:
    make, words = REFUSED[name]
    settings.IMAGE_MAX_BYTES = 1_000_000
    with pytest.raises(Undecodable, match=words) as refusal:
        decode(make())
    told = str(refusal.value)
    assert told.endswith(".") and len(told) < 160 and CANARY not in told


def test_the_largest_picture_is_a_setting(settings: Any) -> None:
    settings.IMAGE_MAX_PIXELS = 96 * 120
    decode(factories.png(1))
    settings.IMAGE_MAX_PIXELS -= 1
    with pytest.raises(Undecodable, match="more than"):
        decode(factories.png(1))


def test_monochrome1_is_turned_and_a_window_is_used() -> None:
    bright = decode(dicom()).array
    assert bright.dtype == np.uint16 and bright[0, 0] == 0 and bright[-1, -1] == 65_535
    turned = decode(dicom(PhotometricInterpretation="MONOCHROME1")).array
    np.testing.assert_allclose(turned.astype(int), 65_535 - bright.astype(int), atol=1)
    windowed = decode(dicom(WindowCenter=1000, WindowWidth=200)).array
    assert windowed[0].max() < 65_535 / 2 and (windowed == 65_535).mean() > 0.4


def test_words_drawn_into_spare_bits_are_not_seen() -> None:
    plain = np.frombuffer(dicom_pixels(), "<u2")
    drawn = plain | np.uint16(0x8000)
    np.testing.assert_array_equal(decode(dicom(PixelData=drawn.tobytes())).array, decode(dicom()).array)


def dicom_pixels() -> bytes:
    return np.add.outer(np.arange(48) * 60, np.arange(64) * 5).astype("<u2").tobytes()


def test_an_exif_turn_is_applied() -> None:
    turned = Picture.Exif()
    turned[0x0112] = 6
    assert decode(saved(Picture.open(io.BytesIO(factories.png(1, (90, 60)))), "JPEG", exif=turned)).array.shape == (
        90,
        60,
    )


def test_a_white_is_zero_tiff_of_sixteen_bits_is_turned() -> None:
    levels = np.arange(64 * 64, dtype="<u2").reshape(64, 64)
    picture = Picture.frombytes("I;16", (64, 64), levels.tobytes())
    np.testing.assert_array_equal(decode(saved(picture, "TIFF", tiffinfo={262: 0})).array, 65_535 - levels)


@pytest.mark.django_db
def test_a_dicom_files_identity_reaches_neither_row_nor_store() -> None:
    data = dicom(PatientID=CANARY, StudyDescription=CANARY, InstitutionName=CANARY, BodyPartExamined="HAND")
    image = intake.store(data, f"{CANARY}.dcm", factories.collection(), NOTHING_TOLD)
    assert CANARY.encode() in data
    assert CANARY.encode() not in image.original.read()
    row = Image.objects.filter(pk=image.pk).values().get()
    assert CANARY not in json.dumps(row, default=str)
    assert (image.body_part, image.view_position, image.modality) == ("hand", "PA", "CR")


@pytest.mark.django_db
@pytest.mark.parametrize("told", [{"BurnedInAnnotation": "YES"}, {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}])
def test_a_dicom_file_that_may_show_a_name_is_held(told: dict[str, str]) -> None:
    image = intake.store(dicom(**told), "a.dcm", factories.collection(), NOTHING_TOLD)
    assert image.state == Image.State.HELD and image.state_reason


@pytest.mark.django_db
def test_the_hostile_files_beside_the_project_end_as_expected(shared: Path | None) -> None:
    if shared is None:
        pytest.skip("there is no folder of hostile files")
    folder = shared / "cases" / "uploads"
    for row in csv.DictReader((folder / "expected.csv").open()):
        name = json.loads(row["upload_name"]) if row["upload_name"] else row["file"]
        try:
            image = intake.store((folder / row["file"]).read_bytes(), name, factories.collection(), NOTHING_TOLD)
            outcome = "hold" if image.state == Image.State.HELD else "accept"
            kept = image.original.read() + json.dumps(image.provenance).encode() + str(vars(image)).encode()
            assert not row["canary"] or row["canary"].encode() not in kept, row["file"]
        except intake.Rejected:
            outcome = "reject"
        assert outcome in (row["expected"], row["tolerated"]), row["file"]
    assert all(name.endswith(".png") for name in default_storage.listdir("originals")[1])


def test_the_source_in_memory_is_bounded_by_the_settings(settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 100
    with pytest.raises(Undecodable, match="larger than"):
        decoding.decode(factories.png(1))
