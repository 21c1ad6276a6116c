"""One recipe for every source: the files differ in their pixels alone."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image as Picture
from PIL import PngImagePlugin

from radiorate.images import blinding, intake, rendition
from radiorate.images.facts import Facts
from radiorate.images.models import Image, Rendition
from tests import factories


def levels(data: bytes) -> np.ndarray:
    return np.asarray(Picture.open(io.BytesIO(data)))


def test_both_images_of_a_pair_get_one_shape_between_theirs() -> None:
    portrait, landscape = Image(width=800, height=1200), Image(width=1000, height=1000)
    assert rendition.recipe("pair-crop", 1024, [portrait, landscape]) == "r1/1024/crop-0.80"
    assert rendition.recipe("pair-crop", 1024, [landscape, portrait]) == "r1/1024/crop-0.80"
    assert rendition.recipe("square-crop", 512, [portrait, landscape]) == "r1/512/crop-1.00"
    assert rendition.recipe("square-pad", 512, [portrait, landscape]) == "r1/512/pad"


@pytest.mark.parametrize("recipe", ["r1/256/crop-0.80", "r1/256/crop-1.00", "r1/256/crop-1.35"])
def test_the_padding_says_nothing_about_the_shape_of_the_original(recipe: str) -> None:
    random = np.random.default_rng(5)
    outlines = set()
    for shape in [(300, 200), (200, 300), (512, 512), (97, 801)]:
        page = levels(rendition.render(random.integers(60, 200, shape, dtype=np.uint8), recipe))
        covered = np.argwhere(page)
        outlines.add((*covered.min(axis=0), *covered.max(axis=0)))
    assert len(outlines) == 1


def test_depth_of_the_source_does_not_show() -> None:
    random = np.random.default_rng(1)
    coarse = Picture.fromarray(random.integers(0, 256, (12, 9), dtype=np.uint8))
    smooth = np.asarray(coarse.convert("F").resize((450, 600), Picture.Resampling.BICUBIC))
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    shallow = rendition.render(np.rint(smooth * 255).astype(np.uint8), "r1/256/pad")
    deep = rendition.render(np.rint(smooth * 4095 + 700).astype(np.uint16), "r1/256/pad")
    difference = levels(shallow).astype(int) - levels(deep)
    assert abs(difference).max() <= 1


def sources() -> dict[str, bytes]:
    """One picture as it may come in: formats, depths, palettes, metadata, turned by EXIF."""
    plain = Picture.open(io.BytesIO(factories.png(3, (200, 260))))
    text = PngImagePlugin.PngInfo()
    text.add_text("prompt", "an X-ray of a knee")
    turned = Picture.Exif()
    turned[0x0112] = 6
    deep = np.asarray(plain).astype("<u2") * 257
    pictures: dict[str, tuple[Picture.Image, str, dict[str, Any]]] = {
        "plain": (plain, "PNG", {}),
        "text": (plain.convert("RGB"), "PNG", {"pnginfo": text, "icc_profile": b"icc" * 50, "dpi": (72, 72)}),
        "palette": (plain.convert("P"), "PNG", {}),
        "alpha": (plain.convert("RGBA"), "PNG", {}),
        "deep": (Picture.frombytes("I;16", plain.size, deep.tobytes()), "PNG", {}),
        "jpeg": (plain, "JPEG", {"quality": 60}),
        "progressive": (plain.convert("RGB"), "JPEG", {"progressive": True, "quality": 98}),
        "cmyk": (plain.convert("CMYK"), "JPEG", {}),
        "turned": (plain.rotate(90, expand=True), "JPEG", {"exif": turned, "quality": 95}),
        "tiff": (plain, "TIFF", {"compression": "tiff_lzw"}),
        "webp": (plain.convert("RGB"), "WEBP", {"lossless": True}),
    }
    files = {}
    for name, (picture, kind, options) in pictures.items():
        stream = io.BytesIO()
        picture.save(stream, kind, **options)
        files[name] = stream.getvalue()
    return files


@pytest.mark.django_db
def test_files_of_every_source_have_one_structure_and_one_look() -> None:
    made = []
    for name, data in sources().items():
        image = intake.store(data, name, factories.collection("synthetic"), Facts())
        made.append(rendition.make(image, "r1/256/crop-0.75"))
    assert blinding.check(made) == []
    pages = [levels(row.file.read()).astype(int) for row in made]
    assert len({row.file.size for row in made}) == 1
    for name, page in zip(sources(), pages, strict=True):
        assert abs(page - pages[0]).mean() < 2, name


@pytest.mark.django_db
@pytest.mark.parametrize("leak", ["text", "byte", "size", "compressed", "swapped", "gone"])
def test_a_planted_leak_is_found(leak: str) -> None:
    made = [rendition.make(factories.image(), "r1/256/crop-0.80") for _ in range(3)]
    stored = made[1].file.read()
    text, stream = PngImagePlugin.PngInfo(), io.BytesIO()
    text.add_text("x", "y")
    options: dict[str, Any] = {"text": {"pnginfo": text, "compress_level": 0}, "compressed": {"compress_level": 6}}
    picture = Picture.open(io.BytesIO(stored))
    (picture.resize((300, 300)) if leak == "size" else picture).save(
        stream, "PNG", **options.get(leak, {"compress_level": 0})
    )
    planted = {"byte": stored + b"\n", "swapped": made[0].file.read()}.get(leak, stream.getvalue())
    default_storage.delete(made[1].file.name)
    if leak != "gone":
        default_storage.save(made[1].file.name, ContentFile(planted))
    assert blinding.check(Rendition.objects.order_by("pk"))


@pytest.mark.django_db
def test_making_a_rendition_again_changes_nothing() -> None:
    image = factories.image()
    first = rendition.make(image, "r1/256/crop-0.80")
    assert rendition.make(image, "r1/256/crop-0.80") == first
    assert str(image.pk) not in first.file.name


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_end_with_one_row_and_one_file() -> None:
    image = factories.image()

    def work(_: int) -> int:
        try:
            return rendition.make(image, "r1/256/crop-0.80").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(work, range(4)))
    assert len(made) == 1
    assert len(default_storage.listdir("renditions")[1]) == 1
