"""A figure as a file of its own: SVG for paper, with its source in words."""

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from radiorate.results.plots import Plot

STYLES = ("results/plots.css", "results/light.css")  # the later one has the last word
MARGIN = 24  # below the figure, for the line that says where it comes from


def svg(plot: Plot, name: str, source: str) -> str:
    """The picture on white, its style within."""
    height = plot.figure.height + MARGIN
    paper: dict[str, Any] = {
        "height": height,
        "source_y": height - 8,
        "source": source,
        "style": mark_safe("".join(style(each) for each in STYLES)),  # noqa: S308  (our own files)
    }
    return render_to_string(plot.template, {"figure": plot.figure, "id": name, "paper": paper})


def style(name: str) -> str:
    """A style sheet of ours. Raises LookupError."""
    path = finders.find(name)
    if not isinstance(path, str):
        raise LookupError(name)
    return Path(path).read_text()
