"""The data dictionary, made of the exports themselves: what each column of each file holds."""

import csv
import io

from radiorate.results import exports
from radiorate.results.exports import SIMULATED

PREFACE = """# Data dictionary

What the files of `manage.py export` and of the results page hold. Written by `manage.py data_dictionary` from the
exports themselves: change those, not this page.

All files are UTF-8 with a header, commas, LF and RFC 4180 quotes. An empty cell is a missing value. Times are RFC 3339
in UTC. A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a full-width form of
these, a tab or a line break) has an apostrophe before it; numbers are left alone. Readers, pairs and images are codes
of one study: the same image has another code in another study. The files of a simulated study have one more column,
`simulated`, always `true`.
"""


def markdown() -> str:
    """The dictionary as a page."""
    lines = [PREFACE]
    for name in exports.names():
        export = exports.find(name)
        lines += [f"## {name}.csv", "", f"One row is {export.row}.", "", "| column | type | holds |", "|---|---|---|"]
        lines += [f"| {column.name} | {column.type} | {column.meaning} |" for column in export.columns]
        lines.append("")
    return "\n".join(lines)


def table() -> str:
    """The dictionary as CSV: file, column, type, meaning."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["file", "column", "type", "meaning"])
    for name in exports.names():
        export = exports.find(name)
        for column in (*export.columns, SIMULATED):
            writer.writerow([f"{name}.csv", column.name, column.type, column.meaning])
    return stream.getvalue()
