"""CheXpert, both sizes: train/patient00001/study1/view1_frontal.jpg, with train.csv and valid.csv."""

import re

from radiorate.images.layouts import Layout, Tree, joined, present
from radiorate.images.manifest import Row

TABLE = r"(train|valid|test)\w*\.csv"
# The table's paths begin with the set's name, whatever the folder is called here.
PICTURE = re.compile(r"(?:train|valid|test)\w*/patient\d+/study\d+/view\d+_\w+\.jpg")
NO_LABELS = {"Path", "Sex", "Age", "Frontal/Lateral", "AP/PA"}


def rows(tree: Tree) -> dict[str, Row]:
    paths = {found[0]: file.name for file in tree.pictures if (found := PICTURE.search(file.name))}
    told = {}
    for row in tree.rows(TABLE):
        found = PICTURE.search(row["Path"])
        if found and found[0] in paths:
            told[paths[found[0]]] = {
                "region": "chest",
                "view": row["AP/PA"] or row["Frontal/Lateral"],
                "sex": row["Sex"],
                # 1.0 is present; -1.0 is "may be", which says too little.
                "pathology": joined(present(row, NO_LABELS)),
            }
    return told


LAYOUT = Layout(
    title="CheXpert",
    licence="CheXpert: Stanford research use agreement, no redistribution",
    source="CheXpert 1.0, stanfordmlgroup.github.io/competitions/chexpert",
    attribution="Stanford ML Group; Irvin et al., AAAI 2019",
    fits=lambda tree: tree.has_table(TABLE, "Path", "Sex", "Frontal/Lateral", "AP/PA"),
    rows=rows,
)
