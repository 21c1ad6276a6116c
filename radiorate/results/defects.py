"""Where readers pinned defects: counts by kind, and on a grid by region and maker of the image."""

from typing import Any

import numpy as np

from radiorate.results.dataset import REAL, SYNTHETIC, Dataset

CELLS = 12  # a side of the grid

Json = dict[str, Any]


def count(dataset: Dataset) -> Json:
    """{by_tag: pins on real and synthetic images, maps: a grid for each region and maker, "real" being one}.

    A grid is {body_part, generator, images (rated ones), marks, cells}; cells are [column, row, pins] from 0, 0 at the
    top left, by row and column; cells without pins are left out.
    """
    marks = dataset.marks
    by_tag = {
        str(tag): {
            name: int(((marks.tag == tag) & (marks.origin == origin)).sum())
            for name, origin in (("real", REAL), ("synthetic", SYNTHETIC))
        }
        for tag in np.unique(marks.tag)
    }
    parts = np.array([pair.body_part for pair in dataset.pairs], dtype=str)
    makers = np.array([pair.generator for pair in dataset.pairs], dtype=str)
    maps = []
    for part in np.unique(parts):
        maps.append(_grid(dataset, part, "real", REAL, parts == part))
        maps += [
            _grid(dataset, part, maker, SYNTHETIC, (parts == part) & (makers == maker))
            for maker in np.unique(makers[parts == part])
        ]
    return {"by_tag": by_tag, "maps": maps}


def _grid(dataset: Dataset, part: str, maker: str, origin: int, pairs: np.ndarray) -> Json:
    marks = dataset.marks
    own = (marks.origin == origin) & pairs[marks.pair]
    column, row = (np.clip(np.floor(each[own] * CELLS).astype(int), 0, CELLS - 1) for each in (marks.x, marks.y))
    cells, counts = np.unique(row * CELLS + column, return_counts=True)
    return {
        "body_part": str(part),
        "generator": str(maker),
        "images": int(pairs.sum()),
        "marks": int(own.sum()),
        "cells": [[int(cell % CELLS), int(cell // CELLS), int(n)] for cell, n in zip(cells, counts, strict=True)],
    }
