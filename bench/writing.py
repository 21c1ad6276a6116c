"""How many names, dates and numbers written into radiographs are found, how many clean ones are held, at what cost.

    .venv/bin/python bench/writing.py [FOLDER]

FOLDER holds radiographs and a manifest.csv; data/radiographs of RADIORATE_SHARED by default. Goals: recall of at least
0.95 from 12 pixels on, at most a fifth of the radiographs held. Beside it the cheap measure blinding.signs.
"""

import csv
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "radiorate.settings")
TEXTS = ["DOE JOHN 1961", "12.03.1957", "Mueller^Anna", "ACC 4471902"]
SIZES = [12, 16, 24, 40]  # pixels
INKS = {"white": None, "black": None, "grey +90": 90, "grey +60": 60}  # levels of 255 from the ground
SIGNS_IN_A_ROW = 5


def folder() -> Path:
    beside = Path(__file__).resolve().parent.parent.parent / "shared"
    shared = Path(os.environ.get("RADIORATE_SHARED") or beside)
    return Path(sys.argv[1]) if len(sys.argv) > 1 else shared / "data" / "radiographs"


def levels(grey: np.ndarray) -> np.ndarray:
    low, high = np.percentile(grey[::2, ::2], (0.5, 99.5))
    return np.clip((grey - float(low)) * (255 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)


def written(crop: np.ndarray, text: str, size: int, ink: str, top: int) -> np.ndarray:
    """A part of a radiograph with a text in it; white and black ink get a ground where there would be no contrast."""
    picture = Picture.fromarray(np.ascontiguousarray(crop))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    box = draw.textbbox((20, top), text, font=font)
    left, up, right, down = map(int, box)
    ground = float(np.median(crop[up:down, left:right]))
    step = INKS[ink]
    if step is None:
        level = 255 if ink == "white" else 0
        if abs(ground - level) < 70:
            draw.rectangle(box, fill=120 if level else 190)
    else:
        level = int(ground + step if ground < 150 else ground - step)
    draw.text((20, top), text, fill=level, font=font)
    return np.asarray(picture)


def main() -> None:
    import django

    django.setup()
    from radiorate.blinding import signs
    from radiorate.images import writing
    from radiorate.images.decoding import decode

    where = folder()
    rows = [row for row in csv.DictReader((where / "manifest.csv").open()) if row["origin"] == "real"]
    pictures = {row["file"]: decode((where / row["file"]).read_bytes()).array for row in rows}
    writing.found(next(iter(pictures.values()))[:200, :200])
    held, began = [], time.process_time()
    for name, picture in pictures.items():
        if writing.found(picture):
            held.append(name)
    spent, pixels = time.process_time() - began, sum(picture.size for picture in pictures.values())
    print(f"held of {len(pictures)} radiographs   {len(held)}: {', '.join(held)}")
    print(f"CPU                     {spent / pixels * 1e6:.2f} s a megapixel, {spent / len(pictures):.2f} s a picture")
    found: dict[tuple[int, str], list[tuple[bool, bool]]] = {}
    count = 0
    for picture in map(levels, list(pictures.values())[:: max(1, len(pictures) // 6)]):
        for size in SIZES:
            for ink in INKS:
                count += 1
                height, width = picture.shape
                y, x = (0, max(0, height - 640))[count % 2], (0, max(0, width - 640))[count // 2 % 2]
                crop = picture[y : y + 640, x : x + 640]
                marked = written(crop, TEXTS[count % len(TEXTS)], size, ink, 30 + 7 * (count % 5))
                old = signs.longest_row(marked) >= SIGNS_IN_A_ROW
                found.setdefault((size, ink), []).append((bool(writing.found(marked)), old))
    for (size, ink), pairs in found.items():
        new, old = (sum(column) for column in zip(*pairs, strict=True))
        print(f"{size:>3} px, {ink:<9}        {new} of {len(pairs)}  (signs in a row: {old})")
    every = [pair for pairs in found.values() for pair in pairs]
    new, old = (np.mean(column) for column in zip(*every, strict=True))
    print(f"recall                  {new:.3f}  (signs in a row: {old:.3f}) of {len(every)} (goal: 0.95)")
    print(f"most memory             {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
