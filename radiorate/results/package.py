"""What a study package holds beside its CSV files: design, protocol, analysis, figures, methods, exchange."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from radiorate.results import complete, dashboard, dictionary, exports, interchange, methods, report, summary
from radiorate.results.dataset import load
from radiorate.results.exports import SIMULATED
from radiorate.results.filters import Filters
from radiorate.studies import definition, protocol
from radiorate.studies.models import Study

README = """# {title}

{simulated}Study package written by radiorate {version}. Everything is of one moment.

| file | holds |
|---|---|
| *.csv | the data; data-dictionary.md and .csv say what each column holds, datapackage.json the same for programs |
| protocol.json | the whole design as it stood at opening; its SHA-256 is {hash} |
| study.toml | the design as a study file, without the readers |
| analysis.json | all numbers: what `manage.py analyse` prints of this package |
| report.html, figures/ | the figures and their numbers |
| methods.md | how the numbers were computed, with versions and seed |
| interchange/ | the readings as RJafroc, iMRMC and MRMCaov read them |
| SHA256SUMS | checksums: `sha256sum -c SHA256SUMS` |
"""


def as_json(found: dict[str, Any]) -> str:
    """An analysis as the command prints it and the package holds it."""
    return json.dumps(found, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def contents(study: Study) -> dict[str, bytes]:
    """The files by name, apart from the CSV exports; read from the database as it stands now."""
    ratings = load(study)
    found = complete.analyse(ratings)
    state = summary.summarise(study, found)
    source = dashboard.source_of(study, state)
    texts = {
        "README.md": README.format(
            title=study.title,
            simulated="SIMULATED: a program made these ratings, no person.\n\n" if study.simulated else "",
            version=found["version"],
            hash=study.protocol_hash,
        ),
        # In its canonical form, so that the file's checksum is the hash that stands for the protocol everywhere.
        "protocol.json": protocol.canonical(study.protocol or {}),
        "study.toml": definition.export(study, with_readers=False),
        "data-dictionary.md": dictionary.markdown(),
        "data-dictionary.csv": dictionary.table(),
        "analysis.json": as_json(found),
        "methods.md": methods.markdown(found),
        "report.html": report.html(source, study.title),
    }
    figures = report.files(source, dashboard.provenance(state, Filters()))
    texts |= {f"figures/{name}": text for name, text in figures.items()}
    files = {name: text.encode() for name, text in texts.items()}
    return files | {f"interchange/{name}": data for name, data in interchange.files(ratings).items()}


TYPES = {"text": "string", "integer": "integer", "number": "number", "time": "datetime"}


def descriptor(study: Study, names: Iterable[str], sizes: Mapping[str, int], digests: Mapping[str, str]) -> bytes:
    """datapackage.json: the CSV files for programs, after Frictionless' Data Package."""
    resources = []
    for name in names:
        export = exports.find(name)
        columns = [*export.columns, SIMULATED] if study.simulated else export.columns
        fields = [{"name": each.name, "type": TYPES[each.type], "description": each.meaning} for each in columns]
        resources.append(
            {
                "name": name,
                "path": f"{name}.csv",
                "profile": "tabular-data-resource",
                "description": f"One row is {export.row}.",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": sizes[f"{name}.csv"],
                "hash": f"sha256:{digests[f'{name}.csv']}",
                "schema": {"fields": fields, "missingValues": [""]},
            }
        )
    described = {
        "profile": "tabular-data-package",
        "name": study.slug,
        "title": study.title + (" (SIMULATED ratings)" if study.simulated else ""),
        "protocol_sha256": study.protocol_hash,
        "resources": resources,
    }
    return (json.dumps(described, indent=1, ensure_ascii=False) + "\n").encode()
