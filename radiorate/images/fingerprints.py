"""What images look like at a small size, and which of many looks like one: no training, no network, numpy alone.

Two radiographs of one region are much alike as a whole: two chests correlate up to 0.93. What tells one patient from
the next is finer, so a picture is compared by what stands out of its surroundings (`_standing_out`), and laid over the
other at several sizes and places, because a copy may be cut at its edges. docs/outputs.md has what was measured.
"""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.core.files.storage import default_storage
from PIL import Image as Picture

from radiorate.images.decoding import decode
from radiorate.images.models import Fingerprint, Image

KEPT, SIDE = 64, 32  # pixels a side: of the picture that is kept, and of the one that is compared
SIZES = (32, 31, 30, 29)  # pixels of SIDE that the picture may fill in the other: a copy is cut by up to a tenth
PLAY = 1  # pixels of SIDE by which it may also stand over the edge
SURROUNDINGS = 3  # pixels of SIDE in each direction
PADDING = 8  # grey levels of 255: an edge that varies by no more is padding
LIKELIEST = 256  # so many are compared at all sizes and places; the others at each size once, in the middle
LOWEST = 8  # frequencies a direction in the hash


@dataclass(frozen=True)
class Known:
    """Many images to look among: ids, hashes (images,) uint64, and pictures (images, SIDE * SIDE) float32."""

    ids: list[UUID]
    hashes: np.ndarray
    pictures: np.ndarray


@dataclass(frozen=True)
class Likeness:
    """How much one known image is like the picture: correlation in -1..1, and bits of 64 by which the hashes differ."""

    index: int
    correlation: float
    hash_distance: int


def of(image: Image) -> Fingerprint:
    """The stored fingerprint, made from the original if it is missing."""
    if not (found := Fingerprint.objects.filter(image=image).first()):
        with default_storage.open(str(image.original)) as original:
            keep(image, decode(original.read()).array)
        found = Fingerprint.objects.get(image=image)
    return found


def keep(image: Image, grey: np.ndarray) -> None:
    """Store the fingerprint of grey levels of shape (height, width), uint8 or uint16; one that is there stays."""
    picture = small(grey)
    row = Fingerprint(image=image, hash=int(perceptual_hash(picture).astype(np.int64)), picture=picture.tobytes())
    Fingerprint.objects.bulk_create([row], ignore_conflicts=True)


def renew(image: Image, grey: np.ndarray) -> None:
    """Store the fingerprint of an image whose pixels were changed; what it was compared to is looked for again."""
    picture = small(grey)
    told = {"hash": int(perceptual_hash(picture).astype(np.int64)), "picture": picture.tobytes(), "compared_at": None}
    Fingerprint.objects.update_or_create(image=image, defaults=told)


def small(grey: np.ndarray) -> np.ndarray:
    """Grey levels of shape (KEPT, KEPT), uint8, from darkest to brightest; the shape of the plate is left behind."""
    shrunk = _resized(np.ascontiguousarray(grey, dtype=np.float32), KEPT)
    low, high = shrunk.min(), shrunk.max()
    return np.rint((shrunk - low) * (255 / max(high - low, 1e-9))).astype(np.uint8)


def perceptual_hash(picture: np.ndarray) -> np.uint64:
    """64 bits: which of the 8 x 8 lowest frequencies of a picture (KEPT, KEPT) are above their median.

    Source: the discrete cosine transform's use in pHash, Zauner 2010, Implementation and benchmarking of perceptual
    image hash functions, section 3.2.1.
    """
    place, frequency = np.arange(SIDE), np.arange(LOWEST)[:, None]
    waves = np.cos(np.pi * frequency * (2 * place + 1) / (2 * SIDE))
    weights = (waves @ _resized(picture, SIDE) @ waves.T).ravel()
    bits = weights > np.median(weights[1:])  # the first is the mean grey level
    return np.packbits(bits).view(">u8")[0].astype(np.uint64)


