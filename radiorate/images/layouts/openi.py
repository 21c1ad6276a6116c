"""Open-i (Indiana University): CXR1_1_IM-0001-3001.png and ecgen-radiology/1.xml, which names its pictures.

A view stands only in the indiana_projections.csv of a mirror, whose file names begin a little later.
"""

import re
from xml.etree import ElementTree

from radiorate.images.layouts import Layout, Tree, joined
from radiorate.images.manifest import Row, Unreadable
from radiorate.images.sources import Found

PICTURE = re.compile(r"(?:CXR\d+_)?(\d+_IM-\d+-\d+(?:-\d+)*)(?:\.dcm)?")
REPORT, PROJECTIONS = r"\d+\.xml", r"indiana_projections\.csv"


def rows(tree: Tree) -> dict[str, Row]:
    paths = {found[1]: path for stem, path in tree.stems.items() if (found := PICTURE.fullmatch(stem))}
    told: dict[str, Row] = {path: {"region": "chest"} for path in paths.values()}
    for file in tree.labels(REPORT):
        report = _report(file)
        findings = joined([term.text or "" for term in report.iterfind(".//MeSH/major")])
        for picture in report.iterfind(".//parentImage"):
            found = PICTURE.fullmatch(picture.get("id", ""))
            if found and found[1] in paths:
                told[paths[found[1]]]["pathology"] = findings
    for row in tree.rows(PROJECTIONS):
        found = PICTURE.fullmatch(row["filename"].rpartition(".")[0])
        if found and found[1] in paths:
            told[paths[found[1]]]["view"] = row["projection"].lower()
    return told


def _report(file: Found) -> ElementTree.Element:
    data = file.read()
    # An entity that a document defines for itself may grow without end; the reports define none.
    if b"<!ENTITY" in data or b"<!DOCTYPE" in data:
        raise Unreadable(f"{file.name[-100:]} defines entities; a report of this set has none.")
    try:
        return ElementTree.fromstring(data)  # noqa: S314  (no entities, as just seen)
    except ElementTree.ParseError:
        raise Unreadable(f"{file.name[-100:]} is damaged.") from None


LAYOUT = Layout(
    title="Open-i (Indiana University)",
    licence="CC BY-NC-ND 4.0",
    source="Indiana University Chest X-rays, openi.nlm.nih.gov",
    attribution="Demner-Fushman et al., J Am Med Inform Assoc 2016;23:304",
    fits=lambda tree: any(map(PICTURE.fullmatch, tree.stems)),
    rows=rows,
)
