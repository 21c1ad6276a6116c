"""FracAtlas: images/Fractured/IMG0000019.jpg and dataset.csv, a 0 or 1 for each region, view and finding.

Its "frontal" is no AP and no PA, and a picture of several regions or views has none: these are asked for.
"""

from radiorate.images.layouts import Layout, Tree
from radiorate.images.manifest import Row

REGIONS, VIEWS = ("hand", "leg", "hip", "shoulder"), ("frontal", "lateral", "oblique")


def rows(tree: Tree) -> dict[str, Row]:
    return {
        tree.stems[stem]: {
            "region": "" if row.get("mixed") == "1" else _only(row, REGIONS),
            "view": "" if row.get("multiscan") == "1" else _only(row, VIEWS),
            "pathology": {"1": "fracture", "0": "no fracture"}.get(row["fractured"], ""),
        }
        for row in tree.rows(r"dataset\.csv")
        if (stem := row["image_id"].rpartition(".")[0] or row["image_id"]) in tree.stems
    }


def _only(row: Row, names: tuple[str, ...]) -> str:
    told = [name for name in names if row.get(name) == "1"]
    return told[0] if len(told) == 1 else ""


LAYOUT = Layout(
    title="FracAtlas",
    licence="CC BY 4.0",
    source="FracAtlas, doi.org/10.6084/m9.figshare.22363012",
    attribution="Abedeen et al., Sci Data 2023;10:521",
    fits=lambda tree: tree.has_table(r"dataset\.csv", "image_id", "fractured", *REGIONS),
    rows=rows,
)
