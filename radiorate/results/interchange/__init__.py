"""Input files of other programs for reader studies: one module a program, each made of the same readings.

A case is an image, its truth synthetic (1) or real (0); a modality is a criterion; the rating is how bad the image was
found, so that higher speaks for synthetic: the criterion's highest grade minus the score. First showings of main pairs.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np

from radiorate import registry
from radiorate.results.dataset import Dataset


@dataclass(frozen=True)
class Readings:
    """A reading a row; readers, cases and modalities are numbered from 1 in the order of their names here."""

    study: str
    simulated: bool
    readers: tuple[str, ...]
    modalities: tuple[str, ...]
    cases: tuple[str, ...]
    truth: np.ndarray  # (cases,), 1 synthetic, 0 real
    reader: np.ndarray  # (rows,) index
    case: np.ndarray  # (rows,) index
    modality: np.ndarray  # (rows,) index
    rating: np.ndarray  # (rows,)

    @property
    def heading(self) -> str:
        """What the file is of, in a line."""
        simulated = ", SIMULATED ratings: no person made them" if self.simulated else ""
        return f"{self.study}{simulated}: truth 1 = synthetic, 0 = real; rating = highest grade minus score"


def readings(dataset: Dataset) -> Readings:
    """All scores there are."""
    highest = np.array([scale.maximum for scale in dataset.criteria]).reshape(-1, 1, 1, 1)
    values = (highest - dataset.scores).transpose(1, 2, 3, 0)  # readers, pairs, origins, criteria
    reader, pair, origin, modality = np.nonzero(np.isfinite(values))
    return Readings(
        study=dataset.study,
        simulated=dataset.simulated,
        readers=dataset.readers,
        modalities=tuple(scale.key for scale in dataset.criteria),
        cases=tuple(f"{each.code}-{name}" for each in dataset.pairs for name in ("real", "synthetic")),
        truth=np.tile([0, 1], len(dataset.pairs)),
        reader=reader,
        case=2 * pair + origin,
        modality=modality,
        rating=values[reader, pair, origin, modality].astype(int),
    )


def complete(found: Readings) -> Readings:
    """The cases that every reader rated on every criterion, for programs that take no missing cell."""
    counted = np.bincount(found.case, minlength=len(found.cases))
    kept = np.flatnonzero(counted == len(found.readers) * len(found.modalities))
    which = np.isin(found.case, kept)
    return Readings(
        study=found.study,
        simulated=found.simulated,
        readers=found.readers,
        modalities=found.modalities,
        cases=tuple(found.cases[index] for index in kept),
        truth=found.truth[kept],
        reader=found.reader[which],
        case=np.searchsorted(kept, found.case[which]),
        modality=found.modality[which],
        rating=found.rating[which],
    )


def files(dataset: Dataset) -> dict[str, bytes]:
    """The content of each program's file, by name."""
    given, made = readings(dataset), {}
    for name in registry.names(__name__):
        suffix = cast(str, registry.load(__name__, name, "SUFFIX"))
        write = registry.load(__name__, name, "write")
        made[f"{name}{suffix}"] = cast(bytes, write(given))  # type: ignore[operator]
    return made
