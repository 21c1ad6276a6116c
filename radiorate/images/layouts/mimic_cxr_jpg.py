"""MIMIC-CXR-JPG: files/p10/p10000032/s50414267/<dicom_id>.jpg, with tables of metadata and labels packed by gzip.

The sex stands in another set, MIMIC-IV: its patients.csv.gz is read where it lies beside the pictures.
"""

import re

from radiorate.images.layouts import Layout, Tree, joined, present
from radiorate.images.manifest import Row

METADATA = r"mimic-cxr-2\.\d\.\d-metadata\.csv(\.gz)?"
LABELS = r"mimic-cxr-2\.\d\.\d-chexpert\.csv(\.gz)?"
PATIENTS = r"patients\.csv(\.gz)?"
PICTURE = re.compile(r"p(\d+)/s(\d+)/[^/]+$")
NO_LABELS = {"subject_id", "study_id"}


def rows(tree: Tree) -> dict[str, Row]:
    told: dict[str, Row] = {}
    of_study: dict[str, list[Row]] = {}
    of_patient: dict[str, list[Row]] = {}
    for metadata in tree.rows(METADATA):
        path = tree.stems.get(metadata["dicom_id"])
        if path and (found := PICTURE.search(path)):
            told[path] = {"region": "chest", "view": metadata["ViewPosition"]}
            of_patient.setdefault(found[1], []).append(told[path])
            of_study.setdefault(found[2], []).append(told[path])
    for label in tree.rows(LABELS):
        for row in of_study.get(label["study_id"], []):
            row["pathology"] = joined(present(label, NO_LABELS))
    for patient in tree.rows(PATIENTS):
        for row in of_patient.get(patient["subject_id"], []):
            row["sex"] = patient["gender"]
    return told


LAYOUT = Layout(
    title="MIMIC-CXR-JPG",
    licence="PhysioNet Credentialed Health Data License 1.5.0",
    source="MIMIC-CXR-JPG, physionet.org/content/mimic-cxr-jpg",
    attribution="Johnson et al., MIMIC-CXR-JPG, PhysioNet",
    fits=lambda tree: tree.has_table(METADATA, "dicom_id", "ViewPosition"),
    rows=rows,
)
