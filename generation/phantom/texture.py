"""Seeded textures: streams of random numbers, clouds, and trabeculae that follow a direction."""

from __future__ import annotations

import itertools
import zlib
from functools import lru_cache

import numpy as np
from PIL import Image

ORIENTATIONS = 10
TILE = 512


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers that depend on the seed and the name alone, so that one part never disturbs another."""
    return np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, zlib.crc32(name.encode())])


def enlarged(field: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The field resampled to the shape, bicubic, float32."""
    image = Image.fromarray(np.ascontiguousarray(field, np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def clouds(random: np.random.Generator, shape: tuple[int, int], size: float, octaves: int = 3) -> np.ndarray:
    """Smooth noise of mean 0 and deviation 1; `size` is the largest blob in pixels."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        cell = max(size / 2**octave, 2.0)
        grid = random.standard_normal((int(shape[0] / cell) + 3, int(shape[1] / cell) + 3))
        total += enlarged(grid, shape) / 2**octave
    return (total - total.mean()) / (total.std() + 1e-6)


@lru_cache(maxsize=4)
def oriented_tiles(seed: int, period: float, spread: float) -> np.ndarray:
    """Band-passed noise tiles, shape (ORIENTATIONS, TILE, TILE), each striped along its own direction.

    period: stripe distance in pixels; spread: angular width in radians. Tile k runs along the angle k*pi/ORIENTATIONS.
    """
    noise = np.fft.rfft2(stream(seed, "trabeculae").standard_normal((TILE, TILE)).astype(np.float32))
    fy = np.fft.fftfreq(TILE)[:, None]
    fx = np.fft.rfftfreq(TILE)[None, :]
    radius = np.hypot(fx, fy) + 1e-9
    band = np.exp(-(np.log(radius * period) ** 2) / (2 * 0.7**2))
    angle = np.arctan2(fy, fx)
    tiles = np.empty((ORIENTATIONS, TILE, TILE), np.float32)
    for k in range(ORIENTATIONS):
        across = k * np.pi / ORIENTATIONS + np.pi / 2  # stripes along an angle have their frequencies across it
        apart = np.angle(np.exp(2j * (angle - across))) / 2
        tile = np.fft.irfft2(noise * band * np.exp(-(apart**2) / (2 * spread**2)), s=(TILE, TILE))
        tiles[k] = tile / tile.std()
    return tiles


def directions(shape: tuple[int, int], step: int, lines: list[np.ndarray]) -> np.ndarray:
    """Angle of the nearest lines on a coarse grid, blended by distance; lines are polylines in pixels of the crop."""
    rows = np.arange(0, shape[0] + step, step, dtype=float)[:, None]
    columns = np.arange(0, shape[1] + step, step, dtype=float)[None, :]
    total = np.zeros((len(rows), columns.shape[1]), complex)
    for line in lines:
        for (x0, y0), (x1, y1) in itertools.pairwise(line):
            length2 = (x1 - x0) ** 2 + (y1 - y0) ** 2 + 1e-9
            along = np.clip(((columns - x0) * (x1 - x0) + (rows - y0) * (y1 - y0)) / length2, 0, 1)
            away2 = (columns - x0 - along * (x1 - x0)) ** 2 + (rows - y0 - along * (y1 - y0)) ** 2
            total += np.exp(2j * np.arctan2(y1 - y0, x1 - x0)) / (away2 + 9.0 * step) ** 1.5
    return np.angle(total) / 2


def along(angles: np.ndarray, tiles: np.ndarray, shape: tuple[int, int], offset: tuple[int, int]) -> np.ndarray:
    """A texture of the shape whose stripes follow the coarse angle grid; deviation about 1."""
    rows = (np.arange(shape[0]) + offset[0]) % TILE
    columns = (np.arange(shape[1]) + offset[1]) % TILE
    result = np.zeros(shape, np.float32)
    power = np.zeros(angles.shape, np.float32)
    weights = []
    for k in range(ORIENTATIONS):
        weight = np.maximum(np.cos(2 * (angles - k * np.pi / ORIENTATIONS)), 0) ** 6
        weights.append(weight)
        power += weight**2
    scale = 1 / np.sqrt(power + 1e-9)
    for k, weight in enumerate(weights):
        if weight.max() > 0.01:
            result += enlarged(weight * scale, shape) * tiles[k][np.ix_(rows, columns)]
    return result


def strands(noise: np.ndarray) -> np.ndarray:
    """Noise as thin bright strands between darker gaps, of mean about 0 and deviation about 1."""
    return 0.75 * noise + 0.55 * np.maximum(noise, 0) - 0.22
