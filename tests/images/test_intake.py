"""A file becomes an image whole, or leaves nothing behind."""

import hashlib
import io
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError
from PIL import Image as Picture

from radiorate.images import intake
from radiorate.images.facts import Facts
from radiorate.images.models import Image
from tests import factories

pytestmark = pytest.mark.django_db


def objects() -> list[str]:
    """The names of all stored originals."""
    try:
        return default_storage.listdir("originals")[1]
    except FileNotFoundError:
        return []


def saved(picture: Picture.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def test_a_real_original_keeps_its_pixels_and_nothing_else() -> None:
    picture = Picture.open(io.BytesIO(factories.png()))
    exif = Picture.Exif()
    exif[0x010E] = "CANARY description"
    data = saved(picture, "JPEG", quality=95, exif=exif, comment=b"CANARY comment", icc_profile=b"CANARY" * 40)
    image = intake.store(data, "CANARY name.jpg", factories.collection("real"), Facts(body_part="knee"))
    stored = image.original.read()
    assert b"CANARY" in data and b"CANARY" not in stored
    assert "CANARY" not in str(image.provenance) and "CANARY" not in image.original.name
    np.testing.assert_array_equal(
        np.asarray(Picture.open(io.BytesIO(stored))), np.asarray(Picture.open(io.BytesIO(data)))
    )
    assert image.sha256 == hashlib.sha256(data).hexdigest()
    assert image.original_sha256 == hashlib.sha256(stored).hexdigest()


def test_a_synthetic_original_stays_as_the_generator_gave_it() -> None:
    data = saved(Picture.open(io.BytesIO(factories.png())).convert("RGB"), "PNG")
    image = intake.store(data, "one.png", factories.collection("synthetic"), Facts())
    assert image.original.read() == data and image.original_sha256 == image.sha256
    assert image.provenance["name"] == "one.png"


def test_sixteen_bits_are_kept() -> None:
    levels = np.linspace(0, 65535, 64 * 80).reshape(80, 64).astype("<u2")
    data = saved(Picture.frombytes("I;16", (64, 80), levels.tobytes()), "TIFF")
    image = intake.store(data, "deep.tif", factories.collection(), Facts())
    assert image.bits == 16
    np.testing.assert_array_equal(np.asarray(Picture.open(image.original)), levels)


def test_a_picture_is_taken_once_a_collection_whatever_its_format() -> None:
    into, data = factories.collection(), factories.png()
    first = intake.store(data, "a.png", into, Facts())
    for again in (data, saved(Picture.open(io.BytesIO(data)), "TIFF")):
        with pytest.raises(intake.Duplicate) as found:
            intake.store(again, "b", into, Facts())
        assert found.value.image == first
    assert len(objects()) == 1
    assert intake.store(data, "a.png", factories.collection(), Facts()).pk != first.pk


def test_a_rejected_file_leaves_nothing() -> None:
    with pytest.raises(intake.Rejected, match=r"^It is not a PNG, JPEG, TIFF, WebP or DICOM file\.$"):
        intake.store(b"GIF89a<script>", "a.png", factories.collection(), Facts())
    assert not objects() and not Image.objects.exists()


def failing_save(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("the database went away")

    monkeypatch.setattr(Image, "save", fail)


def test_a_database_error_leaves_no_object(monkeypatch: pytest.MonkeyPatch) -> None:
    failing_save(monkeypatch)
    with pytest.raises(DatabaseError):
        intake.store(factories.png(), "a.png", factories.collection(), Facts())
    assert not objects()


def test_without_the_removal_a_database_error_leaves_an_orphan(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    failing_save(monkeypatch)
    monkeypatch.setattr(FileSystemStorage, "delete", lambda *args: None)
    with pytest.raises(DatabaseError):
        intake.store(factories.png(), "a.png", factories.collection(), Facts())
    assert len(objects()) == 1


def test_a_store_that_fails_leaves_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", fail)
    with pytest.raises(OSError, match="no space"):
        intake.store(factories.png(), "a.png", factories.collection(), Facts())
    assert not Image.objects.exists()


def test_the_slower_of_two_workers_finds_the_faster_ones_image(monkeypatch: pytest.MonkeyPatch) -> None:
    into, data = factories.collection(), factories.png()
    encode = intake.grey_png
    faster: list[Image | None] = []

    def overtaken(array: np.ndarray) -> bytes:
        """Encoding comes after the search for a duplicate and before the row."""
        if not faster:
            faster.append(None)
            faster[0] = intake.store(data, "a.png", into, Facts())
        return encode(array)

    monkeypatch.setattr(intake, "grey_png", overtaken)
    with pytest.raises(intake.Duplicate) as found:
        intake.store(data, "b.png", into, Facts())
    assert found.value.image == faster[0]
    assert len(objects()) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("../../etc/x.png", "x.png"),
        ("C:\\DOE JOHN\\x.png", "x.png"),
        ("a\u202egnp.exe", "a·gnp.exe"),
        ("a\0b", "a·b"),
        ("", "unnamed"),
        ("x" * 400, "x" * 300),
    ],
)
def test_names_are_shown_without_folders_and_tricks(name: str, text: str) -> None:
    assert intake.shown(name) == text
