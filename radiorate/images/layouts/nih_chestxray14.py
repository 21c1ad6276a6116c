"""NIH ChestX-ray14: images_001/images/00000001_000.png and Data_Entry_2017.csv, which also came as _v2020."""

from radiorate.images.layouts import Layout, Tree, joined
from radiorate.images.manifest import Row

TABLE = r"Data_Entry_2017.*\.csv"


def rows(tree: Tree) -> dict[str, Row]:
    # The head has commas inside brackets, so only the columns before "OriginalImage[Width,Height]" are in their place.
    return {
        tree.stems[stem]: {
            "region": "chest",
            "view": row["View Position"],
            "sex": row["Patient Gender"],
            "pathology": joined(row["Finding Labels"].split("|")),
        }
        for row in tree.rows(TABLE)
        if (stem := row["Image Index"].rpartition(".")[0]) in tree.stems
    }


LAYOUT = Layout(
    title="NIH ChestX-ray14",
    licence="NIH ChestX-ray14: use unrestricted, credit the NIH Clinical Center",
    source="NIH ChestX-ray14, nihcc.app.box.com/v/ChestXray-NIHCC",
    attribution="NIH Clinical Center; Wang et al., CVPR 2017",
    fits=lambda tree: tree.has_table(TABLE, "Image Index", "Finding Labels", "Patient Gender", "View Position"),
    rows=rows,
)
