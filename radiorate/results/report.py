"""A report in one file: figures, tables and methods of an analysis; it asks no network and runs no script."""

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from radiorate.results import methods, pictures, plots, tables, wording
from radiorate.results.plots import Source

FIRST = ("flow", "difference", "accuracy", "distribution", "vgc", "roc", "defects")  # as they are read; then the rest
STYLES = ("base.css", "results/plots.css", "results/results.css")


def html(source: Source, title: str) -> str:
    """The page, light or dark as its reader's screen asks for, and light on paper."""
    found = source.found
    return render_to_string(
        "results/report.html",
        {
            "title": title,
            "found": found,
            "style": mark_safe("".join(map(pictures.style, STYLES))),  # noqa: S308  (our own files)
            "light": mark_safe(pictures.style("results/light.css")),  # noqa: S308
            "plots": dict(sorted(plots.make_all(source).items(), key=lambda plot: _place(plot[0]))),
            "agreement": tables.agreement(source),
            "agreement_note": wording.agreement(found["n"]["readers"]),
            "groups": tables.groups(source),
            "fewest_pairs": wording.FEWEST_PAIRS,
            "methods": methods.paragraphs(found),
            "notes": found["warnings"],
        },
    )


def _place(name: str) -> int:
    return FIRST.index(name) if name in FIRST else len(FIRST)


def files(source: Source, provenance: str) -> Mapping[str, str]:
    """Every figure as SVG and its numbers as CSV, by name."""
    made = plots.make_all(source)
    drawn = {f"{name}.svg": pictures.svg(plot, name, provenance) for name, plot in made.items()}
    return drawn | {f"{name}.csv": plot.table.as_csv() for name, plot in made.items()}
