"""From optical depth to the grey values a detector shows: beam, scatter, noise, processing, shutter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.phantom import texture

Window = tuple[slice, slice]
WHOLE: Window = (slice(None), slice(None))


@dataclass(frozen=True)
class Exposure:
    """How a picture is taken and processed; all drawn from the seed by `chosen`."""

    photons: float = 900.0  # behind the patient, a pixel: the automatic exposure control sees to that
    heel: float = 0.10  # fall of the beam across the plate, as a share
    heel_angle: float = np.pi / 2
    scatter: float = 0.25  # scattered to primary radiation behind the patient
    blur: float = 0.65  # pixels
    levelling: float = 0.45  # how much of the large-scale contrast the processing takes away
    sharpening: float = 0.55
    toe: float = 0.02  # share of the anatomy below the window, and a twentieth of it above
    lift: float = 0.14  # how far above black the thinnest anatomy lies, as a share
    gamma: float = 1.0
    black: float = 6.0


def chosen(random: np.random.Generator, base: Exposure) -> Exposure:
    """The base exposure as another day, tube and radiographer would have made it."""
    return Exposure(
        photons=base.photons * float(np.exp(random.normal(0, 0.35))),
        heel=base.heel * float(random.uniform(0.4, 1.4)),
        heel_angle=float(random.choice([-1, 1])) * np.pi / 2 + float(random.normal(0, 0.15)),
        scatter=base.scatter * float(random.uniform(0.7, 1.4)),
        blur=base.blur * float(random.uniform(0.8, 1.3)),
        levelling=base.levelling * float(random.uniform(0.75, 1.2)),
        sharpening=base.sharpening * float(random.uniform(0.6, 1.4)),
        toe=base.toe,
        lift=base.lift,
        gamma=base.gamma * float(np.exp(random.normal(0, 0.10))),
        black=float(random.uniform(0, 14)),
    )


def low_pass(field: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of a large sigma (pixels), done coarsely because nobody sees the difference."""
    from scipy import ndimage

    step = max(1, int(sigma / 4))
    coarse = field[::step, ::step]
    return texture.enlarged(ndimage.gaussian_filter(coarse, sigma / step, mode="nearest"), field.shape)


def exposed(depth: np.ndarray, exposure: Exposure, field: np.ndarray, seed: int, inner: Window = WHOLE) -> np.ndarray:
    """What the detector measures, as apparent optical depth.

    depth: optical depth, shape (height, width); field: the collimated beam, 1 in and 0 outside, same shape.
    inner: the part of a wider picture that sets beam and dose.
    """
    from scipy import ndimage

    rows = _across(depth.shape[0], inner[0])[:, None]
    columns = _across(depth.shape[1], inner[1])[None, :]
    slope = columns * np.cos(exposure.heel_angle) + rows * np.sin(exposure.heel_angle)
    beam = (1 + exposure.heel * slope) * field
    primary = beam * np.exp(-depth)
    scattered = low_pass(primary * np.minimum(depth, 3.0), 0.10 * max(depth[inner].shape)) * exposure.scatter
    signal = ndimage.gaussian_filter(primary, exposure.blur) + scattered
    random = texture.stream(seed, "quanta")
    grain = random.standard_normal(depth.shape, dtype=np.float32)
    # Light spreads in the phosphor after the quanta are absorbed: noise of a detector is not white.
    grain = 0.30 * grain + 1.15 * ndimage.gaussian_filter(grain, 0.7)
    # The control switches the beam off when the darker half of the field has had its dose.
    dosed = signal[inner][::8, ::8][field[inner][::8, ::8] > 0.5]
    photons = exposure.photons / np.quantile(dosed, 0.3)
    noisy = signal + grain * np.sqrt(np.maximum(signal, 1e-6) / photons) + 2e-5
    return -np.log(np.maximum(noisy, 3e-5)).astype(np.float32)


def processed(
    image: np.ndarray, exposure: Exposure, field: np.ndarray, marker: np.ndarray, inner: Window = WHOLE
) -> np.ndarray:
    """The display picture, 0..255 float: levelled, sharpened, windowed on the exposed part, with an S-shaped curve.

    inner: the part of a wider picture that sets the window.
    """
    size = max(image[inner].shape)
    seen = field > 0.9
    # In the penumbra the beam itself is weaker; without this the frame would look like bone and set the window.
    flat = image + np.log(np.clip(field, 0.05, 1.0))
    filled = np.where(field > 0.05, flat, np.median(image[inner][seen[inner]]))
    coarse = low_pass(filled, 0.06 * size)
    fine, finest = low_pass(filled, 0.006 * size), low_pass(filled, 0.0016 * size)
    detail = filled - 0.7 * fine - 0.3 * finest
    level = filled - exposure.levelling * (coarse - coarse[inner].mean()) + exposure.sharpening * detail
    # What the bare beam reached, or lead covers, is no anatomy: the window is set on the rest.
    anatomy = level[inner][(seen & (image > 0.12) & (marker < 0.02))[inner]]
    sample = anatomy if len(anatomy) > 1000 else level[inner][seen[inner]]
    low, high = np.quantile(sample[:: max(1, len(sample) // 60000)], [exposure.toe, 1 - exposure.toe / 20])
    low -= exposure.lift * (high - low)
    span = max(high - low, 0.05)
    share = np.clip((level - low) / span, -0.1, 1.15)
    curve = 1 / (1 + np.exp(-4.6 * (share - 0.5)))
    share = np.clip((curve - 0.091) / 0.818, 0, 1) * 0.55 + np.clip(share, 0, 1) * 0.45
    return exposure.black + (250 - exposure.black) * share**exposure.gamma


def _across(size: int, inner: slice) -> np.ndarray:
    """Where each row or column lies, from -0.5 to 0.5 over the inner part, float32 of shape (size,)."""
    start, stop, _ = inner.indices(size)
    before, after = start / (stop - start - 1), (size - stop) / (stop - start - 1)
    return np.linspace(-0.5 - before, 0.5 + after, size, dtype=np.float32)
