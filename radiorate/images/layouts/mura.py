"""MURA: train/XR_WRIST/patient00001/study1_positive/image1.png; the path says all there is, so no table is needed."""

import re

from radiorate.images.layouts import Layout, Tree
from radiorate.images.manifest import Row

PICTURE = re.compile(
    r"(?:^|/)XR_(ELBOW|FINGER|FOREARM|HAND|HUMERUS|SHOULDER|WRIST)/patient\d+/study\d+_(positive|negative)/[^/]+$"
)


def rows(tree: Tree) -> dict[str, Row]:
    return {
        file.name: {"region": found[1].lower(), "pathology": "abnormal" if found[2] == "positive" else "normal"}
        for file in tree.pictures
        if (found := PICTURE.search(file.name))
    }


LAYOUT = Layout(
    title="MURA",
    licence="MURA: Stanford research use agreement, no redistribution",
    source="MURA 1.1, stanfordmlgroup.github.io/competitions/mura",
    attribution="Stanford ML Group; Rajpurkar et al., arXiv:1712.06957",
    fits=lambda tree: any(PICTURE.search(file.name) for file in tree.pictures),
    rows=rows,
)
