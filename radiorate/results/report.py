"""A report in one file: figures, tables and methods of an analysis; it asks no network and runs no script."""

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from radiorate.results import methods, pictures, plots, tables
from radiorate.results.plots import Source

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
            "plots": plots.make_all(source),
            "methods": methods.paragraphs(found),
            **tables.page(source),
        },
    )


def files(source: Source, provenance: str) -> Mapping[str, str]:
    """Every figure as SVG and its numbers as CSV, by name."""
    made = plots.make_all(source)
    drawn = {f"{name}.svg": pictures.svg(plot, name, provenance) for name, plot in made.items()}
    return drawn | {f"{name}.csv": plot.table.as_csv() for name, plot in made.items()}
