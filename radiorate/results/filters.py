"""Parts of a study: the ratings of one generator, region, reader or session, as an address names them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from urllib.parse import urlencode

import numpy as np

from radiorate.results.dataset import NONE, REAL, SYNTHETIC, Dataset, Repeats


@dataclass(frozen=True)
class Filters:
    """What is looked at; an empty text is everything."""

    generator: str = ""
    body_part: str = ""
    reader: str = ""
    session: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """The filters an address names; other words in it are ignored."""
        return cls(**{field.name: str(query.get(field.name, ""))[:64] for field in fields(cls)})

    @property
    def query(self) -> str:
        """As the end of an address, empty for everything."""
        chosen = {key: value for key, value in asdict(self).items() if value}
        return f"?{urlencode(chosen)}" if chosen else ""

    @property
    def words(self) -> str:
        """Which part this is, for a caption; empty for everything."""
        told = [self.generator, self.body_part, self.reader, self.session and f"session {self.session}"]
        return ", ".join(filter(None, told))


def choices(dataset: Dataset) -> dict[str, list[str]]:
    """What each filter may be, in order."""
    return {
        "generator": sorted({pair.generator for pair in dataset.pairs} - {""}),
        "body_part": sorted({pair.body_part for pair in dataset.pairs} - {""}),
        "reader": list(dataset.readers),
        "session": [str(session) for session in np.unique(dataset.session[dataset.session > 0])],
    }


def select(dataset: Dataset, chosen: Filters) -> Dataset:
    """The dataset with the chosen readings only; readers and pairs without any are left out.

    Places stay those in the whole study, and a repeat goes with its first showing.
    """
    if not chosen.query:
        return dataset
    cell = dataset.session > 0
    if chosen.session:
        cell = cell & (dataset.session.astype(str) == chosen.session)
    if chosen.reader:
        cell = cell & (np.array(dataset.readers) == chosen.reader)[:, None]
    for name in ("generator", "body_part"):
        if wanted := getattr(chosen, name):
            cell = cell & np.array([getattr(pair, name) == wanted for pair in dataset.pairs], dtype=bool)
    readers, pairs = np.flatnonzero(cell.any(axis=1)), np.flatnonzero(cell.any(axis=0))
    kept = cell[np.ix_(readers, pairs)]

    def cut(array: np.ndarray, blank: float) -> np.ndarray:
        """The chosen cells of (readers, pairs), the others blank."""
        return np.where(kept, array[np.ix_(readers, pairs)], np.array(blank, dtype=array.dtype))

    new_reader, new_pair = _numbering(readers, len(dataset.readers)), _numbering(pairs, len(dataset.pairs))
    marks = dataset.marks.chosen(cell[dataset.marks.reader, dataset.marks.pair])
    inside = np.ix_(np.arange(len(dataset.criteria)), readers, pairs, np.arange(2))
    return replace(
        dataset,
        readers=tuple(dataset.readers[index] for index in readers),
        pairs=tuple(dataset.pairs[index] for index in pairs),
        scores=np.where(kept[None, :, :, None], dataset.scores[inside], np.nan),
        status=np.where(kept[None, :, :, None], dataset.status[inside], np.int8(NONE)),
        believed=cut(dataset.believed, -1),
        real_is_left=cut(dataset.real_is_left, False),
        confidence=cut(dataset.confidence, np.nan),
        seconds=cut(dataset.seconds, np.nan),
        session=cut(dataset.session, 0),
        place=cut(dataset.place, -1),
        repeats=_repeats(dataset.repeats, cell, new_reader, new_pair),
        marks=replace(marks, reader=new_reader[marks.reader], pair=new_pair[marks.pair]),
        counted={
            key: np.stack([cut(right[:, :, origin], np.nan) for origin in (REAL, SYNTHETIC)], axis=2)
            for key, right in dataset.counted.items()
        },
        preferred={key: cut(outcome, -1) for key, outcome in dataset.preferred.items()},
    )


def _repeats(repeats: Repeats, cell: np.ndarray, new_reader: np.ndarray, new_pair: np.ndarray) -> Repeats:
    """The repeats of chosen first showings."""
    which = cell[repeats.reader, repeats.pair]
    return Repeats(
        repeats.criterion[which],
        new_reader[repeats.reader[which]],
        new_pair[repeats.pair[which]],
        repeats.first[which],
        repeats.again[which],
    )


def _numbering(kept: np.ndarray, count: int) -> np.ndarray:
    """The new number of each old one, 0 where it is left out."""
    numbers = np.zeros(count, dtype=int)
    numbers[kept] = np.arange(len(kept))
    return numbers
