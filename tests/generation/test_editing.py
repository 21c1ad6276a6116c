"""The pixels of an edit, each against a count done another way."""

import io
import itertools
import math

import numpy as np
import pytest
from PIL import Image as Picture

from generation import editing, masking
from generation.provider import Pad


def shape(*shapes):
    return {"shapes": list(shapes)}


def rectangle(x, y, width, height):
    return {"kind": "rectangle", "x": x, "y": y, "width": width, "height": height}


def picture(seed=1, width=96, height=64):
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def test_a_rectangle_holds_the_pixels_whose_centre_it_holds():
    mask = masking.draw(shape(rectangle(0.25, 0.5, 0.5, 0.25)), 8, 8)
    expected = np.zeros((8, 8), np.uint8)
    expected[4:6, 2:6] = 255
    assert np.array_equal(mask, expected)


@pytest.mark.parametrize("seed", range(6))
def test_a_mask_is_what_asking_each_pixel_gives(seed):
    """Random shapes of every kind, against a slow answer pixel by pixel; a mask holds 0 and 255 alone."""
    random = np.random.default_rng(seed)
    width, height = 40, 28
    corners = random.random((5, 2))
    stroke, radius = random.random((4, 2)), 0.02 + 0.1 * random.random()
    box = [0.6 * random.random(), 0.6 * random.random(), 0.4 * random.random(), 0.4 * random.random()]

    def in_polygon(x, y):
        inside = False
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if (y0 * height > y) != (y1 * height > y):
                inside ^= x < (x0 + (y - y0 * height) / ((y1 - y0) * height) * (x1 - x0)) * width
        return inside

    def in_stroke(x, y):
        # The triangle over a segment has its height at the pixel, or the nearer end is what counts.
        for start, end in itertools.pairwise(stroke * (width, height)):
            first, second, base = math.dist((x, y), start), math.dist((x, y), end), math.dist(start, end)
            obtuse = max(first, second) ** 2 > min(first, second) ** 2 + base**2
            (x0, y0), (x1, y1) = start, end
            above = abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / base
            if (min(first, second) if obtuse else above) <= radius * width:
                return True
        return False

    def in_box(x, y):
        return box[0] <= x / width < box[0] + box[2] and box[1] <= y / height < box[1] + box[3]

    drawn = {
        in_polygon: {"kind": "polygon", "points": corners.tolist()},
        in_stroke: {"kind": "brush", "points": stroke.tolist(), "radius": radius},
        in_box: rectangle(*box),
    }
    for is_inside, one in drawn.items():
        mask = masking.draw(shape(one), width, height)
        expected = [[is_inside(x + 0.5, y + 0.5) for x in range(width)] for y in range(height)]
        assert np.array_equal(mask == 255, expected)
    together = masking.draw(shape(*drawn.values()), width, height)
    assert np.array_equal(together, np.maximum.reduce([masking.draw(shape(s), width, height) for s in drawn.values()]))
    assert set(np.unique(together)) <= {0, 255}


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {},
        shape(),
        shape("rectangle"),
        shape({"kind": "circle"}),
        shape({"kind": ["brush"]}),
        shape(rectangle(0, 0, 1.2, 1)),
        shape(rectangle(0, 0, float("nan"), 1)),
        shape(rectangle("0", 0, 1, 1)),
        shape({"kind": "polygon", "points": [[0, 0], [1, 1]]}),
        shape({"kind": "polygon", "points": [[0, 0], [1, 1], [1]]}),
        shape({"kind": "polygon", "points": "many"}),
        shape({"kind": "brush", "points": [[0, 0]]}),
        shape({"kind": "brush", "points": [[0, 0]], "radius": 0}),
        shape({"kind": "brush", "points": [[0, 0]], "radius": 0.21}),
        shape({"kind": "brush", "points": [[0.5, 0.5]] * 20_001, "radius": 0.1}),
    ],
)
def test_a_mask_that_cannot_be_drawn_has_a_sentence(wrong):
    assert masking.problems(wrong)
    assert not masking.problems(shape(rectangle(0, 0, 1, 1), {"kind": "brush", "points": [[0, 0]], "radius": 0.1}))