def known(rows: list[tuple[UUID, int, bytes]]) -> Known:
    """The fingerprints (id, hash, picture) of images to look among."""
    kept = np.frombuffer(b"".join(picture for _, _, picture in rows), np.uint8)
    halves = kept.reshape(-1, SIDE, KEPT // SIDE, SIDE, KEPT // SIDE).mean(axis=(2, 4), dtype=np.float32)
    return Known(
        [id_ for id_, _, _ in rows],
        np.array([hash_ for _, hash_, _ in rows], np.int64).astype(np.uint64),
        _standing_out(halves).reshape(-1, SIDE * SIDE),
    )


def alike(picture: np.ndarray, among: Known, correlation: float, hash_distance: int) -> list[Likeness]:
    """Those of the known images that correlate by so much or whose hashes differ by no more, most alike first.

    picture: (KEPT, KEPT) uint8. It is looked at as it is, without padding, and each of these as in a mirror.
    """
    if not among.ids:
        return []
    looks = [view[:, ::step] for view in _views(picture) for step in (1, -1)]
    hashes = np.array([perceptual_hash(look) for look in looks])
    distances = np.bitwise_count(among.hashes[:, None] ^ hashes).min(axis=1)
    rough = _correlations(among.pictures, *_placed(looks, everywhere=False))
    chosen = np.flatnonzero(distances <= hash_distance)
    if len(rough) > LIKELIEST:
        chosen = np.union1d(chosen, np.argpartition(-rough, LIKELIEST)[:LIKELIEST])
    else:
        chosen = np.arange(len(rough))
    best = _correlations(among.pictures[chosen], *_placed(looks, everywhere=True))
    found = [
        Likeness(int(index), float(value), int(distances[index]))
        for index, value in zip(chosen, best, strict=True)
        if value >= correlation or distances[index] <= hash_distance
    ]
    return sorted(found, key=lambda one: -one.correlation)


def _views(picture: np.ndarray) -> list[np.ndarray]:
    """The picture, and the picture without its padding where it has any: generators pad to squares."""
    spans = []
    for axis in (1, 0):
        low, high = np.percentile(picture, (5, 95), axis=axis)
        kept = np.flatnonzero(high - low > PADDING)
        spans.append((kept[0], kept[-1] + 1) if len(kept) > KEPT // 4 else (0, KEPT))
    (top, bottom), (left, right) = spans
    inner = picture[top:bottom, left:right]
    return [picture] if inner.shape == picture.shape else [picture, _resized(inner, KEPT)]


def _placed(looks: list[np.ndarray], *, everywhere: bool) -> tuple[np.ndarray, np.ndarray]:
    """(places, SIDE * SIDE) twice: each look at each size laid into a square, of norm 1, and where it lies (1, else 0).

    everywhere: at all places of the square; else in its middle only.
    """
    laid, covers = [], []
    for look in looks:
        for size in SIZES:
            shape = _standing_out(_resized(look, size)[None])[0]
            middle = (SIDE - size) // 2
            places = range(-PLAY, SIDE - size + PLAY + 1) if everywhere else range(middle, middle + 1)
            for y in places:
                for x in places:
                    square, cover = np.zeros((2, SIDE, SIDE), np.float32)
                    there = slice(max(0, y), y + size), slice(max(0, x), x + size)
                    part = shape[max(0, -y) : SIDE - y, max(0, -x) : SIDE - x]
                    part = part - part.mean()
                    square[there], cover[there] = part / max(float(np.linalg.norm(part)), 1e-9), 1
                    laid.append(square.ravel())
                    covers.append(cover.ravel())
    return np.array(laid), np.array(covers)


def _correlations(pictures: np.ndarray, laid: np.ndarray, covers: np.ndarray) -> np.ndarray:
    """(pictures,): each picture's correlation with the square it fits best, over what that square covers."""
    pixels = covers.sum(axis=1)
    spread = (pictures**2) @ covers.T - (pictures @ covers.T) ** 2 / pixels
    return (pictures @ laid.T / np.sqrt(np.maximum(spread, 1e-9))).max(axis=1)


def _standing_out(pictures: np.ndarray) -> np.ndarray:
    """(pictures, side, side) float32: each pixel less the mean of its surroundings, each picture of norm 1."""
    width = 2 * SURROUNDINGS + 1
    edges = ((0, 0), (SURROUNDINGS, SURROUNDINGS), (SURROUNDINGS, SURROUNDINGS))
    sums = np.pad(pictures, edges, mode="reflect")
    for axis in (1, 2):
        sums = np.cumsum(np.insert(sums, 0, 0, axis=axis), axis=axis)
    corners = sums[:, width:, width:] - sums[:, :-width, width:] - sums[:, width:, :-width] + sums[:, :-width, :-width]
    rest = pictures - corners / width**2
    norms = np.sqrt((rest**2).sum(axis=(1, 2), keepdims=True))
    return (rest / np.maximum(norms, 1e-9)).astype(np.float32)


def _resized(picture: np.ndarray, side: int) -> np.ndarray:
    floats = Picture.fromarray(np.ascontiguousarray(picture, dtype=np.float32))
    return np.asarray(floats.resize((side, side), Picture.Resampling.BOX))
