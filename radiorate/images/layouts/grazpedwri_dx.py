"""GRAZPEDWRI-DX: images_part1/0001_1297860395_01_WRI-L1_M014.png and dataset.csv, wrists of children.

The file name ends with side, projection, sex and age; dataset.csv says them too and goes first where it is there.
"""

import re

from radiorate.images.layouts import YES, Layout, Tree
from radiorate.images.manifest import Row

PICTURE = re.compile(r"\d{4}_\d+_\d+_WRI-([LR])([1-4])_([FM])\d{3}")
# The first is frontal, which says neither AP nor PA: the view is asked for.
PROJECTIONS = {"1": "frontal", "2": "lateral", "3": "oblique"}


def rows(tree: Tree) -> dict[str, Row]:
    told = {path: _row(*found.groups()) for stem, path in tree.stems.items() if (found := PICTURE.fullmatch(stem))}
    for row in tree.rows(r"dataset\.csv"):
        if path := tree.stems.get(row["filestem"]):
            told[path] = told.get(path, {}) | {
                name: value
                for name, value in _row(row["laterality"], row["projection"], row["gender"]).items()
                if value
            }
            if row.get("fracture_visible") in YES:
                told[path]["pathology"] = "fracture"
    return told


def _row(side: str, projection: str, sex: str) -> Row:
    view = PROJECTIONS.get(projection.removesuffix(".0"), "")
    return {"region": "wrist", "laterality": side, "view": view, "sex": sex}


LAYOUT = Layout(
    title="GRAZPEDWRI-DX",
    licence="CC BY 4.0",
    source="GRAZPEDWRI-DX, doi.org/10.6084/m9.figshare.14825193",
    attribution="Nagy et al., Sci Data 2022;9:222",
    fits=lambda tree: any(map(PICTURE.fullmatch, tree.stems)),
    rows=rows,
)
