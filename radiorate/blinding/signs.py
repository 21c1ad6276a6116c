"""How much a picture looks as if words were burnt into it: rows of small sharp signs of one height.

A cheap measure for comparing many pictures; whether one is held for a person's look is for images.writing to say.
"""

import numpy as np

STROKE = 9  # pixels; broader bright things are no strokes of small signs
RANGE = 160  # of 256 levels: ink may be brighter and darker than all but a few pixels of the picture
CONTRAST = 0.28  # of the picture's range, by which a stroke stands out of its surroundings
HEIGHTS = (6, 40)  # pixels of a sign, at one of the scales
SCALES = (1, 2, 4)  # large pictures have large words
LARGEST = 8_000_000  # pixels looked at in one scale; a whole detector plate is looked at in halves and quarters
SMALLEST_SIDE = 64  # pixels; smaller pictures hold no readable line
MOST_SIGNS = 5_000  # more is texture, and would be slow to follow

Box = tuple[int, int, int, int]  # top, bottom, left, right in pixels


def longest_row(grey: np.ndarray) -> int:
    """How many signs stand in the longest row of them; grey levels of shape (height, width), of any depth."""
    low, high = np.percentile(grey[::2, ::2], (0.5, 99.5))
    longest = 0
    for scale in SCALES:
        height, width = (side // scale for side in grey.shape)
        if height * width > LARGEST:
            continue
        if min(height, width) < SMALLEST_SIDE:
            break
        blocks = grey[: height * scale, : width * scale].reshape(height, scale, width, scale)
        small = (blocks.mean((1, 3), dtype=np.float32) - low) * (RANGE / max(high - low, 1e-9)) + (255 - RANGE) / 2
        levels = np.clip(small, 0, 255).astype(np.uint8)
        for bright in (levels, 255 - levels):
            longest = max(longest, _longest(_signs(bright)))
    return longest


def _signs(levels: np.ndarray) -> list[Box]:
    """Boxes of bright strokes of the size of letters, from left to right; levels of shape (height, width), uint8."""
    from scipy import ndimage

    strokes = levels - _opened(levels) > CONTRAST * RANGE
    labels, count = ndimage.label(strokes, structure=np.ones((3, 3)))
    boxes: list[Box] = []
    if count > 20 * MOST_SIGNS:
        return boxes
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if not HEIGHTS[0] <= height <= HEIGHTS[1] or width > 1.6 * height:
            continue
        share = (labels[rows, columns] == number).mean()
        if 0.15 <= share <= 0.95 or width <= 0.35 * height:  # an I or 1 fills its box
            boxes.append((rows.start, rows.stop, columns.start, columns.stop))
    return sorted(boxes, key=lambda box: box[2]) if len(boxes) <= MOST_SIGNS else []


def _opened(levels: np.ndarray) -> np.ndarray:
    """The picture without bright things narrower than STROKE, in the same shape (a morphological opening)."""
    opened = np.pad(levels, STROKE - 1, mode="edge")
    for pick in (np.minimum, np.minimum, np.maximum, np.maximum):
        # One axis, then the other; doubling the window makes four passes of nine.
        width = 1
        while width < STROKE:
            step = min(width, STROKE - width)
            opened = pick(opened[:-step], opened[step:])
            width += step
        opened = opened.T
    return opened


def _longest(boxes: list[Box]) -> int:
    """The number of boxes in the longest row: neighbours of one height on one line, a word's gap apart at most."""
    longest = 0
    for start, first in enumerate(boxes):
        last, count = first, 1
        for box in boxes[start + 1 :]:
            height = last[1] - last[0]
            if box[2] - last[3] > 1.3 * height:
                break
            level = abs(box[1] - last[1]) <= max(1, 0.2 * height)
            alike = abs((box[1] - box[0]) - height) <= max(1, 0.25 * height)
            if level and alike and box[2] >= last[3] - 1:
                last, count = box, count + 1
        longest = max(longest, count)
    return longest
