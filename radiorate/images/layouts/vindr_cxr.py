"""VinDr-CXR: train/<image_id>.dicom, and tables in which up to three radiologists say what they see in a picture.

Sex and view stand in the DICOM headers.
"""

from collections import Counter, defaultdict

from radiorate.images.layouts import Layout, Tree, joined, present
from radiorate.images.manifest import Row

TABLE = r"(image_labels_(train|test)|annotations_(train|test)|train|test)\.csv"
NO_LABELS = {"image_id", "rad_id", "rad_ID", "class_id", "class_name", "x_min", "y_min", "x_max", "y_max"}
OF_MIRROR = ("image_id", "class_name", "rad_id")


def rows(tree: Tree) -> dict[str, Row]:
    said: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in tree.rows(TABLE):
        if (image := row.get("image_id", "")) in tree.stems:
            findings = {*present(row, NO_LABELS), row.get("class_name", "")} - {""}
            said[image][row.get("rad_id") or row.get("rad_ID", "")] |= findings
    return {tree.stems[image]: {"region": "chest", "pathology": _of_most(by)} for image, by in said.items()}


def _of_most(by: dict[str, set[str]]) -> str:
    """What more than half of the radiologists saw who looked at the picture."""
    votes = Counter(finding for findings in by.values() for finding in findings)
    return joined(sorted(finding for finding, count in votes.items() if 2 * count > len(by)))


LAYOUT = Layout(
    title="VinDr-CXR",
    licence="PhysioNet Credentialed Health Data License 1.5.0",
    source="VinDr-CXR, physionet.org/content/vindr-cxr",
    attribution="Nguyen et al., Sci Data 2022;9:429",
    # The sets of children and of spines by the same group have the same tables with other findings.
    fits=lambda tree: (
        tree.has_table(TABLE, "image_id", "Aortic enlargement")
        or (any(file.name.endswith(".dicom") for file in tree.pictures) and tree.has_table(r"train\.csv", *OF_MIRROR))
    ),
    rows=rows,
)
