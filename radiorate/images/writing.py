"""Words burnt into a picture, found by an OCR library whose models lie in its package: nothing is fetched or sent.

It is there so that a person looks before a name is shown to others. Of 31 open radiographs it holds three: the two that
have words in them, and one with a marker in mirror writing. Of names, dates and numbers written into seven of them in
12 to 40 pixels, white, black and in two greys, it finds 109 of 112 (bench/writing.py): faint, slanted or hand-written
words can pass, so it replaces nobody's eyes. What it reads is not kept, only where it stands.
"""

import os
import re
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, cast

import numpy as np
from PIL import Image as Picture

if TYPE_CHECKING:
    from rapidocr import RapidOCR
    from rapidocr.utils.output import RapidOCROutput

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels

LONGEST_SIDE = 2000  # pixels; larger pictures are looked at in this size: large detectors write large words
TILE, OVERLAP = 1024, 96  # pixels; in tiles, because the memory needed grows with what is looked at at once
RANGE = 160  # of 256 levels: ink may be brighter and darker than all but a few pixels of the picture
SMALLEST_SIDE = 64  # pixels; smaller pictures hold no readable line
SIGNS, LONG = 3, 5  # letters and digits of a word that may name somebody; where it is read half, more
SURE = 0.8
ELONGATED = 1.3  # a line's length to its height
MARKERS = {"sin", "left", "right", "links", "rechts", "lat", "apr", "supine", "erect", "stehend", "liegend"}
SCALE = re.compile(r"\d{1,2}[cm]m")  # a ruler's


def found(grey: np.ndarray) -> list[Box]:
    """Where words stand that are no side markers or scales; grey levels of shape (height, width), of any depth."""
    height, width = grey.shape
    if min(height, width) < SMALLEST_SIDE:
        return []
    levels, scale = _readable(grey)
    boxes = []
    for top, left in product(_starts(levels.shape[0]), _starts(levels.shape[1])):
        tile = levels[top : top + TILE, left : left + TILE]
        for corners, text, sureness in _read(tile):
            if may_name(text, sureness) and _is_line(corners):
                x, y = ((corners + np.array([left, top])) / scale).T
                box = int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1
                boxes.append((max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])))
    return _merged(boxes)


def may_name(text: str, sureness: float) -> bool:
    """Whether a word could be a name, a number or a date; markers and scales are neither, nor short words half read."""
    signs = re.sub(r"[\W_]", "", text).lower()
    enough = len(signs) >= (SIGNS if sureness >= SURE else LONG)
    return enough and signs not in MARKERS and not SCALE.fullmatch(signs)


def _is_line(corners: np.ndarray) -> bool:
    """Whether a word's box (4, 2) is longer than high, whichever way it is turned: bones in a square are read, too."""
    one, other = (float(np.linalg.norm(corners[0] - corners[at])) for at in (1, 3))
    return max(one, other) >= ELONGATED * min(one, other)


def _read(tile: np.ndarray) -> list[tuple[np.ndarray, str, float]]:
    """The four corners (4, 2) of each word in a picture of 8 bits, the word, and how sure it is, in 0..1."""
    read = cast("RapidOCROutput", _reader()(np.repeat(tile[:, :, None], 3, axis=2)))
    if read.boxes is None or read.txts is None or read.scores is None:
        return []
    return list(zip(read.boxes, read.txts, read.scores, strict=True))


@cache
def _reader() -> "RapidOCR":
    """One to a process; one thread each, because several workers share the machine's cores."""
    # Before the library is loaded: by itself it would report to its maker over the network, and keep an id on the disk.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # noqa: TID251  (the library's own switch; there is no other)
    from rapidocr import RapidOCR

    threads = dict.fromkeys(("intra_op_num_threads", "inter_op_num_threads"), 1)
    params = {f"EngineConfig.onnxruntime.{name}": value for name, value in threads.items()}
    size = {"Global.max_side_len": LONGEST_SIDE, "Det.limit_type": "max", "Det.limit_side_len": LONGEST_SIDE}
    return RapidOCR(params={"Global.use_cls": False, "Global.log_level": "error", **size, **params})


def _readable(grey: np.ndarray) -> tuple[np.ndarray, float]:
    """8-bit levels in which ink may be brighter and darker than nearly all of the picture, and how much smaller."""
    low, high = (float(level) for level in np.percentile(grey[::2, ::2], (0.5, 99.5)))
    table = (np.arange(np.iinfo(grey.dtype).max + 1) - low) * (RANGE / max(high - low, 1e-9)) + (255 - RANGE) / 2
    levels = np.clip(table, 0, 255).astype(np.uint8)[grey]
    scale = min(1.0, LONGEST_SIDE / max(grey.shape))
    if scale == 1:
        return levels, scale
    height, width = (round(side * scale) for side in grey.shape)
    return np.asarray(Picture.fromarray(levels).resize((width, height), Picture.Resampling.BOX)), scale


def _starts(side: int) -> list[int]:
    """Where the tiles of a side begin: all of it is covered, each two overlap by so much that a word stands in one."""
    count = max(1, -(-(side - OVERLAP) // (TILE - OVERLAP)))
    return [round(step * max(0, side - TILE) / max(1, count - 1)) for step in range(count)]


def _merged(boxes: list[Box]) -> list[Box]:
    """The boxes from top to bottom, those that overlap as one: a word on two tiles is found twice."""
    merged: list[Box] = []
    for each in boxes:
        box = each
        while met := [other for other in merged if _meet(box, other)]:
            merged = [other for other in merged if other not in met]
            lefts, tops, rights, bottoms = zip(box, *met, strict=True)
            box = min(lefts), min(tops), max(rights), max(bottoms)
        merged.append(box)
    return sorted(merged, key=lambda box: (box[1], box[0]))


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
