"""Words burnt into pixels hold an image; a side marker does not."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from radiorate.images import decoding, writing
from tests import factories
from tests.conftest import PROJECT


def written(text: str, size: int, ink: int, ground: int | None = None) -> np.ndarray:
    """A smooth picture of 600 x 700 pixels with a text in its corner."""
    grey = decoding.decode(factories.png(7, (600, 700))).array
    picture = Picture.fromarray(np.clip(grey, 20, 180))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    if ground is not None:
        draw.rectangle((0, 0, 40 + draw.textlength(text, font), 2 * size), fill=ground)
    draw.text((12, 8), text, fill=ink, font=font)
    return np.asarray(picture)


@pytest.mark.parametrize("size", [16, 32, 44])
@pytest.mark.parametrize("text", ["DOE JOHN 1961", "12.03.1957", "Mueller^Anna"])
def test_a_name_or_date_raises_a_doubt_in_either_polarity(text: str, size: int) -> None:
    assert writing.found(written(text, size, ink=255))
    assert writing.found(written(text, size, ink=0, ground=200))


@pytest.mark.parametrize("marker", ["R", "L", "Dx", "Sin", ""])
def test_a_side_marker_raises_none(marker: str) -> None:
    assert not writing.found(written(marker, 40, ink=255))


def test_texture_is_no_text() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (1200, 1200), dtype=np.uint8)
    assert not writing.found(noise)


@pytest.mark.parametrize("guarded", [True, False])
def test_the_library_reports_to_nobody(guarded: bool, tmp_path: Path) -> None:
    """Its reporter keeps an id below HOME as it starts; the control shows it, with no way out of the machine."""
    reading = "from radiorate.images import writing; writing._reader()" if guarded else "import onnxruntime"
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "https_proxy": "http://127.0.0.1:9"}
    subprocess.run([sys.executable, "-c", reading], cwd=PROJECT, env=environ, check=True)
    assert bool([path for path in tmp_path.rglob("*") if path.is_file()]) is not guarded


def test_few_of_the_real_radiographs_beside_the_project_are_held(shared: Path | None) -> None:
    if shared is None:
        pytest.skip("there is no folder of radiographs")
    folder = shared / "data" / "radiographs"
    rows = csv.DictReader((folder / "manifest.csv").open())
    real = [row["file"] for row in rows if row["origin"] == "real"][::3]
    held = [name for name in real if writing.found(decoding.decode((folder / name).read_bytes()).array)]
    assert len(held) <= len(real) / 10
