"""RJafroc: an Excel file of the sheets TRUTH, FP and TP for a crossed ROC study.

In R: `DfReadDataFile("rjafroc.xlsx", newExcelFileFormat = TRUE)`. It takes no missing cell, so the file holds the cases
that every reader rated on every criterion, renumbered. Readers and criteria have the numbers of the iMRMC file.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from radiorate.results.interchange import Readings, complete

SUFFIX = ".xlsx"
Cell = str | int

_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def write(given: Readings) -> bytes:
    """The workbook; the same readings give the same bytes."""
    found = complete(given)
    readers, modalities = (", ".join(map(str, range(1, len(names) + 1))) for names in (found.readers, found.modalities))
    truth: list[Sequence[Cell]] = [("CaseID", "LesionID", "Weight", "ReaderID", "ModalityID", "Paradigm")]
    # The first two cells of the last column name the paradigm and the design.
    paradigm = ["ROC", "FCTRL"]
    for number, synthetic in enumerate(found.truth.tolist(), 1):
        words = [paradigm[number - 1]] if number <= len(paradigm) else []
        truth.append((number, synthetic, synthetic, readers, modalities, *words))
    false: list[Sequence[Cell]] = [("ReaderID", "ModalityID", "CaseID", "FP_Rating")]
    true: list[Sequence[Cell]] = [("ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating")]
    for reader, modality, case, rating in zip(
        *(each.tolist() for each in (found.reader, found.modality, found.case, found.rating)), strict=True
    ):
        if found.truth[case]:
            true.append((reader + 1, modality + 1, case + 1, 1, rating))
        else:
            false.append((reader + 1, modality + 1, case + 1, rating))
    return _workbook({"TRUTH": truth, "FP": false, "TP": true})


def _workbook(sheets: dict[str, list[Sequence[Cell]]]) -> bytes:
    """A workbook of the sheets, texts inline."""
    numbered = list(enumerate(sheets, 1))
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        for number, _ in numbered
    )
    listed = "".join(f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, name in numbered)
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number, _ in numbered
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{_TYPES}.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        **{f"xl/worksheets/sheet{number}.xml": _sheet(sheets[name]) for number, name in numbered},
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), (_HEAD + text).encode(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _sheet(rows: Iterable[Sequence[Cell]]) -> str:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{chr(ord('A') + column)}{number}", value) for column, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(place: str, value: Cell) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'