@pytest.mark.parametrize(
    ("source", "most", "working"),
    [
        ((1024, 1024), (1024, 1024), (1024, 1024)),
        ((2500, 2048), (1024, 1024), (1024, 832)),
        ((96, 120), (1024, 1024), (96, 128)),
        ((3000, 1000), (1024, 512), (1024, 336)),
        ((1000, 10), (1000, 1000), (992, 16)),
    ],
)
def test_the_working_size_fits_and_lies_on_the_grid(source, most, working):
    assert editing.working_size(*source, *most) == working


def test_eight_bits_of_the_right_size_stay_as_they_are():
    assert editing.working_picture(picture(), (96, 64)) is not None
    assert np.array_equal(editing.working_picture(picture(), (96, 64)), picture())


def test_twelve_bits_get_the_window_of_a_rendition():
    deep = (picture().astype(np.uint16) + 200) * 9
    working = editing.working_picture(deep, (96, 64))
    assert (working.min(), working.max()) == (0, 255)
    assert np.corrcoef(working.ravel(), deep.ravel())[0, 1] > 0.999


@pytest.mark.parametrize("seed", range(8))
def test_a_composite_keeps_every_pixel_outside_the_mask_and_takes_every_one_inside(seed):
    canvas, delivered = picture(seed), picture(seed + 100)
    mask = np.where(np.random.default_rng(seed).random(canvas.shape) < 0.3, 255, 0).astype(np.uint8)
    made = editing.composite(canvas, mask, delivered)
    assert np.array_equal(made.pixels[mask == 0], canvas[mask == 0])
    assert np.array_equal(made.pixels[mask == 255], delivered[mask == 255])
    apart = np.abs(canvas.astype(int) - delivered)[mask == 0]
    assert made.changed_outside == pytest.approx((apart > editing.TOLERANCE).mean())
    assert made.changed_outside > 0.8  # the control: without compositing the kept pixels are others


def test_a_lossy_answer_is_no_repainting_and_a_repainting_is():
    coarse = Picture.fromarray(picture(3, 12, 8)).resize((192, 128), Picture.Resampling.BICUBIC)
    canvas = np.asarray(coarse)
    stream = io.BytesIO()
    coarse.save(stream, "JPEG", quality=85)
    lossy = np.asarray(Picture.open(stream))
    mask = masking.draw(shape(rectangle(0.4, 0.4, 0.2, 0.2)), 192, 128)
    assert not np.array_equal(lossy, canvas)
    assert editing.composite(canvas, mask, lossy).changed_outside < 0.01
    assert editing.composite(canvas, mask, np.roll(canvas, 9)).changed_outside > 0.3


def test_an_answer_of_another_size_or_depth_is_brought_to_the_order_first():
    canvas = np.asarray(Picture.fromarray(picture(3, 12, 8)).resize((96, 64), Picture.Resampling.BICUBIC))
    larger = np.asarray(Picture.fromarray(canvas).resize((192, 128), Picture.Resampling.BICUBIC))
    mask = masking.draw(shape(rectangle(0, 0, 0.5, 1)), 96, 64)
    made = editing.composite(canvas, mask, larger)
    assert (made.pixels.shape, made.resampled_from) == ((64, 96), (192, 128))
    assert made.changed_outside == 0
    deep = editing.composite(canvas, mask, canvas.astype(np.uint16) * 257)
    assert (np.array_equal(deep.pixels, canvas), deep.resampled_from) == (True, None)


def test_an_extended_canvas_holds_the_source_where_the_pad_says():
    source, pad = picture(), Pad(left=16, right=32, top=0, bottom=48)
    canvas, mask = editing.extended(source, pad)
    assert canvas.shape == mask.shape == (64 + 48, 16 + 96 + 32)
    assert np.array_equal(canvas[:64, 16:112], source)
    assert not mask[:64, 16:112].any()
    assert (mask == 255).sum() == canvas.size - source.size


def test_the_distance_is_that_to_the_nearest_pixel_of_the_source():
    left, top, right, bottom = 5, 3, 11, 9
    found = editing.distance(20, 16, (left, top, right, bottom))
    for y, x in np.ndindex(16, 20):
        nearest = min(np.hypot(x - i, y - j) for i in range(left, right) for j in range(top, bottom))
        assert found[y, x] == round(nearest)
    assert found.dtype == np.uint16


def test_pads_are_rounded_up_to_the_grid():
    assert editing.on_grid(Pad(left=1, right=16, top=17)) == Pad(left=16, right=16, top=32, bottom=0)
